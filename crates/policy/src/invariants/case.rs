//! Case: one request of a [`super::space::Space`].

use gongxin_types::{
    ActionCode, GatewayId, OfficerId, OrganizationId, OrganizationKind, organization::Level, proposal::MatterCode,
};

use super::space::{Owner, Parent};
use crate::request::{
    Context, DataFacts, OrganizationFacts, Principal, PrincipalKind, Request, ResourceFacts, ResourceKind, Roles,
};

/// The facts of one request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case<'a> {
    pub(crate) action: ActionCode,
    pub(crate) kind: ResourceKind,
    pub(crate) sender: &'a (PrincipalKind, Roles),
    pub(crate) home: &'a OrganizationId,
    pub(crate) home_kind: OrganizationKind,
    pub(crate) home_level: Level,
    pub(crate) home_parent: &'a Parent,
    pub(crate) owner: &'a Owner,
    pub(crate) owner_kind: OrganizationKind,
    pub(crate) owner_level: Level,
    pub(crate) owner_parent: &'a Parent,
    pub(crate) data: DataFacts,
    pub(crate) touched: &'a Roles,
    pub(crate) is_self: bool,
    pub(crate) matter: MatterCode,
}

impl Case<'_> {
    /// Whether the facts can be true together: no organization belongs to itself, no two to each other, and who acts on an
    /// own appointment is an officer of the sender's organization.
    pub(crate) fn is_coherent(&self) -> bool {
        let is = |parent: &Parent, id: &OrganizationId| matches!(parent, Parent::Named(named) if named == id);
        let (home_parent, owner_parent) = (self.home_parent, self.owner_parent);
        let belongs = match self.owner {
            Owner::Sender => *home_parent != Parent::Owner,
            Owner::Below(id) => {
                let parents = *home_parent != Parent::Owner && *owner_parent == Parent::None;
                parents && id != self.home && !is(home_parent, id)
            }
            // The owner as the sender's parent is another value of that list, the sender as the owner's another owner.
            Owner::Other(id) => {
                id != self.home && !is(home_parent, id) && !is(owner_parent, id) && !is(owner_parent, self.home)
            }
        };
        let could_be_self = *self.owner == Owner::Sender && self.sender.0 == PrincipalKind::Officer;
        belongs && !is(home_parent, self.home) && (could_be_self || !self.is_self)
    }

    /// The request, with a context that says nothing: whoever asks reads none.
    pub(crate) fn request(&self) -> Request {
        let (kind, roles) = self.sender;
        let mut home = facts(self.home, self.home_kind, self.home_level, self.home_parent);
        let owner = match self.owner {
            Owner::Sender => home.clone(),
            Owner::Below(id) => OrganizationFacts {
                parent: Some(self.home.clone()),
                ..facts(id, self.owner_kind, self.owner_level, &Parent::None)
            },
            Owner::Other(id) => facts(id, self.owner_kind, self.owner_level, self.owner_parent),
        };
        if *self.home_parent == Parent::Owner {
            home.parent = Some(owner.id.clone());
        }
        let resource = match self.kind {
            ResourceKind::Officer => ResourceFacts::officer(owner, self.touched.clone(), self.is_self),
            ResourceKind::Proposal => ResourceFacts::proposal(owner, self.matter),
            kind if kind.is_about_data() => ResourceFacts::data(kind, owner, self.data),
            kind => ResourceFacts::owned(kind, owner),
        };
        let principal = match kind {
            PrincipalKind::Officer => Principal::officer(OfficerId::new([7; 16]), roles.clone(), home),
            PrincipalKind::Gateway => Principal::gateway(GatewayId::new([9; 16]), home),
        };
        Request { principal, action: self.action, resource, context: Context::default() }
    }
}

fn facts(id: &OrganizationId, kind: OrganizationKind, level: Level, parent: &Parent) -> OrganizationFacts {
    let parent = match parent {
        Parent::Named(id) => Some(id.clone()),
        Parent::None | Parent::Owner => None,
    };
    OrganizationFacts { id: id.clone(), kind, level, parent }
}
