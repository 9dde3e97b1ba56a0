//! The facts of every request fit the schema, and the schema has no act or fact that nobody supplies.

use cedar_policy as cedar;
use gongxin_types::{ActionCode, OrganizationKind, Role, Time, organization::Level, proposal::MatterCode};

use super::people::{every_data, gateway, officer, organization};
use crate::{
    Context, OrganizationFacts, Principal, Request, ResourceFacts, ResourceKind, SCHEMA, roles,
    vocabulary::{LEVELS, Vocabulary},
};

fn contexts() -> [Context; 2] {
    let time = Time::from_millis(1);
    let full = Context {
        time,
        purpose: Some("correction".parse().unwrap()),
        legal_basis: Some("a-law".parse().unwrap()),
        reader: Some("there".parse().unwrap()),
        until: Some(time),
    };
    [Context::at(time), full]
}

fn owners() -> impl Iterator<Item = OrganizationFacts> {
    OrganizationKind::ALL.into_iter().zip(LEVELS.into_iter().cycle()).map(|(kind, level)| OrganizationFacts {
        level,
        parent: (level != Level::State).then(|| "above".parse().unwrap()),
        ..organization("there", kind)
    })
}

fn resources(kind: ResourceKind, owner: &OrganizationFacts) -> Vec<ResourceFacts> {
    match kind {
        ResourceKind::Officer => vec![
            ResourceFacts::officer(owner.clone(), roles(Role::ALL), false),
            ResourceFacts::officer(owner.clone(), roles([]), true),
        ],
        _ if kind.is_about_data() => {
            every_data().into_iter().map(|data| ResourceFacts::data(kind, owner.clone(), data)).collect()
        }
        ResourceKind::Proposal => {
            MatterCode::ALL.iter().map(|matter| ResourceFacts::proposal(owner.clone(), *matter)).collect()
        }
        _ => vec![ResourceFacts::owned(kind, owner.clone())],
    }
}

/// Every act, by officer and gateway, with every code there is, fits the schema.
#[test]
fn every_fact_fits_the_schema() {
    let (schema, _) = cedar::Schema::from_cedarschema_str(SCHEMA).unwrap();
    let vocabulary = Vocabulary::new().unwrap();
    let here = organization("here", OrganizationKind::Department);
    let principals: [Principal; 2] = [officer(Role::ALL, &here), gateway(&here)];
    for action in ActionCode::ALL {
        let Some(kind) = ResourceKind::of(*action) else {
            continue;
        };
        for resource in owners().flat_map(|owner| resources(kind, &owner)) {
            for (principal, context) in principals.iter().zip(contexts()) {
                let (principal, resource) = (principal.clone(), resource.clone());
                let request = Request { principal, action: *action, resource, context };
                assert!(vocabulary.question(&request, Some(&schema)).is_some(), "{request:?}");
            }
        }
    }
    assert_eq!(schema.actions().count(), ActionCode::ALL.len() - 1, "an act of the schema that no action has");
}
