//! Stories of people, members and their gateways.

use expect_test::expect;
use gongxin_test_support::{Person, cast, world};
use gongxin_types::action::OfficerChange;
use gongxin_types::{Action, Officer, OfficerKey, Organization, OrganizationKind, Refusal, Role};

use super::evidence;
use crate::support::{both_suites, told};

/// People come, change keys and go; nobody appoints themselves.
#[test]
fn officers_come_and_go() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let (suite, seed) = (story.sandbox.suite, story.sandbox.seed);
        let eve = Person::new(suite, seed, "housing", "eve", &[Role::CaseOfficer]);
        let noun = Officer { admitted_by: None, ..world::officer(&eve) };
        let id = eve.officer_id();
        story.unknown(&eve, "notarises before her appointment", |sandbox| evidence(sandbox, "a"));
        let appoint = noun.clone();
        story.act("housing", Role::CaseOfficer, "appoints eve without the role", {
            let appoint = appoint.clone();
            move |_| Action::RegisterOfficer(appoint.clone())
        });
        story.act("housing", Role::Operator, "appoints eve", {
            let appoint = appoint.clone();
            move |_| Action::RegisterOfficer(appoint.clone())
        });
        story.act("housing", Role::Operator, "appoints eve twice", move |_| Action::RegisterOfficer(appoint.clone()));
        story.act_as(&eve, "notarises", |sandbox| evidence(sandbox, "a"));
        let new = Person::new(suite, seed, "housing", "eve's new key", &[]);
        let key = OfficerKey { from: story.sandbox.now(), ..world::key(&new) };
        let taken = world::key(story.sandbox.officer("civil-affairs", Role::CaseOfficer));
        story.act_as(&eve, "adds a key", move |_| Action::AddOfficerKey(id, key.clone()));
        story.act_as(&eve, "adds another person's key", move |_| Action::AddOfficerKey(id, taken.clone()));
        let old = eve.secret.public();
        story.act_as(&eve, "revokes the old key", move |_| Action::RevokeOfficerKey(id, old));
        story.act_as(&eve, "signs with the old key", |sandbox| evidence(sandbox, "b"));
        let eve = Person { secret: new.secret, ..eve };
        story.act_as(&eve, "signs with the new key", |sandbox| evidence(sandbox, "b"));
        story.act("housing", Role::Authority, "makes eve a steward", move |_| {
            let roles = world::list([Role::CaseOfficer, Role::DataSteward]);
            Action::AmendOfficer(OfficerChange { id, roles, until: None })
        });
        let own = story.sandbox.officer("housing", Role::Authority).officer_id();
        story.act("housing", Role::Authority, "ends the own appointment", move |_| Action::DismissOfficer(own));
        story.act("housing", Role::Authority, "dismisses eve", move |_| Action::DismissOfficer(id));
        story.act_as(&eve, "notarises after her dismissal", |sandbox| evidence(sandbox, "c"));
        story.act("housing", Role::Authority, "dismisses eve again", move |_| Action::DismissOfficer(id));
        story.ends(expect![[r#"
            housing's newcomer notarises before her appointment: not included: the signing key is not registered for this sender
            housing's case-officer appoints eve without the role: refused, policy
            housing's operator appoints eve: done, 3 pages (operator-keeps-own-working-officers)
            housing's operator appoints eve twice: refused, already-exists
            housing's newcomer notarises: done, 1 page (officer-notarises-for-own-organization)
            housing's newcomer adds a key: done, 3 pages (officer-keeps-own-keys)
            housing's newcomer adds another person's key: refused, key-in-use
            housing's newcomer revokes the old key: done, 2 pages (officer-keeps-own-keys)
            housing's newcomer signs with the old key: refused, invalid-key
            housing's newcomer signs with the new key: done, 1 page (officer-notarises-for-own-organization)
            housing's authority makes eve a steward: done, 2 pages (authority-keeps-own-officers)
            housing's authority ends the own appointment: refused, policy (nobody-changes-own-appointment)
            housing's authority dismisses eve: done, 2 pages (authority-keeps-own-officers)
            housing's newcomer notarises after her dismissal: refused, unknown-sender
            housing's authority dismisses eve again: refused, not-found
        "#]]);
    });
}

