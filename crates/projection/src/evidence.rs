//! Evidence 存证: what was notarised, by whom and when.

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_state::key::Kind;
use gongxin_types::evidence::EvidenceSlot;
use gongxin_types::{Evidence, EvidenceId, OrganizationId, codec};
use serde::Serialize;

use crate::apply::Effect;
use crate::noun::{self, Place};
use crate::pages::Pages;
use crate::{Answer, Fact, Noun, Page, PageRequest, Projection, ProjectionError};

/// A notarised digest.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize)]
pub struct Notarised {
    /// The identifier, under which whoever holds the document finds it.
    pub id: EvidenceId,
    /// For whom.
    pub organization: OrganizationId,
    /// What.
    pub evidence: Evidence,
    /// When and by whom.
    pub slot: EvidenceSlot,
}

impl Noun for Notarised {
    type Id = EvidenceId;
    const KIND: u8 = Kind::Evidence as u8;
    const STATE: Option<Kind> = None;
    const NAME: &'static str = "evidence";

    fn id(&self) -> EvidenceId {
        self.id
    }

    fn owner(&self) -> Option<&OrganizationId> {
        Some(&self.organization)
    }
}

impl Projection {
    /// What was notarised under an identifier.
    ///
    /// # Errors
    /// Those of the database.
    pub fn evidence(&self, id: &EvidenceId) -> Result<Answer<Option<Fact<Notarised>>>, ProjectionError> {
        self.noun(id)
    }

    /// Everything notarised, or what one organization notarised.
    ///
    /// # Errors
    /// Those of the database.
    pub fn evidences(
        &self,
        organization: Option<&OrganizationId>,
        page: &PageRequest,
    ) -> Result<Page<Fact<Notarised>>, ProjectionError> {
        self.nouns(organization, page)
    }
}

/// Takes up what was notarised.
pub(crate) fn apply(effect: &Effect<'_>, evidence: &Evidence) -> Result<(), ProjectionError> {
    let organization = effect.receipt.sender.organization.clone();
    let id = EvidenceId::of(effect.suite, &organization, &evidence.digest);
    let written = Pages::new(effect.writes).noun(Kind::Evidence, &id, None);
    let slot = written.ok().flatten().and_then(|bytes| codec::decode::<EvidenceSlot>("evidence", &bytes).ok());
    let slot = slot.ok_or(ProjectionError::NotUnderstood { height: effect.at.height(), what: "evidence" })?;
    let notarised = Notarised { id, organization, evidence: evidence.clone(), slot };
    noun::put(effect.database, &notarised, Place::Action(effect.at)).map_err(ProjectionError::storage("notarise"))
}
