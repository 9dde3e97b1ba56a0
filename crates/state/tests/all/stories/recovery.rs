//! Stories of keys: changed, stolen, lost, and found again by two persons or by the members.

use expect_test::expect;
use gongxin_state::key;
use gongxin_test_support::{Person, Sandbox, cast, world};
use gongxin_types::action::OfficerChange;
use gongxin_types::evidence::EvidenceSlot;
use gongxin_types::officer::{Gift, Given, Recovery};
use gongxin_types::pending::PendingAct;
use gongxin_types::proposal::{Choice, Matter};
use gongxin_types::{Action, EvidenceId, Officer, OfficerId, OfficerKey, Role};

use super::{DAY_MS, approve, deputy, evidence, noun, opens, pend, votes, with_a_deputy, with_key};
use crate::support::{Story, both_suites, told};

fn new_key(sandbox: &Sandbox, person: &Person) -> OfficerKey {
    OfficerKey { from: sandbox.now(), ..world::key(person) }
}

fn recovery(sandbox: &Sandbox, person: &Person) -> Recovery {
    Recovery { officer: person.officer_id(), key: new_key(sandbox, person) }
}

fn officer(sandbox: &Sandbox, id: OfficerId) -> Officer {
    noun(sandbox, |page| key::of(key::Kind::Officer, &id, page))
}

fn passes(story: &mut Story<'_>, label: &str, matter: &Matter) {
    opens(story, "civil-affairs", label, matter);
    for organization in &cast::DEPARTMENTS[..3] {
        votes(story, organization, label, matter, Choice::For);
    }
}

