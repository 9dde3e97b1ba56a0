//! Stories of acts that take two: who the two may be, and what no single person can do.

use expect_test::expect;
use gongxin_policy::default_set;
use gongxin_test_support::{Person, Sandbox, cast, world};
use gongxin_types::action::OfficerChange;
use gongxin_types::officer::Recovery;
use gongxin_types::pending::{Approval, PendingAct, PendingStatus};
use gongxin_types::policy_set::{Policy, Source};
use gongxin_types::{
    Action, Bilingual, Genesis, OfficerId, OfficerKey, Organization, OrganizationKind, PolicySet, Role,
};

use super::{DAY_MS, approve, deputy, evidence, pend, pending, pending_id, with_a_deputy, with_key};
use crate::support::{both_suites, both_suites_with, told};

fn change(id: OfficerId, roles: &[Role]) -> OfficerChange {
    OfficerChange { id, roles: world::list(roles.to_vec()), until: None }
}

/// The steward of housing becomes a head too.
fn promotion(sandbox: &Sandbox) -> PendingAct {
    let steward = sandbox.officer("housing", Role::DataSteward).officer_id();
    PendingAct::AmendOfficer(change(steward, &[Role::DataSteward, Role::Authority]))
}

fn newcomer(sandbox: &Sandbox, organization: &str, name: &str, role: Role) -> Person {
    Person::new(sandbox.suite, sandbox.seed, organization, name, &[role])
}

