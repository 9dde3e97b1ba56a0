//! Stories of names and keys that wait for their owner while others decide.

use expect_test::expect;
use gongxin_test_support::{Person, Sandbox, cast, world};
use gongxin_types::officer::Recovery;
use gongxin_types::pending::PendingAct;
use gongxin_types::proposal::{Admission, Choice, Matter, ProposalStatus};
use gongxin_types::{Action, Officer, OfficerKey, Organization, OrganizationKind, Proposal, Role};

use super::{DAY_MS, evidence, noun, opens, pend, pending_id, proposal_id, votes};
use crate::support::{both_suites, told};

/// A member to come, its head, and the admission of both.
fn health(sandbox: &Sandbox) -> (Person, Organization, Matter) {
    let head = Person::new(sandbox.suite, sandbox.seed, "health", "head", &[Role::Authority]);
    let organization = world::organization("health", OrganizationKind::Department);
    let admission = Admission { organization: organization.clone(), head: world::officer(&head) };
    (head, organization, Matter::Admission(admission))
}

/// From the opening of an admission on nobody else takes the name of the member, the identifier of its head, or a key of it: it
/// takes effect whatever anyone tries meanwhile.
#[test]
fn an_admission_keeps_its_names() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let (suite, seed) = (story.sandbox.suite, story.sandbox.seed);
        let (head, organization, admission) = health(story.sandbox);
        opens(&mut story, "housing", "health", &admission);
        opens(&mut story, "civil-affairs", "health again", &admission);
        let register = |noun: Officer| move |_: &Sandbox| Action::RegisterOfficer(noun.clone());
        let eve = Person::new(suite, seed, "housing", "eve", &[Role::CaseOfficer]);
        let same_id = Officer { id: head.officer_id(), ..world::officer(&eve) };
        let same_key = Officer { keys: world::list([world::key(&head)]), ..world::officer(&eve) };
        story.act("housing", Role::Operator, "takes the head's identifier", register(same_id.clone()));
        story.act("housing", Role::Operator, "takes the head's key", register(same_key.clone()));
        story.act("housing", Role::CaseOfficer, "takes the head's key", |sandbox| {
            let key = OfficerKey { from: sandbox.now(), ..world::key(&head) };
            Action::AddOfficerKey(sandbox.officer("housing", Role::CaseOfficer).officer_id(), key)
        });
        let mut gateway = world::gateway(&Person::gateway(suite, seed, "housing", "second"), seed);
        gateway.keys = world::list([world::key(&head)]);
        story.act("housing", Role::Operator, "gives it to a gateway", |_| Action::RegisterGateway(gateway.clone()));
        story.act(cast::AUTHORITY, Role::Authority, "enters health", |_| {
            Action::RegisterOrganization(organization.clone())
        });
        story.act("housing", Role::Authority, "proposes a recovery with the key", |sandbox| {
            let officer = sandbox.officer("housing", Role::CaseOfficer).officer_id();
            let key = OfficerKey { from: sandbox.now(), ..world::key(&head) };
            pend("clerk", PendingAct::RecoverOfficer(Recovery { officer, key }))
        });
        for organization in &cast::DEPARTMENTS[..3] {
            votes(&mut story, organization, "health", &admission, Choice::For);
        }
        story.act_of(&head, "head", "notarises", |sandbox| evidence(sandbox, "a"));
        let proposal: Proposal = noun(story.sandbox, |page| {
            gongxin_state::key::of(gongxin_state::key::Kind::Proposal, &proposal_id("health"), page)
        });
        assert!(matches!(proposal.status, ProposalStatus::InForce { .. }));
        story.ends(expect![[r#"
            housing's authority proposes health: done (authority-proposes)
            civil-affairs's authority proposes health again: refused, reserved
            housing's operator takes the head's identifier: refused, reserved
            housing's operator takes the head's key: refused, reserved
            housing's case-officer takes the head's key: refused, reserved
            housing's operator gives it to a gateway: refused, reserved
            data-bureau's authority enters health: refused, reserved
            housing's authority proposes a recovery with the key: refused, reserved
            civil-affairs's authority votes for health: done (authority-votes)
            public-security's authority votes for health: done (authority-votes)
            social-security's authority votes for health: done (authority-votes)
            health's head notarises: done, 1 page (officer-notarises-for-own-organization)
        "#]]);
    });
}

/// What was kept for a proposal that failed, or for an act that nobody approved, is anybody's again.
#[test]
fn what_ended_keeps_nothing() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let (suite, seed) = (story.sandbox.suite, story.sandbox.seed);
        let (head, organization, admission) = health(story.sandbox);
        opens(&mut story, "housing", "health", &admission);
        for organization in &cast::DEPARTMENTS[..2] {
            votes(&mut story, organization, "health", &admission, Choice::Against);
        }
        opens(&mut story, "housing", "health again", &admission);
        story.wait(14 * DAY_MS);
        story.act(cast::AUTHORITY, Role::Authority, "enters health", |_| {
            Action::RegisterOrganization(organization.clone())
        });
        story.act(cast::AUTHORITY, Role::Authority, "installs the head", |_| {
            Action::RegisterOfficer(world::officer(&head))
        });
        let boss = Person::new(suite, seed, "housing", "boss", &[Role::Authority]);
        let clerk = Person::new(suite, seed, "housing", "boss", &[Role::CaseOfficer]);
        story.act("housing", Role::Authority, "proposes a boss", |_| {
            pend("boss", PendingAct::RegisterOfficer(world::officer(&boss)))
        });
        story.act("housing", Role::Operator, "registers the same as a clerk", |_| {
            Action::RegisterOfficer(world::officer(&clerk))
        });
        story.act("housing", Role::Authority, "takes the boss back", |_| Action::WithdrawPending(pending_id("boss")));
        story.act("housing", Role::Operator, "registers the same as a clerk", |_| {
            Action::RegisterOfficer(world::officer(&clerk))
        });
        story.ends(expect![[r#"
            housing's authority proposes health: done (authority-proposes)
            civil-affairs's authority votes against health: done (authority-votes)
            public-security's authority votes against health: done (authority-votes)
            housing's authority proposes health again: done (authority-proposes)
            20160 minutes pass
            data-bureau's authority enters health: done, 1 page (competent-authority-admits-organizations)
            data-bureau's authority installs the head: done, 4 pages (competent-authority-installs-heads)
            housing's authority proposes a boss: done (authority-keeps-own-officers authority-proposes-and-approves-acts-of-two)
            housing's operator registers the same as a clerk: refused, reserved
            housing's authority takes the boss back: done (officer-takes-back-or-objects)
            housing's operator registers the same as a clerk: done, 3 pages (operator-keeps-own-working-officers)
        "#]]);
    });
}
