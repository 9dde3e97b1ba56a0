//! Records 记录: the slot of each as the state holds it, and every operation that made it, in order.

use gongxin_types::record::{HistoryEntry, RecordSlot};
use gongxin_types::{RecordBatch, RecordId, ResourceId, Time, codec};
use rusqlite::{Row, params};
use serde::Serialize;

use crate::apply::Effect;
use crate::page::cut;
use crate::pages;
use crate::store::{self, Snapshot, decode, insert, rows};
use crate::{Answer, Cursor, Location, OperationLocation, Page, PageRequest, Projection, ProjectionError, limits};

/// A record as the state holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordFact {
    /// The record.
    pub record: RecordId,
    /// Version, commitment and head of its history.
    pub slot: RecordSlot,
    /// The operation that made this version.
    pub operation: OperationLocation,
}

/// One line of a record's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HistoryLine {
    /// The line, as the history head chains it.
    pub entry: HistoryEntry,
    /// Consensus time of its block.
    pub time: Time,
    /// The operation that made it.
    pub operation: OperationLocation,
}

impl Projection {
    /// A record as it stands; deleted ones have no commitment.
    ///
    /// # Errors
    /// Those of the database.
    pub fn record(
        &self,
        resource: &ResourceId,
        record: &RecordId,
    ) -> Result<Answer<Option<RecordFact>>, ProjectionError> {
        const QUERY: &str = "SELECT record, slot, height, position, action, operation FROM records
                             WHERE resource = ?1 AND record = ?2";
        self.store.read(|snapshot| {
            let found =
                snapshot.one("read a record", QUERY, params![resource.to_string(), record.as_bytes()], raw_fact)?;
            found.map(decode_fact).transpose()
        })
    }

    /// The records of a resource, by identifier, deleted ones included.
    ///
    /// # Errors
    /// Those of the database.
    pub fn records(&self, resource: &ResourceId, page: &PageRequest) -> Result<Page<RecordFact>, ProjectionError> {
        const QUERY: &str = "SELECT record, slot, height, position, action, operation FROM records
                             WHERE resource = ?1 AND record > ?2 ORDER BY record LIMIT ?3";
        let after = page.after.as_ref().and_then(|cursor| cursor.id().parse::<RecordId>().ok());
        let after: &[u8] = after.as_ref().map_or(&[], |record| record.as_bytes());
        let answer = self.store.read(|snapshot| {
            let values = params![resource.to_string(), after, rows(page.limit())];
            let found = snapshot.all("list records", QUERY, values, raw_fact)?;
            found.into_iter().map(decode_fact).collect::<Result<Vec<_>, ProjectionError>>()
        })?;
        Ok(cut(answer.value, page.limit(), answer.height, |fact| Cursor::of_id(&fact.record)))
    }

    /// Every operation on a record, oldest first; at most [`limits::HISTORY_LINES_MAX`].
    ///
    /// # Errors
    /// Those of the database.
    pub fn history(
        &self,
        resource: &ResourceId,
        record: &RecordId,
    ) -> Result<Answer<Vec<HistoryLine>>, ProjectionError> {
        self.store.read(|snapshot| history(snapshot, resource, record))
    }
}

/// Every operation on a record, oldest first.
pub(crate) fn history(
    snapshot: &Snapshot<'_>,
    resource: &ResourceId,
    record: &RecordId,
) -> Result<Vec<HistoryLine>, ProjectionError> {
    const QUERY: &str = "SELECT entry, headers.time, history.height, position, action, operation
        FROM history JOIN headers ON headers.height = history.height
        WHERE resource = ?1 AND record = ?2 ORDER BY version LIMIT ?3";
    let values = params![resource.to_string(), record.as_bytes(), rows(limits::HISTORY_LINES_MAX)];
    let found = snapshot.all("read a history", QUERY, values, |row| {
        Ok((row.get::<_, Vec<u8>>(0)?, store::time(row, 1)?, operation(row, 2)?))
    })?;
    let lines = found
        .into_iter()
        .map(|(entry, time, operation)| Ok(HistoryLine { entry: decode("history entry", &entry)?, time, operation }));
    lines.collect()
}

/// Takes up what a batch did: write `i` belongs to operation `i`.
pub(crate) fn apply(effect: &Effect<'_>, batch: &RecordBatch) -> Result<(), ProjectionError> {
    const ACTION: &str = "write records";
    let not_understood = || ProjectionError::NotUnderstood { height: effect.at.height(), what: "a record" };
    if effect.writes.len() != batch.operations.len() {
        return Err(not_understood());
    }
    let resource = batch.resource.to_string();
    for (place, (operation, write)) in (0_u32..).zip(batch.operations.iter().zip(effect.writes)) {
        let slot: RecordSlot = pages::slot(write).ok_or_else(not_understood)?;
        let entry = HistoryEntry {
            version: slot.version,
            operation: operation.clone(),
            legal_basis: batch.legal_basis.clone(),
            effective: batch.effective,
        };
        put(effect, place, &resource, &entry, &slot).map_err(ProjectionError::storage(ACTION))?;
    }
    Ok(())
}

fn put(
    effect: &Effect<'_>,
    place: u32,
    resource: &str,
    entry: &HistoryEntry,
    slot: &RecordSlot,
) -> rusqlite::Result<()> {
    let history = "INSERT INTO history (resource, record, version, entry, height, position, action, operation)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let latest = "INSERT INTO records (resource, record, slot, height, position, action, operation)
                  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                  ON CONFLICT (resource, record) DO UPDATE
                  SET slot = ?3, height = ?4, position = ?5, action = ?6, operation = ?7";
    let record = entry.operation.record();
    let (height, position, action) = effect.columns();
    let values =
        params![resource, record.as_bytes(), entry.version, codec::encode(entry), height, position, action, place];
    insert(effect.database, history, values)?;
    insert(
        effect.database,
        latest,
        params![resource, record.as_bytes(), codec::encode(slot), height, position, action, place],
    )
}

/// Reads the columns `height, position, action, operation` from this one on.
fn operation(row: &Row<'_>, column: usize) -> rusqlite::Result<OperationLocation> {
    let height = store::height(row, column)?;
    let location = Location { height, transaction: row.get(column.saturating_add(1))? };
    Ok(location.action(row.get(column.saturating_add(2))?).operation(row.get(column.saturating_add(3))?))
}

type RawFact = ([u8; 16], Vec<u8>, OperationLocation);

fn raw_fact(row: &Row<'_>) -> rusqlite::Result<RawFact> {
    Ok((row.get(0)?, row.get(1)?, operation(row, 2)?))
}

fn decode_fact((record, slot, operation): RawFact) -> Result<RecordFact, ProjectionError> {
    Ok(RecordFact { record: RecordId::new(record), slot: decode("record slot", &slot)?, operation })
}
