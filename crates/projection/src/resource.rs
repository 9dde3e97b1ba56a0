//! Resources 数据资源: the catalogue, with every version of each entry.

use gongxin_state::key::Kind;
use gongxin_types::{OrganizationId, Resource, ResourceId};

use crate::{Answer, Fact, Noun, Page, PageRequest, Projection, ProjectionError};

impl Noun for Resource {
    type Id = ResourceId;
    const KIND: u8 = Kind::Resource as u8;
    const STATE: Option<Kind> = Some(Kind::Resource);
    const NAME: &'static str = "resource";

    fn id(&self) -> ResourceId {
        self.id.clone()
    }

    fn owner(&self) -> Option<&OrganizationId> {
        Some(&self.id.organization)
    }
}

impl Projection {
    /// A resource by its identifier.
    ///
    /// # Errors
    /// Those of the database.
    pub fn resource(&self, id: &ResourceId) -> Result<Answer<Option<Fact<Resource>>>, ProjectionError> {
        self.noun(id)
    }

    /// All resources, or those of one organization.
    ///
    /// # Errors
    /// Those of the database.
    pub fn resources(
        &self,
        organization: Option<&OrganizationId>,
        page: &PageRequest,
    ) -> Result<Page<Fact<Resource>>, ProjectionError> {
        self.nouns(organization, page)
    }
}