/// One person with two keys is one person; nor is the one whom it is about the second, nor anyone who heads nothing. A second
/// person approves the act that was read, once.
#[test]
fn two_keys_are_not_two_persons() {
    with_a_deputy(|sandbox| {
        let mut story = told(sandbox);
        let deputy = deputy(story.sandbox.suite);
        let head = with_key(story.sandbox, story.sandbox.officer("housing", Role::Authority), "authority");
        let twin = with_key(story.sandbox, &head, "second key");
        let key = OfficerKey { from: story.sandbox.now(), ..world::key(&twin) };
        let id = head.officer_id();
        story.act_of(&head, "head", "adds a second key", |_| Action::AddOfficerKey(id, key.clone()));
        story.act_of(&head, "head", "makes the steward a head alone", |sandbox| match promotion(sandbox) {
            PendingAct::AmendOfficer(change) => Action::AmendOfficer(change),
            other => panic!("{other:?}"),
        });
        story.act_of(&head, "head", "proposes it", |sandbox| pend("steward", promotion(sandbox)));
        story.act_of(&head, "head", "proposes it twice", |sandbox| pend("steward", promotion(sandbox)));
        story.act_of(&head, "head", "approves it", |sandbox| approve(sandbox, "steward"));
        story.act_of(&twin, "head", "approves it with the second key", |sandbox| approve(sandbox, "steward"));
        story.act("housing", Role::Operator, "approves it", |sandbox| approve(sandbox, "steward"));
        story.act("civil-affairs", Role::Authority, "approves it", |sandbox| approve(sandbox, "steward"));
        story.act_of(&deputy, "deputy", "approves another act", |sandbox| {
            let act = PendingAct::AmendOfficer(change(id, &[Role::Authority])).digest(sandbox.suite);
            Action::ApprovePending(Approval { pending: pending_id("steward"), act })
        });
        story.act_of(&deputy, "deputy", "approves it", |sandbox| approve(sandbox, "steward"));
        story.act_of(&deputy, "deputy", "approves it again", |sandbox| approve(sandbox, "steward"));
        story.act_of(&head, "head", "takes it back", |_| Action::WithdrawPending(pending_id("steward")));
        story.act_of(&deputy, "deputy", "lets the head stay until tomorrow", |sandbox| {
            let until = Some(sandbox.now().plus_millis(DAY_MS));
            Action::AmendOfficer(OfficerChange { until, ..change(id, &[Role::Authority]) })
        });
        story.act_of(&deputy, "deputy", "proposes that the head stays for ever", |_| {
            pend("stay", PendingAct::AmendOfficer(change(id, &[Role::Authority])))
        });
        story.act_of(&head, "head", "approves the own stay", |sandbox| approve(sandbox, "stay"));
        let status = pending(story.sandbox, "steward").status;
        assert!(matches!(status, PendingStatus::Approved { officer, .. } if officer == deputy.officer_id()));
        story.ends(expect![[r#"
            housing's head adds a second key: done, 3 pages (officer-keeps-own-keys)
            housing's head makes the steward a head alone: refused, four-eyes-required
            housing's head proposes it: done (authority-keeps-own-officers authority-proposes-and-approves-acts-of-two)
            housing's head proposes it twice: refused, already-exists
            housing's head approves it: refused, same-person
            housing's head approves it with the second key: refused, same-person
            housing's operator approves it: refused, policy
            civil-affairs's authority approves it: refused, policy
            housing's deputy approves another act: refused, other-act
            housing's deputy approves it: done (authority-keeps-own-officers authority-proposes-and-approves-acts-of-two)
            housing's deputy approves it again: refused, pending-ended
            housing's head takes it back: refused, pending-ended
            housing's deputy lets the head stay until tomorrow: done, 2 pages (authority-keeps-own-officers)
            housing's deputy proposes that the head stays for ever: done (authority-keeps-own-officers authority-proposes-and-approves-acts-of-two)
            housing's head approves the own stay: refused, own-appointment
        "#]]);
    });
}

/// Whom one of the two admitted or gave a role is not the other of the two for thirty days, whichever proposes; and whoever has
/// just been recovered owes the key to both who did it.
#[test]
fn the_two_are_independent() {
    with_a_deputy(|sandbox| {
        let mut story = told(sandbox);
        let deputy = deputy(story.sandbox.suite);
        let carol = newcomer(story.sandbox, "housing", "carol", Role::Authority);
        story.act("housing", Role::Authority, "proposes a third head", |_| {
            pend("carol", PendingAct::RegisterOfficer(world::officer(&carol)))
        });
        story.act_of(&deputy, "deputy", "approves", |sandbox| approve(sandbox, "carol"));
        story.act("housing", Role::Authority, "proposes a promotion", |sandbox| pend("one", promotion(sandbox)));
        story.act_of(&carol, "carol", "approves", |sandbox| approve(sandbox, "one"));
        story.act_of(&carol, "carol", "proposes a promotion", |sandbox| pend("two", promotion(sandbox)));
        story.act_of(&deputy, "deputy", "approves", |sandbox| approve(sandbox, "two"));
        story.act(cast::AUTHORITY, Role::Authority, "approves", |sandbox| approve(sandbox, "two"));
        story.wait(30 * DAY_MS);
        let clerk = story.sandbox.officer("housing", Role::CaseOfficer).officer_id();
        let key = with_key(story.sandbox, story.sandbox.officer("housing", Role::CaseOfficer), "found");
        story.act("housing", Role::Authority, "proposes to recover the clerk", |sandbox| {
            let key = OfficerKey { from: sandbox.now(), ..world::key(&key) };
            pend("three", PendingAct::RecoverOfficer(Recovery { officer: clerk, key }))
        });
        story.act_of(&carol, "carol", "approves", |sandbox| approve(sandbox, "three"));
        let found = with_key(story.sandbox, &carol, "carol's new key");
        story.act("housing", Role::Authority, "proposes to recover carol", |sandbox| {
            let key = OfficerKey { from: sandbox.now(), ..world::key(&found) };
            pend("four", PendingAct::RecoverOfficer(Recovery { officer: carol.officer_id(), key }))
        });
        story.act_of(&deputy, "deputy", "approves", |sandbox| approve(sandbox, "four"));
        let own = with_key(story.sandbox, &carol, "carol's own key");
        story.act_of(&found, "carol", "changes the key", |sandbox| {
            Action::AddOfficerKey(found.officer_id(), OfficerKey { from: sandbox.now(), ..world::key(&own) })
        });
        let operator = story.sandbox.officer("housing", Role::Operator).officer_id();
        let promote = PendingAct::AmendOfficer(change(operator, &[Role::Authority, Role::Operator]));
        story.act("housing", Role::Authority, "proposes another promotion", |_| pend("five", promote.clone()));
        story.act_of(&own, "carol", "approves", |sandbox| approve(sandbox, "five"));
        story.ends(expect![[r#"
            housing's authority proposes a third head: done (authority-keeps-own-officers authority-proposes-and-approves-acts-of-two)
            housing's deputy approves: done (authority-keeps-own-officers authority-proposes-and-approves-acts-of-two)
            housing's authority proposes a promotion: done (authority-keeps-own-officers authority-proposes-and-approves-acts-of-two)
            housing's carol approves: refused, not-independent
            housing's carol proposes a promotion: done (authority-keeps-own-officers authority-proposes-and-approves-acts-of-two)
            housing's deputy approves: refused, not-independent
            data-bureau's authority approves: done (authority-keeps-own-officers competent-authority-is-a-second-pair-of-eyes)
            43200 minutes pass
            housing's authority proposes to recover the clerk: done (authority-keeps-own-officers authority-proposes-and-approves-acts-of-two)
            housing's carol approves: done (authority-keeps-own-officers authority-proposes-and-approves-acts-of-two)
            housing's authority proposes to recover carol: done (authority-keeps-own-officers authority-proposes-and-approves-acts-of-two)
            housing's deputy approves: done (authority-keeps-own-officers authority-proposes-and-approves-acts-of-two)
            housing's carol changes the key: done, 4 pages (officer-keeps-own-keys)
            housing's authority proposes another promotion: done (authority-keeps-own-officers authority-proposes-and-approves-acts-of-two)
            housing's carol approves: refused, not-independent
        "#]]);
    });
}

/// Whoever was just given the role to propose owes it to who gave it: another approves.
#[test]
fn a_role_is_owed_too() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let steward = story.sandbox.officer("housing", Role::DataSteward).officer_id();
        let found = with_key(story.sandbox, story.sandbox.officer("housing", Role::CaseOfficer), "found");
        story.act("housing", Role::Authority, "makes the steward an operator", |_| {
            Action::AmendOfficer(change(steward, &[Role::DataSteward, Role::Operator]))
        });
        story.act("housing", Role::DataSteward, "proposes to recover the clerk", |sandbox| {
            let key = OfficerKey { from: sandbox.now(), ..world::key(&found) };
            pend("clerk", PendingAct::RecoverOfficer(Recovery { officer: found.officer_id(), key }))
        });
        story.act("housing", Role::Authority, "approves", |sandbox| approve(sandbox, "clerk"));
        story.act(cast::AUTHORITY, Role::Authority, "approves", |sandbox| approve(sandbox, "clerk"));
        story.act_of(&found, "clerk", "notarises", |sandbox| evidence(sandbox, "a"));
        story.ends(expect![[r#"
            housing's authority makes the steward an operator: done, 1 page (authority-keeps-own-officers)
            housing's data-steward proposes to recover the clerk: done (operator-keeps-own-working-officers operator-proposes-acts-of-two)
            housing's authority approves: refused, not-independent
            data-bureau's authority approves: done (competent-authority-is-a-second-pair-of-eyes operator-keeps-own-working-officers)
            housing's clerk notarises: done, 1 page (officer-notarises-for-own-organization)
        "#]]);
    });
}

/// At the approval both are asked again: whose role, office or key ended meanwhile is no longer one of the two.
#[test]
fn both_are_asked_again() {
    with_a_deputy(|sandbox| {
        let mut story = told(sandbox);
        let deputy = deputy(story.sandbox.suite);
        let head = with_key(story.sandbox, story.sandbox.officer("housing", Role::Authority), "authority");
        let eve = newcomer(story.sandbox, "housing", "eve", Role::Operator);
        let clerk = with_key(story.sandbox, story.sandbox.officer("housing", Role::CaseOfficer), "found");
        let recover = |label: &'static str| {
            let clerk = &clerk;
            move |sandbox: &Sandbox| {
                let key = OfficerKey { from: sandbox.now(), ..world::key(clerk) };
                pend(label, PendingAct::RecoverOfficer(Recovery { officer: clerk.officer_id(), key }))
            }
        };
        let take_back = |label: &'static str| move |_: &Sandbox| Action::WithdrawPending(pending_id(label));
        story.act_of(&head, "head", "appoints eve", |_| Action::RegisterOfficer(world::officer(&eve)));
        story.act_of(&eve, "eve", "proposes to recover the clerk", recover("role"));
        story.act_of(&head, "head", "makes eve a clerk", |_| {
            Action::AmendOfficer(change(eve.officer_id(), &[Role::CaseOfficer]))
        });
        story.act_of(&deputy, "deputy", "approves", |sandbox| approve(sandbox, "role"));
        story.act_of(&eve, "eve", "takes it back", take_back("role"));

        story.act("housing", Role::Operator, "proposes it", recover("key"));
        let operator = story.sandbox.officer("housing", Role::Operator).officer_id();
        story.act_of(&head, "head", "revokes the operator's keys", |_| Action::RevokeOfficerKeys(operator));
        story.act_of(&deputy, "deputy", "approves", |sandbox| approve(sandbox, "key"));
        story.act_of(&deputy, "deputy", "turns it down", take_back("key"));
        story.act_of(&deputy, "deputy", "approves", |sandbox| approve(sandbox, "key"));

        story.act_of(&head, "head", "proposes it", recover("approver"));
        story.act("housing", Role::CaseOfficer, "refuses it", take_back("approver"));
        story.act_of(&head, "head", "proposes it again", recover("late"));
        story.act("housing", Role::DataSteward, "takes it back", take_back("late"));
        story.wait(7 * DAY_MS);
        story.act_of(&deputy, "deputy", "approves", |sandbox| approve(sandbox, "late"));
        story.act_of(&head, "head", "takes it back", take_back("late"));

        story.act_of(&head, "head", "proposes it once more", recover("gone"));
        story.act_of(&head, "head", "takes the role from the deputy", |_| {
            Action::AmendOfficer(change(deputy.officer_id(), &[Role::CaseOfficer]))
        });
        story.act_of(&deputy, "deputy", "approves", |sandbox| approve(sandbox, "gone"));
        story.act(cast::AUTHORITY, Role::Authority, "approves", |sandbox| approve(sandbox, "gone"));
        story.act_of(&clerk, "clerk", "notarises", |sandbox| evidence(sandbox, "a"));
        story.ends(expect![[r#"
            housing's head appoints eve: done, 3 pages (authority-keeps-own-officers)
            housing's eve proposes to recover the clerk: done (operator-keeps-own-working-officers operator-proposes-acts-of-two)
            housing's head makes eve a clerk: done, 2 pages (authority-keeps-own-officers)
            housing's deputy approves: refused, proposer-gone
            housing's eve takes it back: done (officer-takes-back-or-objects)
            housing's operator proposes it: done (operator-keeps-own-working-officers operator-proposes-acts-of-two)
            housing's head revokes the operator's keys: done, 1 page (authority-keeps-own-officers)
            housing's deputy approves: refused, proposer-gone
            housing's deputy turns it down: done (officer-takes-back-or-objects)
            housing's deputy approves: refused, pending-ended
            housing's head proposes it: done (authority-keeps-own-officers authority-proposes-and-approves-acts-of-two)
            housing's case-officer refuses it: done (officer-takes-back-or-objects)
            housing's head proposes it again: done (authority-keeps-own-officers authority-proposes-and-approves-acts-of-two)
            housing's data-steward takes it back: refused, authority-required
            10080 minutes pass
            housing's deputy approves: refused, pending-expired
            housing's head takes it back: refused, pending-expired
            housing's head proposes it once more: done (authority-keeps-own-officers authority-proposes-and-approves-acts-of-two)
            housing's head takes the role from the deputy: done, 2 pages (authority-keeps-own-officers)
            housing's deputy approves: refused, policy
            data-bureau's authority approves: done (authority-keeps-own-officers competent-authority-is-a-second-pair-of-eyes)
            housing's clerk notarises: done, 1 page (officer-notarises-for-own-organization)
        "#]]);
    });
}

/// A proposer who was dismissed proposes nothing any more, whoever approves.
#[test]
fn who_was_dismissed_proposes_nothing() {
    with_a_deputy(|sandbox| {
        let mut story = told(sandbox);
        let deputy = deputy(story.sandbox.suite);
        story.act_of(&deputy, "deputy", "proposes a promotion", |sandbox| pend("one", promotion(sandbox)));
        story.act("housing", Role::Authority, "dismisses the deputy", |_| Action::DismissOfficer(deputy.officer_id()));
        story.act("housing", Role::Authority, "approves", |sandbox| approve(sandbox, "one"));
        story.act(cast::AUTHORITY, Role::Authority, "approves", |sandbox| approve(sandbox, "one"));
        story.ends(expect![[r#"
            housing's deputy proposes a promotion: done (authority-keeps-own-officers authority-proposes-and-approves-acts-of-two)
            housing's authority dismisses the deputy: done, 2 pages (authority-keeps-own-officers)
            housing's authority approves: refused, proposer-gone
            data-bureau's authority approves: refused, proposer-gone
        "#]]);
    });
}

/// The competent authority gives a member that has none its first head, alone; it neither adds a second nor puts another in the
/// place of the first, unless a second person stands behind it, who is not the one it put there.
#[test]
fn the_first_head_is_the_last_given_alone() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let health = || world::organization("health", OrganizationKind::Department);
        let [head, puppet] = ["head", "puppet"].map(|name| newcomer(story.sandbox, "health", name, Role::Authority));
        story.act(cast::AUTHORITY, Role::Authority, "admits health", |_| Action::RegisterOrganization(health()));
        story.act(cast::AUTHORITY, Role::Authority, "installs a head", |_| {
            Action::RegisterOfficer(world::officer(&head))
        });
        story.act(cast::AUTHORITY, Role::Authority, "installs a puppet", |_| {
            Action::RegisterOfficer(world::officer(&puppet))
        });
        story.act_of(&head, "head", "appoints a puppet alone", |_| Action::RegisterOfficer(world::officer(&puppet)));
        let second = |label: &'static str| {
            let puppet = &puppet;
            move |_: &Sandbox| pend(label, PendingAct::RegisterOfficer(world::officer(puppet)))
        };
        story.act(cast::AUTHORITY, Role::Authority, "proposes the puppet", second("one"));
        story.act_of(&head, "head", "approves", |sandbox| approve(sandbox, "one"));
        story.act_of(&head, "head", "turns it down", |_| Action::WithdrawPending(pending_id("one")));
        story
            .act(cast::AUTHORITY, Role::Authority, "dismisses the head", |_| Action::DismissOfficer(head.officer_id()));
        story.act(cast::AUTHORITY, Role::Authority, "installs the puppet", |_| {
            Action::RegisterOfficer(world::officer(&puppet))
        });
        story.ends(expect![[r#"
            data-bureau's authority admits health: done, 1 page (competent-authority-admits-organizations)
            data-bureau's authority installs a head: done, 4 pages (competent-authority-installs-heads)
            data-bureau's authority installs a puppet: refused, four-eyes-required
            health's head appoints a puppet alone: refused, four-eyes-required
            data-bureau's authority proposes the puppet: done (competent-authority-installs-heads competent-authority-is-a-second-pair-of-eyes)
            health's head approves: refused, not-independent
            health's head turns it down: done (officer-takes-back-or-objects)
            data-bureau's authority dismisses the head: done, 3 pages (competent-authority-installs-heads)
            data-bureau's authority installs the puppet: refused, four-eyes-required
        "#]]);
    });
}

/// For a month the first head and whoever installed it are no two; after that a second head is given by both.
#[test]
fn a_member_grows_a_second_head() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let health = || world::organization("health", OrganizationKind::Department);
        let [head, second] = ["head", "second"].map(|name| newcomer(story.sandbox, "health", name, Role::Authority));
        story.act(cast::AUTHORITY, Role::Authority, "admits health", |_| Action::RegisterOrganization(health()));
        story.act(cast::AUTHORITY, Role::Authority, "installs a head", |_| {
            Action::RegisterOfficer(world::officer(&head))
        });
        story.wait(30 * DAY_MS);
        story.act_of(&head, "head", "proposes a second", |_| {
            pend("second", PendingAct::RegisterOfficer(world::officer(&second)))
        });
        story.act("housing", Role::Authority, "approves", |sandbox| approve(sandbox, "second"));
        story.act(cast::AUTHORITY, Role::Authority, "approves", |sandbox| approve(sandbox, "second"));
        story.act_of(&second, "second", "notarises", |sandbox| evidence(sandbox, "a"));
        story.ends(expect![[r#"
            data-bureau's authority admits health: done, 1 page (competent-authority-admits-organizations)
            data-bureau's authority installs a head: done, 4 pages (competent-authority-installs-heads)
            43200 minutes pass
            health's head proposes a second: done (authority-keeps-own-officers authority-proposes-and-approves-acts-of-two)
            housing's authority approves: refused, policy
            data-bureau's authority approves: done (authority-keeps-own-officers competent-authority-is-a-second-pair-of-eyes)
            health's second notarises: done, 1 page (officer-notarises-for-own-organization)
        "#]]);
    });
}

/// What waits in one office is bounded: a head turns something down, or it expires, and there is room again.
#[test]
fn what_waits_is_bounded() {
    both_suites(|sandbox| {
        for number in 0..16 {
            let head = sandbox.officer("housing", Role::Authority);
            let transaction = sandbox.sign(head, [pend(&format!("act {number}"), promotion(sandbox))]);
            assert_eq!(sandbox.act(transaction).decision.refusal, None, "act {number}");
        }
        let mut story = told(sandbox);
        let head = |label: &'static str| move |sandbox: &Sandbox| pend(label, promotion(sandbox));
        story.act("housing", Role::Authority, "proposes one more", head("more"));
        story.act("housing", Role::Authority, "turns one down", |_| Action::WithdrawPending(pending_id("act 3")));
        story.act("housing", Role::Authority, "proposes one more", head("more"));
        story.act("housing", Role::Authority, "proposes yet another", head("another"));
        story.wait(7 * DAY_MS);
        story.act("housing", Role::Authority, "proposes yet another", head("another"));
        story.ends(expect![[r#"
            housing's authority proposes one more: refused, too-many-pending
            housing's authority turns one down: done (officer-takes-back-or-objects)
            housing's authority proposes one more: done (authority-keeps-own-officers authority-proposes-and-approves-acts-of-two)
            housing's authority proposes yet another: refused, too-many-pending
            10080 minutes pass
            housing's authority proposes yet another: done (authority-keeps-own-officers authority-proposes-and-approves-acts-of-two)
        "#]]);
    });
}

/// Rules of access that allow everybody everything open none of it: what takes two takes two.
#[test]
fn rules_cannot_widen_it() {
    let widen = |genesis: &mut Genesis| {
        let set = default_set();
        let mut policies = set.policies.to_vec();
        policies.push(Policy {
            id: "zz-everything".parse().unwrap(),
            source: Source::new("permit (principal is Officer, action, resource);").unwrap(),
            legal_basis: "sharing-regulation".parse().unwrap(),
            sentence: Bilingual::new("不限。", "Anything.").unwrap(),
        });
        genesis.objects.policy_set = PolicySet { policies: world::list(policies), ..set };
    };
    both_suites_with(widen, |sandbox| {
        let mut story = told(sandbox);
        let clerk = with_key(story.sandbox, story.sandbox.officer("housing", Role::CaseOfficer), "found");
        let steward = story.sandbox.officer("housing", Role::DataSteward).officer_id();
        let key = OfficerKey { from: story.sandbox.now(), ..world::key(&clerk) };
        let recover = || PendingAct::RecoverOfficer(Recovery { officer: clerk.officer_id(), key: key.clone() });
        let boss = newcomer(story.sandbox, "housing", "boss", Role::Authority);
        story.act("housing", Role::Authority, "gives the clerk a key", |_| {
            Action::AddOfficerKey(clerk.officer_id(), key.clone())
        });
        story.act("housing", Role::Operator, "makes a boss", |_| Action::RegisterOfficer(world::officer(&boss)));
        story.act("housing", Role::Authority, "makes a boss", |_| Action::RegisterOfficer(world::officer(&boss)));
        story.act("housing", Role::Operator, "proposes a boss", |_| {
            pend("boss", PendingAct::RegisterOfficer(world::officer(&boss)))
        });
        story.act("housing", Role::Operator, "proposes to recover the clerk", |_| pend("clerk", recover()));
        let head = with_key(story.sandbox, story.sandbox.officer("housing", Role::Authority), "found");
        story.act("housing", Role::Operator, "proposes to recover the head", |sandbox| {
            let key = OfficerKey { from: sandbox.now(), ..world::key(&head) };
            pend("head", PendingAct::RecoverOfficer(Recovery { officer: head.officer_id(), key }))
        });
        story.act("housing", Role::Operator, "approves", |sandbox| approve(sandbox, "clerk"));
        story.act("housing", Role::DataSteward, "approves", |sandbox| approve(sandbox, "clerk"));
        story.act("civil-affairs", Role::Authority, "approves", |sandbox| approve(sandbox, "clerk"));
        story.act(cast::SUPERVISOR, Role::Authority, "approves", |sandbox| approve(sandbox, "clerk"));
        story.act("civil-affairs", Role::Authority, "turns it down", |_| Action::WithdrawPending(pending_id("clerk")));
        story.act("housing", Role::DataSteward, "turns it down", |_| Action::WithdrawPending(pending_id("clerk")));
        story.act(cast::AUTHORITY, Role::Authority, "proposes for housing", |_| {
            pend("steward", PendingAct::AmendOfficer(change(steward, &[Role::DataSteward, Role::Authority])))
        });
        let supervised = story.sandbox.officer(cast::SUPERVISOR, Role::Supervisor).officer_id();
        story.act(cast::AUTHORITY, Role::Authority, "revokes the supervisor's keys", |_| {
            Action::RevokeOfficerKeys(supervised)
        });
        story.act("housing", Role::Authority, "approves", |sandbox| approve(sandbox, "clerk"));
        story.ends(expect![[r#"
            housing's authority gives the clerk a key: refused, four-eyes-required
            housing's operator makes a boss: refused, authority-required
            housing's authority makes a boss: refused, four-eyes-required
            housing's operator proposes a boss: refused, authority-required
            housing's operator proposes to recover the clerk: done (operator-keeps-own-working-officers operator-proposes-acts-of-two zz-everything)
            housing's operator proposes to recover the head: refused, authority-required
            housing's operator approves: refused, same-person
            housing's data-steward approves: refused, authority-required
            civil-affairs's authority approves: refused, authority-required
            audit-office's authority approves: refused, authority-required
            civil-affairs's authority turns it down: refused, other-organization
            housing's data-steward turns it down: refused, authority-required
            data-bureau's authority proposes for housing: refused, vote-required
            data-bureau's authority revokes the supervisor's keys: refused, vote-required
            housing's authority approves: done (authority-proposes-and-approves-acts-of-two operator-keeps-own-working-officers zz-everything)
        "#]]);
    });
}

/// Of a member that was shut out nothing that waits takes effect.
#[test]
fn nothing_waits_for_who_was_shut_out() {
    both_suites_with(
        |genesis| {
            let mut organizations: Vec<Organization> = genesis.objects.organizations.to_vec();
            for organization in &mut organizations {
                if organization.id.as_str() == "housing" {
                    organization.expelled = Some(world::BEGINNING.plus_millis(1));
                }
            }
            genesis.objects.organizations = world::list(organizations);
        },
        |sandbox| {
            let mut story = told(sandbox);
            story.act("housing", Role::Authority, "proposes a promotion", |sandbox| pend("one", promotion(sandbox)));
            story.ends(expect![[r#"
                housing's authority proposes a promotion: refused, expelled
            "#]]);
        },
    );
}
