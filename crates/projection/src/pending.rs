//! Pending acts 待复核: what waits for its second pair of eyes, and who the two were.

use gongxin_state::key::Kind;
use gongxin_types::{Officer, OrganizationId, Pending, PendingId};

use crate::apply::Effect;
use crate::noun::{self, Place};
use crate::pages::Pages;
use crate::{Answer, Fact, Noun, Page, PageRequest, Projection, ProjectionError};

impl Noun for Pending {
    type Id = PendingId;
    const KIND: u8 = Kind::Pending as u8;
    const STATE: Option<Kind> = Some(Kind::Pending);
    const NAME: &'static str = "pending act";

    fn id(&self) -> PendingId {
        self.id
    }

    fn owner(&self) -> Option<&OrganizationId> {
        Some(&self.organization)
    }
}

impl Projection {
    /// A pending act by its identifier.
    ///
    /// # Errors
    /// Those of the database.
    pub fn pending(&self, id: &PendingId) -> Result<Answer<Option<Fact<Pending>>>, ProjectionError> {
        self.noun(id)
    }

    /// All pending acts, ended ones too, or those on officers of one organization, by identifier.
    ///
    /// # Errors
    /// Those of the database.
    pub fn pending_acts(
        &self,
        organization: Option<&OrganizationId>,
        page: &PageRequest,
    ) -> Result<Page<Fact<Pending>>, ProjectionError> {
        self.nouns(organization, page)
    }
}

/// Puts in an approval: what waited, and the officer it is about.
pub(crate) fn approved(effect: &Effect<'_>, id: &PendingId) -> Result<(), ProjectionError> {
    let (pages, place) = (Pages::new(effect.writes), Place::Action(effect.at));
    if let Some(pending) = noun::apply::<Pending>(effect.database, id, &pages, place)? {
        noun::apply::<Officer>(effect.database, &pending.act.officer(), &pages, place)?;
    }
    Ok(())
}
