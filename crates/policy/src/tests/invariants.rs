//! What must be allowed and what must be denied under any default set: the promises, apart from the matrix.

use std::collections::BTreeSet;

use expect_test::expect;
use gongxin_types::{
    ActionCode, Effect, OrganizationKind, Role, Time,
    proposal::MatterCode,
    resource::{Classification, SubjectKind},
};

use super::people::{ORDINARY, every_data, every_roles, gateway, officer, organization};
use crate::{
    CompiledSet, Context, DataFacts, Open, OrganizationFacts, Principal, Request, ResourceFacts, ResourceKind, Share,
    default_legal_bases, default_purposes, default_set, roles,
};

fn housing() -> OrganizationFacts {
    organization("housing", OrganizationKind::Department)
}

fn civil_affairs() -> OrganizationFacts {
    organization("civil-affairs", OrganizationKind::Department)
}

fn data_bureau() -> OrganizationFacts {
    organization("data-bureau", OrganizationKind::CompetentAuthority)
}

fn compiled() -> CompiledSet {
    CompiledSet::compile(&default_set()).unwrap()
}

fn ask(principal: Principal, action: ActionCode, resource: ResourceFacts) -> String {
    let verdict =
        compiled().decide(&Request { principal, action, resource, context: Context::at(Time::from_millis(1)) });
    let ids: Vec<&str> = verdict.policies.iter().map(|id| id.as_str()).collect();
    format!("{:?} by [{}]", verdict.effect, ids.join(", "))
}

fn of(action: ActionCode, owner: OrganizationFacts, data: DataFacts) -> ResourceFacts {
    ResourceFacts::data(ResourceKind::of(action).unwrap(), owner, data)
}

