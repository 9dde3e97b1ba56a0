//! Random policies and requests: few enough different words that they often meet.

use gongxin_types::{
    ActionCode, Bilingual, List, OfficerId, OrganizationKind, PolicySet, Role, Time,
    policy_set::{Policy, Source},
    proposal::MatterCode,
    resource::{Classification, SubjectKind},
};
use proptest::prelude::*;

use super::people::{child, organization};
use crate::{
    CompiledSet, Context, DataFacts, Open, OrganizationFacts, Principal, PrincipalKind, Request, ResourceFacts,
    ResourceKind, SCHEMA, Share, roles,
};

/// A policy of this text.
pub(super) fn policy(id: &str, source: &str) -> Policy {
    Policy {
        id: id.parse().unwrap(),
        source: Source::new(source).unwrap(),
        legal_basis: "sharing-regulation".parse().unwrap(),
        sentence: Bilingual::new("规则", "A rule").unwrap(),
    }
}

/// A set of these texts, named `p000`, `p001`, ….
pub(super) fn set_of<'a>(sources: impl IntoIterator<Item = &'a str>) -> PolicySet {
    let policies =
        sources.into_iter().enumerate().map(|(place, source)| policy(&format!("p{place:03}"), source)).collect();
    PolicySet { version: 1, revision: 1, schema: Source::new(SCHEMA).unwrap(), policies: List::new(policies).unwrap() }
}

fn scope() -> impl Strategy<Value = String> {
    let principal = prop::sample::select(vec![
        "principal",
        "principal is Officer",
        "principal is Gateway",
        "principal in Role::\"data-steward\"",
        "principal in Role::\"case-officer\"",
        "principal in Organization::\"here\"",
        "principal in Organization::\"above\"",
    ]);
    let action = prop::sample::select(vec![
        "action",
        "action == Action::\"access.read\"",
        "action == Action::\"officer.amend\"",
        "action in [Action::\"access.read\", Action::\"duty.amend\"]",
        "action in [Action::\"duty.amend\", Action::\"officer.amend\", Action::\"evidence.notarise\"]",
    ]);
    (principal, action).prop_map(|(principal, action)| format!("({principal}, {action}, resource)"))
}

fn condition() -> impl Strategy<Value = String> {
    let one = prop::sample::select(vec![
        "resource.owner == principal.organization",
        "resource.owner != principal.organization",
        "resource.owner in principal.organization",
        "principal.organization.kind == OrganizationKind::\"department\"",
        "resource.owner.level == Level::\"county\"",
        "!(resource has share && resource.share == Share::\"withheld\")",
        "resource has share && resource.share == Share::\"conditional\"",
        "!(resource has is_self && resource.is_self)",
        "resource has is_self && resource.is_self",
        "resource.owner in Organization::\"above\"",
        "Organization::\"there\" in principal.organization",
        "principal.organization in resource.owner",
        "principal.organization.kind == resource.owner.kind",
        "principal.organization.level == resource.owner.level",
        // Fails where neither is the firm.
        "Organization::\"there\".kind == OrganizationKind::\"firm\"",
        "resource has roles && principal in resource.roles",
        "principal is Officer && principal in Role::\"data-steward\"",
        "!(resource has roles && resource.roles.contains(Role::\"authority\"))",
        "context.time < 2",
        "!(context has purpose) || context.purpose == \"correction\"",
        "context has reader && context.reader like \"h*\"",
        // Overflows, and thereby fails, from the third millisecond on.
        "context.time * 4611686018427387904 >= 0",
        "true",
    ]);
    let word = prop::sample::select(vec!["when", "unless"]);
    let pair = (word, one.clone(), one, any::<bool>());
    pair.prop_map(|(word, one, other, both)| {
        format!("{word} {{ ({one}) {} ({other}) }}", if both { "&&" } else { "||" })
    })
}

fn source() -> impl Strategy<Value = String> {
    let effect = prop::sample::select(vec!["permit", "permit", "forbid"]);
    (effect, scope(), prop::collection::vec(condition(), 0..3))
        .prop_map(|(effect, scope, conditions)| format!("{effect} {scope} {};", conditions.join(" ")))
        // Some combinations can never match, and such a policy is refused.
        .prop_filter("can match", |source| CompiledSet::compile(&set_of([source.as_str()])).is_ok())
}

/// Sets of a few policies that compile.
pub(super) fn policy_set() -> impl Strategy<Value = PolicySet> {
    prop::collection::vec(source(), 0..6).prop_map(|sources| set_of(sources.iter().map(String::as_str)))
}

fn place() -> impl Strategy<Value = OrganizationFacts> {
    let above = organization("above", OrganizationKind::CompetentAuthority);
    prop::sample::select(vec![
        child("here", OrganizationKind::Department, &above),
        child("there", OrganizationKind::Firm, &organization("here", OrganizationKind::Department)),
        above,
    ])
}

fn some_roles() -> impl Strategy<Value = crate::Roles> {
    prop::collection::vec(prop::sample::select(Role::ALL.to_vec()), 0..3).prop_map(roles)
}

/// What else the rules may ask.
pub(super) fn context() -> impl Strategy<Value = Context> {
    let word = |words: &[&'static str]| prop::option::of(prop::sample::select(words.to_vec()));
    (0_u64..4, word(&["correction", "statistics"]), word(&["here", "there"]), prop::option::of(0_u64..3)).prop_map(
        |(time, purpose, reader, until)| Context {
            time: Time::from_millis(time),
            purpose: purpose.map(|code| code.parse().unwrap()),
            legal_basis: None,
            reader: reader.map(|id| id.parse().unwrap()),
            until: until.map(Time::from_millis),
        },
    )
}

/// Requests about four kinds of nouns.
pub(super) fn request() -> impl Strategy<Value = Request> {
    let acts = [ActionCode::AccessRead, ActionCode::DutyAmend, ActionCode::OfficerAmend, ActionCode::EvidenceNotarise];
    let sender = (any::<bool>(), 0_u8..3, some_roles(), place());
    let noun = (place(), prop::sample::select(Share::ALL), some_roles(), any::<bool>());
    (prop::sample::select(acts.to_vec()), sender, noun, context()).prop_map(
        |(action, (is_officer, id, with, organization), (owner, share, touched, is_self), context)| {
            let principal = match is_officer {
                true => Principal::officer(OfficerId::new([id; 16]), with, organization),
                false => Principal {
                    kind: PrincipalKind::Gateway,
                    ..Principal::officer(OfficerId::new([id; 16]), roles([]), organization)
                },
            };
            let data = DataFacts {
                share,
                open: Open::Closed,
                classification: Classification::General1,
                subjects: SubjectKind::None,
            };
            let resource = match ResourceKind::of(action).unwrap() {
                ResourceKind::Officer => ResourceFacts::officer(owner, touched, is_self),
                kind if kind.is_about_data() => ResourceFacts::data(kind, owner, data),
                ResourceKind::Proposal => ResourceFacts::proposal(owner, MatterCode::Expulsion),
                kind => ResourceFacts::owned(kind, owner),
            };
            Request { principal, action, resource, context }
        },
    )
}
