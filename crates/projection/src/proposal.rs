//! Proposals 提案: what members voted on, how, and what came of it; and what took effect at the beginning of a block.

use std::collections::BTreeSet;

use gongxin_state::key::Kind;
use gongxin_types::proposal::{Matter, ProposalStatus};
use gongxin_types::{
    Action, FinalizedBlock, Height, Officer, Organization, OrganizationId, Proposal, ProposalId, Transaction,
};
use rusqlite::{Connection, params};

use crate::noun::{self, Place};
use crate::pages::Pages;
use crate::store::{decode, one};
use crate::{Answer, Fact, Noun, Page, PageRequest, Projection, ProjectionError, calendar, validator_set};

impl Noun for Proposal {
    type Id = ProposalId;
    const KIND: u8 = Kind::Proposal as u8;
    const STATE: Option<Kind> = Some(Kind::Proposal);
    const NAME: &'static str = "proposal";

    fn id(&self) -> ProposalId {
        self.id
    }

    fn owner(&self) -> Option<&OrganizationId> {
        Some(&self.organization)
    }
}

impl Projection {
    /// A proposal by its identifier.
    ///
    /// # Errors
    /// Those of the database.
    pub fn proposal(&self, id: &ProposalId) -> Result<Answer<Option<Fact<Proposal>>>, ProjectionError> {
        self.noun(id)
    }

    /// All proposals, or those of one organization, by identifier.
    ///
    /// # Errors
    /// Those of the database.
    pub fn proposals(
        &self,
        organization: Option<&OrganizationId>,
        page: &PageRequest,
    ) -> Result<Page<Fact<Proposal>>, ProjectionError> {
        self.nouns(organization, page)
    }

    /// What a proposal is about, in full.
    ///
    /// # Errors
    /// Those of the database.
    pub fn matter(&self, id: &ProposalId) -> Result<Answer<Option<Matter>>, ProjectionError> {
        self.store.read(|snapshot| matter(snapshot.database, id))
    }
}

/// What a proposal is about: it stands in the action that opened it.
fn matter(database: &Connection, id: &ProposalId) -> Result<Option<Matter>, ProjectionError> {
    const ACTION: &str = "read a proposal";
    const QUERY: &str = "SELECT transactions.body, noun_revisions.action FROM noun_revisions
        JOIN transactions USING (height, position)
        WHERE kind = ?1 AND noun_revisions.id = ?2 AND revision = 1";
    let values = params![Proposal::KIND, id.to_string()];
    let found = one(database, QUERY, values, |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, u16>(1)?)))
        .map_err(ProjectionError::storage(ACTION))?;
    let Some((body, index)) = found else {
        return Ok(None);
    };
    let transaction: Transaction = decode("transaction", &body)?;
    match transaction.body.actions.get(usize::from(index)) {
        Some(Action::OpenProposal(new)) => Ok(Some(new.matter.clone())),
        _ => Err(ProjectionError::Damaged { what: "the action that opened a proposal" }),
    }
}

/// Puts in what took effect before the first transaction of a block.
pub(crate) fn due(database: &Connection, block: &FinalizedBlock) -> Result<(), ProjectionError> {
    if block.receipts.due.is_empty() {
        return Ok(());
    }
    let (height, pages) = (block.header.height, Pages::new(&block.receipts.due));
    for id in waiting(database, height)? {
        let after = noun::apply::<Proposal>(database, &id, &pages, Place::Due(height))?;
        let took_effect = after.is_some_and(|after| matches!(after.status, ProposalStatus::InForce { .. }));
        match matter(database, &id)?.filter(|_| took_effect) {
            None => {}
            Some(Matter::PolicySet(set)) => put(database, &set, height)?,
            Some(Matter::Parameters(change)) => put(database, &change.parameters, height)?,
            Some(Matter::Admission(admission)) => {
                noun::apply::<Organization>(database, &admission.organization.id, &pages, Place::Due(height))?;
                noun::apply::<Officer>(database, &admission.head.id, &pages, Place::Due(height))?;
            }
            Some(Matter::Expulsion(id)) => {
                noun::apply::<Organization>(database, &id, &pages, Place::Due(height))?;
            }
            Some(Matter::Appointment(change)) => {
                noun::apply::<Officer>(database, &change.id, &pages, Place::Due(height))?;
            }
            // Headers name it.
            Some(Matter::ProtocolVersion(_)) => {}
            Some(Matter::ValidatorSet(set)) => validator_set::put(database, &set, height)?,
            Some(Matter::Calendar(change)) => calendar::amend(database, &change, height)?,
            Some(Matter::Recovery(recovery)) => {
                noun::apply::<Officer>(database, &recovery.officer, &pages, Place::Due(height))?;
            }
        }
    }
    Ok(())
}

fn put<N: Noun>(database: &Connection, noun: &N, height: Height) -> Result<(), ProjectionError> {
    noun::put(database, noun, Place::Due(height)).map_err(ProjectionError::storage("let a proposal take effect"))
}

/// Accepted proposals that are due at a height, in the order in which they take effect.
fn waiting(database: &Connection, height: Height) -> Result<Vec<ProposalId>, ProjectionError> {
    const ACTION: &str = "list accepted proposals";
    let read = || {
        let mut statement = database.prepare_cached("SELECT noun FROM nouns WHERE kind = ?1")?;
        statement.query_map([Proposal::KIND], |row| row.get(0))?.collect::<rusqlite::Result<Vec<Vec<u8>>>>()
    };
    let mut due = BTreeSet::new();
    for noun in read().map_err(ProjectionError::storage(ACTION))? {
        let proposal: Proposal = decode(Proposal::NAME, &noun)?;
        match proposal.status {
            ProposalStatus::Accepted { effective } if effective <= height => due.insert((effective, proposal.id)),
            _ => false,
        };
    }
    Ok(due.into_iter().map(|(_, id)| id).collect())
}
