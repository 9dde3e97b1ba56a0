//! Duties 职责: the statutory tasks of the organizations.

use gongxin_state::key::Kind;
use gongxin_types::{Duty, DutyId, OrganizationId};

use crate::{Answer, Fact, Noun, Page, PageRequest, Projection, ProjectionError};

impl Noun for Duty {
    type Id = DutyId;
    const KIND: u8 = Kind::Duty as u8;
    const STATE: Option<Kind> = Some(Kind::Duty);
    const NAME: &'static str = "duty";

    fn id(&self) -> DutyId {
        self.id.clone()
    }

    fn owner(&self) -> Option<&OrganizationId> {
        Some(&self.id.organization)
    }
}

impl Projection {
    /// A duty by its identifier.
    ///
    /// # Errors
    /// Those of the database.
    pub fn duty(&self, id: &DutyId) -> Result<Answer<Option<Fact<Duty>>>, ProjectionError> {
        self.noun(id)
    }

    /// All duties, or those of one organization.
    ///
    /// # Errors
    /// Those of the database.
    pub fn duties(
        &self,
        organization: Option<&OrganizationId>,
        page: &PageRequest,
    ) -> Result<Page<Fact<Duty>>, ProjectionError> {
        self.nouns(organization, page)
    }
}
