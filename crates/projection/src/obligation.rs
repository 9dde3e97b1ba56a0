//! Obligations 限期事项: what is owed, by whom, until when, and whether that is over.
//!
//! Whether an obligation is overdue is computed for whoever asks, from the calendar in force and the time of the last block: the
//! ledger notes it some blocks later (PROTOCOL 17). What it noted at the beginning of a block is found by the keys of its
//! writes.

use gongxin_state::key::{self, Kind};
use gongxin_types::{Date, FinalizedBlock, Obligation, ObligationId, OrganizationId};
use rusqlite::{Connection, params};
use serde::Serialize;

use crate::apply::Effect;
use crate::noun::{self, Place, RawFact, raw};
use crate::page::cut;
use crate::pages::Pages;
use crate::store::{Snapshot, insert, one, rows};
use crate::{Answer, Cursor, Fact, Noun, Page, PageRequest, Projection, ProjectionError, calendar};

impl Noun for Obligation {
    type Id = ObligationId;
    const KIND: u8 = Kind::Obligation as u8;
    const STATE: Option<Kind> = Some(Kind::Obligation);
    const NAME: &'static str = "obligation";

    fn id(&self) -> ObligationId {
        self.id
    }

    fn owner(&self) -> Option<&OrganizationId> {
        Some(&self.obligor)
    }
}

/// An obligation, and what the calendar says of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ObligationFact {
    /// The obligation.
    pub fact: Fact<Obligation>,
    /// The last day of its term; none while it stands still.
    pub due_date: Option<Date>,
    /// Whether that day's notice is not published yet, so that it may become another.
    pub is_provisional: bool,
    /// Whether its term is over, or was over when it ended.
    pub is_overdue: bool,
}

/// Which obligations are asked for; without any condition all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObligationFilter {
    /// Owed by this organization.
    pub obligor: Option<OrganizationId>,
    /// Owed to this organization.
    pub obligee: Option<OrganizationId>,
    /// Only those that are overdue and not ended.
    pub is_overdue: bool,
}

impl Projection {
    /// An obligation by its identifier.
    ///
    /// # Errors
    /// Those of the database.
    pub fn obligation(&self, id: &ObligationId) -> Result<Answer<Option<ObligationFact>>, ProjectionError> {
        self.store.read(|snapshot| {
            let found = noun::latest::<Obligation>(snapshot, id)?;
            Ok(self.told(snapshot, found.into_iter().collect())?.into_iter().next())
        })
    }

    /// The obligations that meet every condition, by identifier.
    ///
    /// # Errors
    /// Those of the database.
    pub fn obligations(
        &self,
        filter: &ObligationFilter,
        page: &PageRequest,
    ) -> Result<Page<ObligationFact>, ProjectionError> {
        // Only the conditions that are asked for, so that the database takes the index made for them.
        let asked = |asked: bool, condition: &'static str| if asked { condition } else { "" };
        let query = format!(
            "SELECT nouns.revision, nouns.height, nouns.position, nouns.action, nouns.noun
             FROM obligations CROSS JOIN nouns ON nouns.kind = ?1 AND nouns.id = obligations.id
             WHERE obligations.id > ?2 {} {} {}
             ORDER BY obligations.id LIMIT ?6",
            asked(filter.obligor.is_some(), "AND obligations.obligor = ?3"),
            asked(filter.obligee.is_some(), "AND obligations.obligee = ?4"),
            asked(filter.is_overdue, "AND (status = 'overdue' OR status = 'running' AND due <= ?5)"),
        );
        let answer = self.store.read(|snapshot| {
            let over = calendar::in_force(snapshot)?.ordinal(self.clock.date(snapshot.time).previous());
            let values = params![
                Obligation::KIND,
                page.after.as_ref().map_or("", Cursor::id),
                filter.obligor.as_ref().map(OrganizationId::as_str),
                filter.obligee.as_ref().map(OrganizationId::as_str),
                over.get(),
                rows(page.limit()),
            ];
            let found = snapshot.all("list obligations", &query, values, raw)?;
            let facts = found.into_iter().map(RawFact::decode).collect::<Result<_, ProjectionError>>()?;
            self.told(snapshot, facts)
        })?;
        Ok(cut(answer.value, page.limit(), answer.height, |told| Cursor::of_id(&told.fact.noun.id)))
    }

    /// What the calendar in force says of them, at the time of the last block.
    fn told(
        &self,
        snapshot: &Snapshot<'_>,
        facts: Vec<Fact<Obligation>>,
    ) -> Result<Vec<ObligationFact>, ProjectionError> {
        if facts.is_empty() {
            return Ok(Vec::new());
        }
        let calendar = calendar::in_force(snapshot)?;
        let tell = |fact: Fact<Obligation>| {
            let due_date = fact.noun.due_date(&calendar);
            ObligationFact {
                due_date,
                is_provisional: due_date.is_some_and(|date| calendar.is_provisional(date)),
                is_overdue: fact.noun.is_overdue_at(snapshot.time, &calendar, &self.clock),
                fact,
            }
        };
        Ok(facts.into_iter().map(tell).collect())
    }
}

/// Puts in what an action made of an obligation.
pub(crate) fn apply(effect: &Effect<'_>, id: &ObligationId) -> Result<(), ProjectionError> {
    change(effect.database, id, &Pages::new(effect.writes), Place::Action(effect.at))
}

/// Puts in whose terms were noted as over before the first transaction of a block.
pub(crate) fn due(database: &Connection, block: &FinalizedBlock) -> Result<(), ProjectionError> {
    const ACTION: &str = "note terms that are over";
    if block.receipts.due.is_empty() {
        return Ok(());
    }
    let pages = Pages::new(&block.receipts.due);
    for write in &block.receipts.due {
        let query = "SELECT id FROM obligations WHERE key = ?1";
        let id: Option<String> = one(database, query, [write.key.key.as_slice()], |row| row.get(0))
            .map_err(ProjectionError::storage(ACTION))?;
        if let Some(id) = id {
            let id = id.parse().map_err(|_| ProjectionError::Damaged { what: "the identifier of an obligation" })?;
            change(database, &id, &pages, Place::Due(block.header.height))?;
        }
    }
    Ok(())
}

fn change(database: &Connection, id: &ObligationId, pages: &Pages, place: Place) -> Result<(), ProjectionError> {
    match noun::apply::<Obligation>(database, id, pages, place)? {
        Some(after) => index(database, &after).map_err(ProjectionError::storage("index an obligation")),
        None => Ok(()),
    }
}

/// Makes an obligation findable by its sides, by what is due, and by the key of its first page, in which its status stands.
fn index(database: &Connection, noun: &Obligation) -> rusqlite::Result<()> {
    let query = "INSERT INTO obligations (id, key, obligor, obligee, due, status) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (id) DO UPDATE SET due = ?5, status = ?6";
    let key = key::obligation(&noun.id).key;
    let sides = (noun.obligor.as_str(), noun.obligee.as_str());
    let (due, status) = (noun.due.get(), noun.status.code());
    insert(database, query, params![noun.id.to_string(), key.as_slice(), sides.0, sides.1, due, status])
}