/// From a lost key to an officer at work: a head stops the key, two persons give another, the officer goes on under the same
/// identifier with the same past, and the old key is refused for ever.
#[test]
fn from_a_lost_key_to_a_working_officer() {
    with_a_deputy(|sandbox| {
        let mut story = told(sandbox);
        let deputy = deputy(story.sandbox.suite);
        let lost = with_key(story.sandbox, story.sandbox.officer("housing", Role::CaseOfficer), "case-officer");
        let clerk = with_key(story.sandbox, &lost, "clerk's new key");
        let (id, old) = (lost.officer_id(), world::key(&lost));
        story.act_of(&lost, "clerk", "notarises", |sandbox| evidence(sandbox, "a"));
        story.act("housing", Role::Authority, "adds a key for the clerk", |sandbox| {
            Action::AddOfficerKey(id, new_key(sandbox, &clerk))
        });
        story.act("housing", Role::Authority, "revokes the clerk's keys", |_| Action::RevokeOfficerKeys(id));
        story.act("housing", Role::Authority, "revokes them again", |_| Action::RevokeOfficerKeys(id));
        story.act_of(&lost, "thief", "notarises", |sandbox| evidence(sandbox, "b"));
        story.act("housing", Role::Authority, "proposes to recover the clerk", |sandbox| {
            pend("clerk", PendingAct::RecoverOfficer(recovery(sandbox, &clerk)))
        });
        story.unknown(&clerk, "notarises before the approval", |sandbox| evidence(sandbox, "b"));
        story.act_of(&deputy, "deputy", "approves", |sandbox| approve(sandbox, "clerk"));
        story.act_of(&clerk, "clerk", "notarises with the new key", |sandbox| evidence(sandbox, "b"));
        story.act_of(&lost, "thief", "notarises with the old key", |sandbox| evidence(sandbox, "c"));
        story.act_of(&clerk, "clerk", "takes the old key up again", |_| Action::AddOfficerKey(id, old.clone()));
        story.act_of(&deputy, "deputy", "recovers the old key", |_| {
            pend("old", PendingAct::RecoverOfficer(Recovery { officer: id, key: old.clone() }))
        });
        let after = officer(story.sandbox, id);
        let head = story.sandbox.officer("housing", Role::Authority).officer_id();
        let [Given { gift: Gift::Key, by, second, time }] = after.given[..] else { panic!("{:?}", after.given) };
        assert_eq!((by, second), (head, Some(deputy.officer_id())));
        assert!(time > world::BEGINNING && after.keys[0].revoked.is_some() && after.keys[1].revoked.is_none());
        for document in ["a", "b"] {
            let digest = story.sandbox.suite.hash(&[document.as_bytes()]);
            let place = key::evidence(&EvidenceId::of(story.sandbox.suite, &lost.organization, &digest));
            let slot: EvidenceSlot =
                noun(story.sandbox, |page| if page == 0 { place } else { key::officer(&OfficerId::new([0; 16])) });
            assert_eq!(slot.officer, id, "one officer did both");
        }
        story.ends(expect![[r#"
            housing's clerk notarises: done, 1 page (officer-notarises-for-own-organization)
            housing's authority adds a key for the clerk: refused, policy
            housing's authority revokes the clerk's keys: done, 1 page (authority-keeps-own-officers)
            housing's authority revokes them again: refused, not-found
            housing's thief notarises: refused, invalid-key
            housing's authority proposes to recover the clerk: done (authority-keeps-own-officers authority-proposes-and-approves-acts-of-two)
            housing's newcomer notarises before the approval: not included: the signing key is not registered for this sender
            housing's deputy approves: done (authority-keeps-own-officers authority-proposes-and-approves-acts-of-two)
            housing's clerk notarises with the new key: done, 1 page (officer-notarises-for-own-organization)
            housing's thief notarises with the old key: refused, invalid-key
            housing's clerk takes the old key up again: refused, key-in-use
            housing's deputy recovers the old key: refused, key-in-use
        "#]]);
    });
}

/// Officers change their own keys alone: the old one signs for the new one, and then ends.
#[test]
fn a_key_is_rotated_by_its_officer() {
    both_suites(|sandbox| {
        let clerk = with_key(sandbox, sandbox.officer("housing", Role::CaseOfficer), "case-officer");
        let fresh = with_key(sandbox, &clerk, "fresh");
        let id = clerk.officer_id();
        let rotate =
            [Action::AddOfficerKey(id, new_key(sandbox, &fresh)), Action::RevokeOfficerKey(id, clerk.secret.public())];
        let transaction = sandbox.sign_whole(&clerk, rotate);
        let block = sandbox.block(vec![transaction]).unwrap();
        let refused = |result: &gongxin_types::ActionResult| result.receipt.decision.refusal;
        assert_eq!(block.receipts.transactions[0].actions.iter().filter_map(refused).next(), None);
        let mut story = told(sandbox);
        story.act_of(&clerk, "clerk", "signs with the old key", |sandbox| evidence(sandbox, "a"));
        story.act_of(&fresh, "clerk", "signs with the new key", |sandbox| evidence(sandbox, "a"));
        let given = officer(story.sandbox, id).given;
        assert!(given.is_empty(), "nobody gave it: {given:?}");
        story.ends(expect![[r#"
            housing's clerk signs with the old key: refused, invalid-key
            housing's clerk signs with the new key: done, 1 page (officer-notarises-for-own-organization)
        "#]]);
    });
}

/// Whoever stole a key and gave the officer another with it is stopped by one person with one act, and cannot turn the recovery
/// down; an officer whose key still signs can.
#[test]
fn a_thief_is_stopped_by_one() {
    with_a_deputy(|sandbox| {
        let mut story = told(sandbox);
        let deputy = deputy(story.sandbox.suite);
        let stolen = with_key(story.sandbox, story.sandbox.officer("housing", Role::CaseOfficer), "case-officer");
        let [second, found] = ["thief's key", "found"].map(|name| with_key(story.sandbox, &stolen, name));
        let id = stolen.officer_id();
        let recover = |label: &'static str| {
            let found = &found;
            move |sandbox: &Sandbox| pend(label, PendingAct::RecoverOfficer(recovery(sandbox, found)))
        };
        story.act_of(&stolen, "thief", "adds a key", |sandbox| Action::AddOfficerKey(id, new_key(sandbox, &second)));
        story.act("housing", Role::Authority, "proposes to recover the clerk", recover("first"));
        story.act_of(&second, "thief", "refuses it", |_| Action::WithdrawPending(super::pending_id("first")));
        story.act_of(&deputy, "deputy", "approves", |sandbox| approve(sandbox, "first"));
        story.act("housing", Role::Operator, "revokes all keys", |_| Action::RevokeOfficerKeys(id));
        story.act_of(&second, "thief", "adds another key", |sandbox| {
            Action::AddOfficerKey(id, new_key(sandbox, &found))
        });
        story.act("housing", Role::Authority, "proposes to recover the clerk", recover("second"));
        story.act_of(&second, "thief", "refuses it", |_| Action::WithdrawPending(super::pending_id("second")));
        story.act_of(&deputy, "deputy", "approves", |sandbox| approve(sandbox, "second"));
        story.act_of(&found, "clerk", "notarises", |sandbox| evidence(sandbox, "a"));
        story.ends(expect![[r#"
            housing's thief adds a key: done, 3 pages (officer-keeps-own-keys)
            housing's authority proposes to recover the clerk: done (authority-keeps-own-officers authority-proposes-and-approves-acts-of-two)
            housing's thief refuses it: done (officer-takes-back-or-objects)
            housing's deputy approves: refused, pending-ended
            housing's operator revokes all keys: done, 2 pages (operator-keeps-own-working-officers)
            housing's thief adds another key: refused, invalid-key
            housing's authority proposes to recover the clerk: done (authority-keeps-own-officers authority-proposes-and-approves-acts-of-two)
            housing's thief refuses it: refused, invalid-key
            housing's deputy approves: done (authority-keeps-own-officers authority-proposes-and-approves-acts-of-two)
            housing's clerk notarises: done, 1 page (officer-notarises-for-own-organization)
        "#]]);
    });
}

/// A head who lost the key gets another by vote of the members, whoever else heads the office: they may have lost theirs together.
/// A clerk does not, and an office with two heads gets no third, nor loses one: that is its own affair.
#[test]
fn a_head_is_recovered_by_vote() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let lost = with_key(story.sandbox, story.sandbox.officer("housing", Role::Authority), "authority");
        let head = with_key(story.sandbox, &lost, "head's new key");
        let clerk = with_key(story.sandbox, story.sandbox.officer("housing", Role::CaseOfficer), "clerk's new key");
        let matter = |person: &Person| Matter::Recovery(recovery(story.sandbox, person));
        let (of_head, of_clerk) = (matter(&head), matter(&clerk));
        story.act("housing", Role::Operator, "proposes to recover the head", |sandbox| {
            pend("head", PendingAct::RecoverOfficer(recovery(sandbox, &head)))
        });
        opens(&mut story, "civil-affairs", "the clerk's key", &of_clerk);
        passes(&mut story, "the head's key", &of_head);
        story.act_of(&head, "head", "votes with the new key", |sandbox| evidence(sandbox, "a"));
        story.act_of(&lost, "thief", "acts with the old key", |sandbox| evidence(sandbox, "b"));
        assert!(officer(story.sandbox, head.officer_id()).given.is_empty(), "what members give is nobody's gift");
        let another = with_key(story.sandbox, &head, "another");
        let second = Matter::Appointment(OfficerChange {
            id: clerk.officer_id(),
            roles: world::list([Role::CaseOfficer, Role::Authority]),
            until: None,
        });
        story.act_of(&head, "head", "makes the clerk a head alone", |_| {
            let roles = world::list([Role::CaseOfficer, Role::Authority]);
            Action::AmendOfficer(OfficerChange { id: clerk.officer_id(), roles, until: None })
        });
        passes(&mut story, "a second head", &second);
        story.wait(DAY_MS);
        story.act("housing", Role::CaseOfficer, "notarises as a second head", |sandbox| evidence(sandbox, "c"));
        let again = Matter::Recovery(recovery(story.sandbox, &another));
        passes(&mut story, "the head's key again", &again);
        story.act_of(&another, "head", "acts with the third key", |sandbox| evidence(sandbox, "d"));
        let third = Matter::Appointment(OfficerChange {
            id: story.sandbox.officer("housing", Role::DataSteward).officer_id(),
            roles: world::list([Role::DataSteward, Role::Authority]),
            until: None,
        });
        opens(&mut story, "civil-affairs", "a third head", &third);
        let no_head = Matter::Appointment(OfficerChange { id: head.officer_id(), roles: world::list([]), until: None });
        opens(&mut story, "civil-affairs", "no head", &no_head);
        story.ends(expect![[r#"
            housing's operator proposes to recover the head: refused, policy
            civil-affairs's authority proposes the clerk's key: refused, other-organization
            civil-affairs's authority proposes the head's key: done (authority-proposes)
            civil-affairs's authority votes for the head's key: done (authority-votes)
            public-security's authority votes for the head's key: done (authority-votes)
            social-security's authority votes for the head's key: done (authority-votes)
            housing's head votes with the new key: done, 1 page (officer-notarises-for-own-organization)
            housing's thief acts with the old key: refused, invalid-key
            housing's head makes the clerk a head alone: refused, four-eyes-required
            civil-affairs's authority proposes a second head: done (authority-proposes)
            civil-affairs's authority votes for a second head: done (authority-votes)
            public-security's authority votes for a second head: done (authority-votes)
            social-security's authority votes for a second head: done (authority-votes)
            1440 minutes pass
            housing's case-officer notarises as a second head: done, 1 page (officer-notarises-for-own-organization)
            civil-affairs's authority proposes the head's key again: done (authority-proposes)
            civil-affairs's authority votes for the head's key again: done (authority-votes)
            public-security's authority votes for the head's key again: done (authority-votes)
            social-security's authority votes for the head's key again: done (authority-votes)
            housing's head acts with the third key: done, 1 page (officer-notarises-for-own-organization)
            civil-affairs's authority proposes a third head: refused, other-organization
            civil-affairs's authority proposes no head: refused, other-organization
        "#]]);
    });
}

/// A supervisor's key is the members' affair, whoever heads the office: nobody there may speak with that voice.
#[test]
fn a_supervisor_is_recovered_by_vote() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let lost = with_key(story.sandbox, story.sandbox.officer(cast::SUPERVISOR, Role::Supervisor), "supervisor");
        let found = with_key(story.sandbox, &lost, "found");
        story.act(cast::SUPERVISOR, Role::Authority, "revokes the keys", |_| {
            Action::RevokeOfficerKeys(lost.officer_id())
        });
        story.act(cast::SUPERVISOR, Role::Authority, "proposes to recover the supervisor", |sandbox| {
            pend("supervisor", PendingAct::RecoverOfficer(recovery(sandbox, &found)))
        });
        let matter = Matter::Recovery(recovery(story.sandbox, &found));
        passes(&mut story, "the supervisor's key", &matter);
        story.act_of(&found, "supervisor", "notarises", |sandbox| evidence(sandbox, "a"));
        story.act_of(&lost, "thief", "notarises", |sandbox| evidence(sandbox, "b"));
        story.ends(expect![[r#"
            audit-office's authority revokes the keys: done, 1 page (authority-keeps-own-officers)
            audit-office's authority proposes to recover the supervisor: refused, vote-required
            civil-affairs's authority proposes the supervisor's key: done (authority-proposes)
            civil-affairs's authority votes for the supervisor's key: done (authority-votes)
            public-security's authority votes for the supervisor's key: done (authority-votes)
            social-security's authority votes for the supervisor's key: done (authority-votes)
            audit-office's supervisor notarises: done, 1 page (officer-notarises-for-own-organization)
            audit-office's thief notarises: refused, invalid-key
        "#]]);
    });
}
