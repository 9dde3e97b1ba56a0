//! People and places that the tests share.

use gongxin_types::{
    GatewayId, OfficerId, OrganizationKind, Role,
    organization::Level,
    resource::{Classification, SubjectKind},
};

pub(super) use crate::invariants::space::every_roles;
use crate::{
    DataFacts, Open, OrganizationFacts, Principal, Request, Share,
    invariants::rows::{Row, classification_word, subjects_word, yes_or_no},
    roles,
    vocabulary::{CLASSIFICATIONS, SUBJECTS},
};

/// An organization of this kind, directly under the state.
pub(super) fn organization(id: &str, kind: OrganizationKind) -> OrganizationFacts {
    OrganizationFacts { id: id.parse().unwrap(), kind, level: Level::Prefecture, parent: None }
}

/// An organization that belongs to another.
pub(super) fn child(id: &str, kind: OrganizationKind, parent: &OrganizationFacts) -> OrganizationFacts {
    OrganizationFacts { parent: Some(parent.id.clone()), ..organization(id, kind) }
}

/// An officer with these roles.
pub(super) fn officer(with: impl IntoIterator<Item = Role>, organization: &OrganizationFacts) -> Principal {
    Principal::officer(OfficerId::new([7; 16]), roles(with), organization.clone())
}

/// A gateway.
pub(super) fn gateway(organization: &OrganizationFacts) -> Principal {
    Principal::gateway(GatewayId::new([9; 16]), organization.clone())
}

/// An ordinary catalogue entry: conditionally shared, closed, general, about nobody.
pub(super) const ORDINARY: DataFacts = DataFacts {
    share: Share::Conditional,
    open: Open::Closed,
    classification: Classification::General2,
    subjects: SubjectKind::None,
};

/// Every catalogue attribute in every combination.
pub(super) fn every_data() -> Vec<DataFacts> {
    let mut all = Vec::new();
    for share in Share::ALL {
        for open in Open::ALL {
            for classification in CLASSIFICATIONS {
                all.extend(SUBJECTS.map(|subjects| DataFacts { share: *share, open: *open, classification, subjects }));
            }
        }
    }
    all
}

/// Whether a row speaks of this request; the roles of the sender are not looked at.
pub(super) fn matches(row: &Row, request: &Request) -> bool {
    let (resource, data) = (&request.resource, request.resource.data.as_ref());
    row.relates(relation(request))
        && row.admits("sender", request.principal.organization.kind.code())
        && row.admits("owner", resource.owner.kind.code())
        && row.admits("self", yes_or_no(resource.is_self))
        && row.admits_all("only", resource.roles.iter().map(|role| role.code()))
        && data.is_none_or(|data| {
            row.admits("share", data.share.code())
                && row.admits("open", data.open.code())
                && row.admits("classification", classification_word(data.classification))
                && row.admits("subjects", subjects_word(data.subjects))
        })
}

/// Whose the noun is, seen from the sender: `own`, `child` (of an organization that belongs to the sender's), `other`.
fn relation(request: &Request) -> &'static str {
    let (sender, owner) = (&request.principal.organization, &request.resource.owner);
    match owner.parent.as_ref() {
        _ if owner.id == sender.id => "own",
        Some(parent) if *parent == sender.id => "child",
        _ => "other",
    }
}
