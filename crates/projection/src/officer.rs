//! Officers 工作人员: pseudonyms, roles and keys; the names behind them are in the vault.

use gongxin_state::key::Kind;
use gongxin_types::{Officer, OfficerId, OrganizationId};

use crate::{Answer, Fact, Noun, Page, PageRequest, Projection, ProjectionError};

impl Noun for Officer {
    type Id = OfficerId;
    const KIND: u8 = Kind::Officer as u8;
    const STATE: Option<Kind> = Some(Kind::Officer);
    const NAME: &'static str = "officer";

    fn id(&self) -> OfficerId {
        self.id
    }

    fn owner(&self) -> Option<&OrganizationId> {
        Some(&self.organization)
    }
}

impl Projection {
    /// An officer by its identifier.
    ///
    /// # Errors
    /// Those of the database.
    pub fn officer(&self, id: &OfficerId) -> Result<Answer<Option<Fact<Officer>>>, ProjectionError> {
        self.noun(id)
    }

    /// All officers, or those of one organization.
    ///
    /// # Errors
    /// Those of the database.
    pub fn officers(
        &self,
        organization: Option<&OrganizationId>,
        page: &PageRequest,
    ) -> Result<Page<Fact<Officer>>, ProjectionError> {
        self.nouns(organization, page)
    }
}
