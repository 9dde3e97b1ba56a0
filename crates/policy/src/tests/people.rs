//! People and places that the tests share.

use gongxin_types::{
    GatewayId, OfficerId, OrganizationKind, Role,
    organization::Level,
    resource::{Classification, SubjectKind},
};

use crate::{DataFacts, Open, OrganizationFacts, Principal, Roles, Share, roles};

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

/// Every classification.
pub(super) const CLASSIFICATIONS: [Classification; 6] = [
    Classification::General1,
    Classification::General2,
    Classification::General3,
    Classification::General4,
    Classification::Important,
    Classification::Core,
];

/// Every kind of subjects.
pub(super) const SUBJECTS: [SubjectKind; 3] = [SubjectKind::None, SubjectKind::Person, SubjectKind::LegalPerson];

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

/// Every set of roles.
pub(super) fn every_roles() -> Vec<Roles> {
    (0_u32..32)
        .map(|bits| {
            roles(Role::ALL.into_iter().enumerate().filter(|(place, _)| (bits >> place) & 1 == 1).map(|(_, role)| role))
        })
        .collect()
}
