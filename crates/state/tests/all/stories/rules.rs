//! Stories of rules: what no policy set can permit, what none forgets, and what genesis must hold.

use expect_test::expect;
use gongxin_test_support::{Person, cast, world};
use gongxin_types::action::OfficerChange;
use gongxin_types::policy_set::{Policy, Source};
use gongxin_types::resource::SubjectKind;
use gongxin_types::{Action, Officer, OrganizationKind, PolicySet, Resource, Role};

use super::{DAY_MS, evidence};
use crate::support::{both_suites, both_suites_with, told};

/// Rules of access can only narrow what the fixed rules leave open: a set that permits everything does not.
#[test]
fn a_set_that_permits_everything_permits_little_more() {
    both_suites_with(
        |genesis| genesis.objects.policy_set = policy_set(&["permit (principal, action, resource);"]),
        |sandbox| {
            let mut story = told(sandbox);
            let (suite, seed) = (story.sandbox.suite, story.sandbox.seed);
            story.act("housing", Role::CaseOfficer, "writes records of others", |sandbox| {
                sandbox.batch([sandbox.create("310101", "黄浦区")])
            });
            story.act("housing", Role::CaseOfficer, "admits a member", |_| {
                Action::RegisterOrganization(world::organization("health", OrganizationKind::Department))
            });
            let own = story.sandbox.officer("housing", Role::CaseOfficer).officer_id();
            story.act("housing", Role::CaseOfficer, "ends the own appointment", move |_| Action::DismissOfficer(own));
            let roles = || world::list([Role::CaseOfficer, Role::Authority]);
            story.act("housing", Role::CaseOfficer, "takes a further role", move |_| {
                Action::AmendOfficer(OfficerChange { id: own, roles: roles(), until: None })
            });
            let spy = world::officer(&Person::new(suite, seed, "civil-affairs", "spy", &[Role::CaseOfficer]));
            story.act("housing", Role::CaseOfficer, "appoints a spy elsewhere", move |_| {
                Action::RegisterOfficer(spy.clone())
            });
            let grant = story.sandbox.grant("g", "housing", &["code"], story.sandbox.now().plus_millis(DAY_MS));
            let id = grant.id;
            story.act("housing", Role::CaseOfficer, "grants itself", {
                let grant = grant.clone();
                move |_| Action::IssueGrant(grant.clone())
            });
            story.act("civil-affairs", Role::CaseOfficer, "grants housing", move |_| Action::IssueGrant(grant.clone()));
            story.act("housing", Role::CaseOfficer, "revokes the grant", move |_| Action::RevokeGrant(id));
            let shared = world::divisions().id;
            story.act("housing", Role::CaseOfficer, "withdraws the divisions", move |_| {
                Action::WithdrawResource(shared.clone())
            });
            story.act_of_gateway("housing", "notarises on its own", |sandbox| evidence(sandbox, "a"));
            story.ends(expect![[r#"
                housing's case-officer writes records of others: refused, other-organization
                housing's case-officer admits a member: refused, other-organization
                housing's case-officer ends the own appointment: refused, own-appointment
                housing's case-officer takes a further role: refused, own-appointment
                housing's case-officer appoints a spy elsewhere: refused, other-organization
                housing's case-officer grants itself: refused, other-organization
                civil-affairs's case-officer grants housing: done, 1 page (rule-0)
                housing's case-officer revokes the grant: refused, other-organization
                housing's case-officer withdraws the divisions: refused, other-organization
                housing's gateway notarises on its own: refused, officer-required
            "#]]);
        },
    );
}

/// Without a rule nothing is allowed, not even to the competent authority.
#[test]
fn an_empty_set_permits_nothing() {
    both_suites_with(
        |genesis| genesis.objects.policy_set = policy_set(&[]),
        |sandbox| {
            let mut story = told(sandbox);
            story.act(cast::AUTHORITY, Role::Authority, "admits a member", |_| {
                Action::RegisterOrganization(world::organization("health", OrganizationKind::Department))
            });
            story.act("housing", Role::CaseOfficer, "notarises", |sandbox| evidence(sandbox, "a"));
            story.ends(expect![[r#"
                data-bureau's authority admits a member: refused, policy
                housing's case-officer notarises: refused, policy
            "#]]);
        },
    );
}

fn policy_set(sources: &[&str]) -> PolicySet {
    let policy = |(number, source): (usize, &&str)| Policy {
        id: format!("rule-{number}").parse().unwrap(),
        source: Source::new(source).unwrap(),
        legal_basis: "sharing-regulation".parse().unwrap(),
        sentence: world::text("a rule"),
    };
    let policies = world::list(sources.iter().enumerate().map(policy));
    PolicySet { policies, ..gongxin_policy::default_set() }
}

/// Genesis is checked by the same measure as what comes later.
#[test]
fn a_wrong_genesis_is_refused() {
    both_suites(|sandbox| {
        let check = |change: &dyn Fn(&mut gongxin_types::Genesis)| {
            let mut genesis = sandbox.genesis.clone();
            change(&mut genesis);
            genesis.head.objects = genesis.objects.digest(genesis.head.suite);
            gongxin_state::genesis(&genesis).map(|_| ()).map_err(|error| error.to_string())
        };
        assert_eq!(check(&|_| ()), Ok(()));
        let twice = check(&|genesis| genesis.objects.resources = world::list([world::divisions(), world::divisions()]));
        assert_eq!(twice, Err("the resource `civil-affairs/divisions` stands in genesis twice".into()));
        let persons = Resource { subjects: SubjectKind::Person, ..world::divisions() };
        let error = check(&move |genesis| genesis.objects.resources = world::list([persons.clone()])).unwrap_err();
        assert!(error.starts_with("the resource `civil-affairs/divisions` contradicts itself"), "{error}");
        let shared = check(&|genesis| {
            let mut officers: Vec<Officer> = genesis.objects.officers.to_vec();
            officers[1].keys = officers[0].keys.clone();
            genesis.objects.officers = world::list(officers);
        });
        assert!(shared.unwrap_err().ends_with("belongs to two officers or gateways"));
        let mut other = sandbox.genesis.clone();
        other.objects.parameters.release_lifetime_ms = 1;
        assert!(gongxin_state::genesis(&other).is_err(), "the head names other objects");
    });
}
