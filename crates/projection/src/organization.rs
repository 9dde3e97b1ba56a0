//! Organizations 机构: who the members are.

use gongxin_state::key::Kind;
use gongxin_types::{Organization, OrganizationId};

use crate::{Answer, Fact, Noun, Page, PageRequest, Projection, ProjectionError};

impl Noun for Organization {
    type Id = OrganizationId;
    const KIND: u8 = Kind::Organization as u8;
    const STATE: Option<Kind> = Some(Kind::Organization);
    const NAME: &'static str = "organization";

    fn id(&self) -> OrganizationId {
        self.id.clone()
    }

    fn owner(&self) -> Option<&OrganizationId> {
        self.parent.as_ref()
    }
}

impl Projection {
    /// An organization by its identifier.
    ///
    /// # Errors
    /// Those of the database.
    pub fn organization(&self, id: &OrganizationId) -> Result<Answer<Option<Fact<Organization>>>, ProjectionError> {
        self.noun(id)
    }

    /// All organizations.
    ///
    /// # Errors
    /// Those of the database.
    pub fn organizations(&self, page: &PageRequest) -> Result<Page<Fact<Organization>>, ProjectionError> {
        self.nouns(None, page)
    }
}