/// The demo's day: the steward of civil affairs writes and grants, housing reads, and who lacks the right is refused
/// by a rule with a name.
#[test]
fn the_main_job_is_allowed_and_its_abuse_is_not() {
    let steward = || officer([Role::DataSteward], &civil_affairs());
    let reader = || officer([Role::CaseOfficer], &housing());
    let ours = |action| of(action, civil_affairs(), ORDINARY);
    let withheld = DataFacts { share: Share::Withheld, ..ORDINARY };
    let lines = [
        ask(steward(), ActionCode::RecordCreate, ours(ActionCode::RecordCreate)),
        ask(steward(), ActionCode::GrantIssue, ours(ActionCode::GrantIssue)),
        ask(reader(), ActionCode::AccessRead, ours(ActionCode::AccessRead)),
        ask(reader(), ActionCode::AccessRead, of(ActionCode::AccessRead, civil_affairs(), withheld)),
        ask(reader(), ActionCode::RecordUpdate, ours(ActionCode::RecordUpdate)),
        ask(officer([Role::DataSteward], &housing()), ActionCode::RecordUpdate, ours(ActionCode::RecordUpdate)),
        ask(reader(), ActionCode::GrantIssue, ours(ActionCode::GrantIssue)),
        ask(gateway(&civil_affairs()), ActionCode::RecordCreate, ours(ActionCode::RecordCreate)),
        ask(officer([Role::Operator], &civil_affairs()), ActionCode::AccessRead, ours(ActionCode::AccessRead)),
    ];
    expect![[r"
        Allow by [steward-writes-own-records]
        Allow by [steward-keeps-own-grants]
        Allow by [case-officer-reads-shared-data]
        Deny by [withheld-data-is-not-read-by-others]
        Deny by [nobody-writes-records-of-others]
        Deny by [nobody-writes-records-of-others]
        Deny by []
        Deny by [gateways-carry-readings-and-alerts]
        Deny by []"]]
    .assert_eq(&lines.join("\n"));
}

/// A new organization can begin: it is admitted, gets its head, the head appoints the rest, and nobody skips a step.
#[test]
fn a_new_organization_can_begin() {
    let authority = |organization: &OrganizationFacts| officer([Role::Authority], organization);
    let appoint = |owner: OrganizationFacts, role| ResourceFacts::officer(owner, roles([role]), false);
    let admit = |kind| ResourceFacts::owned(ResourceKind::Organization, organization("new", kind));
    let lines = [
        ask(authority(&data_bureau()), ActionCode::OrganizationRegister, admit(OrganizationKind::Department)),
        ask(authority(&data_bureau()), ActionCode::OfficerRegister, appoint(housing(), Role::Authority)),
        ask(authority(&housing()), ActionCode::OfficerRegister, appoint(housing(), Role::DataSteward)),
        ask(
            officer([Role::Operator], &housing()),
            ActionCode::GatewayRegister,
            ResourceFacts::owned(ResourceKind::Gateway, housing()),
        ),
        ask(authority(&housing()), ActionCode::OrganizationRegister, admit(OrganizationKind::Department)),
        ask(authority(&data_bureau()), ActionCode::OrganizationRegister, admit(OrganizationKind::CompetentAuthority)),
        ask(authority(&data_bureau()), ActionCode::OfficerRegister, appoint(housing(), Role::DataSteward)),
        ask(officer([Role::Operator], &housing()), ActionCode::OfficerRegister, appoint(housing(), Role::Authority)),
    ];
    expect![[r"
        Allow by [competent-authority-admits-organizations]
        Allow by [competent-authority-installs-heads]
        Allow by [authority-keeps-own-officers]
        Allow by [operator-keeps-own-gateways]
        Deny by []
        Deny by []
        Deny by []
        Deny by []"]]
    .assert_eq(&lines.join("\n"));
}

/// Whatever roles an officer holds together: no record of another organization is written, nobody raises themselves,
/// no personal, important or withheld data becomes open to all, and withheld data stays at home.
#[test]
fn no_combination_of_roles_breaks_a_promise() {
    let set = compiled();
    let denied = |principal: &Principal, action, resource| {
        let request = Request { principal: principal.clone(), action, resource, context: Context::default() };
        assert_eq!(set.decide(&request).effect, Effect::Deny, "{request:?}");
    };
    for with in every_roles() {
        for here in [housing(), data_bureau()] {
            let principal = officer(with.iter().copied(), &here);
            for action in [ActionCode::RecordCreate, ActionCode::RecordUpdate, ActionCode::RecordDelete] {
                denied(&principal, action, of(action, civil_affairs(), ORDINARY));
            }
            for action in [ActionCode::OfficerAmend, ActionCode::OfficerDismiss] {
                denied(&principal, action, ResourceFacts::officer(here.clone(), with.clone(), true));
            }
            for data in every_data().into_iter().filter(|data| data.open == Open::Unconditional) {
                let secret = data.subjects == SubjectKind::Person
                    || data.share == Share::Withheld
                    || data.classification >= Classification::Important;
                if secret {
                    denied(
                        &principal,
                        ActionCode::ResourcePublish,
                        of(ActionCode::ResourcePublish, here.clone(), data),
                    );
                }
            }
            let withheld = DataFacts { share: Share::Withheld, ..ORDINARY };
            denied(&principal, ActionCode::AccessRead, of(ActionCode::AccessRead, civil_affairs(), withheld));
            denied(&principal, ActionCode::GrantIssue, of(ActionCode::GrantIssue, here.clone(), withheld));
        }
    }
}

/// An officer without any role keeps the own keys, and is allowed nothing else.
#[test]
fn without_a_role_nothing_is_allowed_but_own_keys() {
    let set = compiled();
    for action in ActionCode::ALL {
        let Some(kind) = ResourceKind::of(*action) else {
            continue;
        };
        let resource = match kind {
            ResourceKind::Officer => ResourceFacts::officer(housing(), roles([]), true),
            _ if kind.is_about_data() => ResourceFacts::data(kind, housing(), ORDINARY),
            ResourceKind::Proposal => ResourceFacts::proposal(housing(), MatterCode::Parameters),
            _ => ResourceFacts::owned(kind, housing()),
        };
        let request =
            Request { principal: officer([], &housing()), action: *action, resource, context: Context::default() };
        let own_keys =
            matches!(action, ActionCode::OfficerAddKey | ActionCode::OfficerRevokeKey | ActionCode::OfficerRevokeKeys);
        assert_eq!(set.decide(&request).effect == Effect::Allow, own_keys, "{}", action.code());
    }
}

/// Every default policy names a legal basis of the list, and says what it says in both languages; none reads the
/// context, so that every default decision can be remembered.
#[test]
fn default_policies_carry_their_law() {
    let (set, compiled) = (default_set(), compiled());
    let bases: BTreeSet<_> = default_legal_bases().iter().map(|basis| basis.code.clone()).collect();
    for policy in &set.policies {
        assert!(bases.contains(&policy.legal_basis), "`{}` under `{}`", policy.id, policy.legal_basis);
        assert!(
            policy.sentence.zh.as_str().ends_with('。') && policy.sentence.en.as_str().ends_with('.'),
            "`{}`",
            policy.id
        );
        assert!(
            policy.source.as_str().contains(&format!("@id(\"{}\")", policy.id)),
            "`{}` keeps its annotations",
            policy.id
        );
    }
    assert!(ActionCode::ALL.iter().all(|action| !compiled.reads_context(*action)));
    assert!(!default_purposes().is_empty());
    assert_eq!(default_set(), set);
}
