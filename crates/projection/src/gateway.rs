//! Gateways 前置机: where the organizations are reached, and the keys of their servers.

use gongxin_state::key::Kind;
use gongxin_types::{Gateway, GatewayId, OrganizationId};

use crate::{Answer, Fact, Noun, Page, PageRequest, Projection, ProjectionError};

impl Noun for Gateway {
    type Id = GatewayId;
    const KIND: u8 = Kind::Gateway as u8;
    const STATE: Option<Kind> = Some(Kind::Gateway);
    const NAME: &'static str = "gateway";

    fn id(&self) -> GatewayId {
        self.id
    }

    fn owner(&self) -> Option<&OrganizationId> {
        Some(&self.organization)
    }
}

impl Projection {
    /// A gateway by its identifier.
    ///
    /// # Errors
    /// Those of the database.
    pub fn gateway(&self, id: &GatewayId) -> Result<Answer<Option<Fact<Gateway>>>, ProjectionError> {
        self.noun(id)
    }

    /// All gateways, or those of one organization.
    ///
    /// # Errors
    /// Those of the database.
    pub fn gateways(
        &self,
        organization: Option<&OrganizationId>,
        page: &PageRequest,
    ) -> Result<Page<Fact<Gateway>>, ProjectionError> {
        self.nouns(organization, page)
    }
}