/// A member is admitted by the competent authority, which installs its first people; it then keeps its own gateway.
#[test]
fn a_member_is_admitted() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let (suite, seed) = (story.sandbox.suite, story.sandbox.seed);
        let health = || world::organization("health", OrganizationKind::Department);
        story.act("housing", Role::Authority, "admits health", move |_| Action::RegisterOrganization(health()));
        story.act(cast::AUTHORITY, Role::Authority, "admits health", move |_| Action::RegisterOrganization(health()));
        let operator = Person::new(suite, seed, "health", "operator", &[Role::Operator]);
        let noun = world::officer(&operator);
        story.act(cast::AUTHORITY, Role::Authority, "installs an operator", move |_| {
            Action::RegisterOfficer(noun.clone())
        });
        let gateway = Person::gateway(suite, seed, "health", "gateway");
        let noun = world::gateway(&gateway, seed);
        let stolen = world::gateway(&Person::gateway(suite, seed, "housing", "second"), seed);
        story.act_as(&operator, "registers a gateway", {
            let noun = noun.clone();
            move |_| Action::RegisterGateway(noun.clone())
        });
        story.act_as(&operator, "registers one for housing", move |_| Action::RegisterGateway(stolen.clone()));
        let fresh = Person::gateway(suite, seed, "health", "fresh key");
        let mut rotated = noun.clone();
        rotated.keys = world::list([world::key(&fresh)]);
        story.act_as(&operator, "rotates its key", {
            let rotated = rotated.clone();
            move |_| Action::AmendGateway(rotated.clone())
        });
        story.act_as(&operator, "takes the dropped key up again", move |_| Action::AmendGateway(noun.clone()));
        let id = gateway.gateway_id();
        story.act_as(&operator, "revokes the gateway", move |_| Action::RevokeGateway(id));
        story.act_as(&operator, "changes what is revoked", move |_| Action::AmendGateway(rotated.clone()));
        story.ends(expect![[r#"
            housing's authority admits health: refused, policy
            data-bureau's authority admits health: done, 1 page (competent-authority-admits-organizations)
            data-bureau's authority installs an operator: done, 3 pages (competent-authority-installs-heads)
            health's newcomer registers a gateway: done, 3 pages (operator-keeps-own-gateways)
            health's newcomer registers one for housing: refused, policy
            health's newcomer rotates its key: done, 2 pages (operator-keeps-own-gateways)
            health's newcomer takes the dropped key up again: refused, key-in-use
            health's newcomer revokes the gateway: done, 2 pages (operator-keeps-own-gateways)
            health's newcomer changes what is revoked: refused, not-found
        "#]]);
    });
}

/// Who revokes the key they sign with has acted for the last time, in the same transaction already.
#[test]
fn a_revoked_key_does_not_finish_its_transaction() {
    both_suites(|sandbox| {
        let clerk = sandbox.officer("housing", Role::CaseOfficer);
        let revoke = Action::RevokeOfficerKey(clerk.officer_id(), clerk.secret.public());
        let transaction = sandbox.sign(clerk, [evidence(sandbox, "a"), revoke, evidence(sandbox, "b")]);
        let (executed, _) = sandbox.execute(sandbox.now(), &[transaction]).unwrap();
        let actions = executed.receipts.transactions[0].actions.iter();
        let refusals: Vec<_> = actions.map(|result| result.receipt.decision.refusal).collect();
        assert_eq!(refusals, [None, None, Some(Refusal::InvalidKey)]);
    });
}

/// Nobody belongs to whoever belongs to them: the rules would deny every act between the two.
#[test]
fn two_do_not_belong_to_each_other() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let below = |id: &str, parent: &str| Organization {
            parent: Some(parent.parse().unwrap()),
            ..world::organization(id, OrganizationKind::Department)
        };
        for (member, parent) in [("housing", "civil-affairs"), ("civil-affairs", "housing"), ("housing", "housing")] {
            story.act(cast::AUTHORITY, Role::Authority, &format!("puts {member} below {parent}"), |_| {
                Action::AmendOrganization(below(member, parent))
            });
        }
        story.ends(expect![[r#"
            data-bureau's authority puts housing below civil-affairs: done, 1 page (competent-authority-amends-organizations)
            data-bureau's authority puts civil-affairs below housing: refused, malformed
            data-bureau's authority puts housing below housing: refused, malformed
        "#]]);
    });
}
