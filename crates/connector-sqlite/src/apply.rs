//! Apply: operations that are final, written in the ledger's order, each marked in the transaction that writes it.

use std::sync::Arc;

use gongxin_connector_api::limits::{APPLY_MAX, TICKET_BYTES_MAX};
use gongxin_connector_api::{
    Act, Bound, ConnectorError, Key, NotApplied, OperationId, Ordered, Outcome, Place, Waiting,
};
use gongxin_types::Height;
use gongxin_types::row::Row;
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params_from_iter};

use crate::open::{is_about_rows, refused};
use crate::row::{self, columns, condition, parameter, parameters};

/// Applies them in one database transaction.
pub(crate) fn apply(
    connection: &mut Connection,
    bounds: &[Arc<Bound>],
    operations: &[Ordered],
) -> Result<Vec<Outcome>, ConnectorError> {
    let failed = refused("apply what is final");
    let mut transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&failed)?;
    let mut latest = latest(&transaction)?;
    let mut outcomes = Vec::with_capacity(operations.len());
    for operation in operations {
        let bound = bounds.iter().find(|bound| bound.resource.id == operation.resource);
        let bound = bound.ok_or_else(|| ConnectorError::Unbound { resource: operation.resource.clone() })?;
        let outcome = if is_settled(&transaction, operation.operation)? {
            Outcome::Earlier
        } else if latest.is_some_and(|latest| operation.place <= latest) {
            Outcome::Not(NotApplied::OutOfOrder)
        } else {
            latest = Some(operation.place);
            write(&mut transaction, bound, operation)?
        };
        if outcome != Outcome::Earlier {
            mark(&transaction, operation, outcome)?;
        }
        outcomes.push(outcome);
    }
    transaction.commit().map_err(failed)?;
    Ok(outcomes)
}

/// The place of the last operation that was settled.
fn latest(transaction: &Transaction<'_>) -> Result<Option<Place>, ConnectorError> {
    let statement =
        "SELECT height, place FROM gongxin_pending WHERE state <> 'waiting' ORDER BY height DESC, place DESC LIMIT 1";
    let row = transaction.query_row(statement, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)));
    let row = row.optional().map_err(refused("tell what was applied"))?;
    Ok(row.map(|(height, index)| Place {
        height: Height::new(u64::try_from(height).unwrap_or(0)),
        index: u32::try_from(index).unwrap_or(u32::MAX),
    }))
}

fn is_settled(transaction: &Transaction<'_>, operation: OperationId) -> Result<bool, ConnectorError> {
    let statement = "SELECT 1 FROM gongxin_pending WHERE operation = ?1 AND state <> 'waiting'";
    let found = transaction.query_row(statement, [operation.0.as_slice()], |_| Ok(())).optional();
    found.map(|found| found.is_some()).map_err(refused("tell what was applied"))
}

/// Writes one operation, or undoes it alone.
fn write(transaction: &mut Transaction<'_>, bound: &Bound, operation: &Ordered) -> Result<Outcome, ConnectorError> {
    let failed = refused("write a row of the register");
    // Dropped without a commit, it undoes what was done since.
    let savepoint = transaction.savepoint().map_err(&failed)?;
    let (key, expected, new) = match &operation.act {
        Act::Create { row } => (key_of(bound, row)?, None, Some(row)),
        Act::Update { expected, row } => (key_of(bound, row)?, Some(expected), Some(row)),
        Act::Delete { key, expected } => (key.clone(), Some(expected), None),
    };
    let now = match row::row(&savepoint, bound, &key) {
        Ok(now) => now,
        // What has no canonical form is not what the ledger has.
        Err(ConnectorError::Row(_)) => return Ok(Outcome::Not(NotApplied::Diverged)),
        Err(error) => return Err(error),
    };
    let refusal = match (&now, expected) {
        (Some(_), None) => Some(NotApplied::KeyTaken),
        (None, Some(_)) => Some(NotApplied::Missing),
        (Some(now), Some(expected)) if now != expected => Some(NotApplied::Diverged),
        _ => None,
    };
    if let Some(refusal) = refusal {
        return Ok(Outcome::Not(refusal));
    }
    let say = "INSERT INTO gongxin_outbox (act, ticket) VALUES ('ticket', ?1)";
    savepoint.execute(say, [&operation.ticket]).map_err(&failed)?;
    match execute(&savepoint, bound, &key, expected.is_some(), new) {
        Ok(_) => {}
        Err(error) if is_about_rows(&error) => return Ok(Outcome::Not(NotApplied::Constraint)),
        Err(error) => return Err(failed(error)),
    }
    let after = row::row(&savepoint, bound, &key);
    if !matches!(&after, Ok(after) if after.as_ref() == new) {
        return Ok(Outcome::Not(NotApplied::Altered));
    }
    savepoint.commit().map_err(failed)?;
    Ok(Outcome::Applied)
}

fn key_of(bound: &Bound, row: &Row) -> Result<Key, ConnectorError> {
    Key::of(row, &bound.resource).map_err(|error| ConnectorError::Config { what: error.to_string() })
}

fn execute(
    connection: &Connection,
    bound: &Bound,
    key: &Key,
    exists: bool,
    new: Option<&Row>,
) -> rusqlite::Result<usize> {
    let table = bound.binding.table.quoted();
    let Some(row) = new else {
        let statement = format!("DELETE FROM {table} WHERE {}", condition(bound, 1));
        return connection.execute(&statement, params_from_iter(parameters(key)));
    };
    let mut values: Vec<_> = row.0.iter().map(parameter).collect();
    if exists {
        let pairs = bound.columns().iter().enumerate();
        let set: Vec<String> =
            pairs.map(|(index, column)| format!("{} = ?{}", column.column.quoted(), index + 1)).collect();
        let statement = format!("UPDATE {table} SET {} WHERE {}", set.join(", "), condition(bound, values.len() + 1));
        values.extend(parameters(key));
        return connection.execute(&statement, params_from_iter(values));
    }
    let marks = (1..=values.len()).map(|index| format!("?{index}")).collect::<Vec<_>>().join(", ");
    let statement = format!("INSERT INTO {table} ({}) VALUES ({marks})", columns(bound));
    connection.execute(&statement, params_from_iter(values))
}

/// Marks what became of an operation. The row that waited is not kept: it stands in the register and the vault.
fn mark(transaction: &Transaction<'_>, operation: &Ordered, outcome: Outcome) -> Result<(), ConnectorError> {
    let (state, reason) = match outcome {
        Outcome::Not(reason) => ("not-applied", Some(reason.code())),
        Outcome::Applied | Outcome::Earlier => ("applied", None),
    };
    let height = i64::try_from(operation.place.height.get()).unwrap_or(i64::MAX);
    let statement = "INSERT INTO gongxin_pending (operation, ticket, state, reason, height, place)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (operation) DO UPDATE
        SET state = excluded.state, reason = excluded.reason, height = excluded.height, place = excluded.place, new_row = NULL";
    let name = operation.operation.0.as_slice();
    let values = (name, &operation.ticket, state, reason, height, operation.place.index);
    transaction.execute(statement, values).map(|_| ()).map_err(refused("mark what was applied"))
}

/// What waits to be put on the ledger.
pub(crate) fn waiting(connection: &Connection) -> Result<Vec<Waiting>, ConnectorError> {
    let statement = "SELECT ticket, new_row FROM gongxin_pending WHERE state = 'waiting' AND length(ticket) <= ?1
        ORDER BY rowid LIMIT ?2";
    let failed = refused("tell what waits");
    let mut statement = connection.prepare(statement).map_err(&failed)?;
    let (longest, limit) = (i64::try_from(TICKET_BYTES_MAX), i64::try_from(APPLY_MAX));
    let read = |row: &rusqlite::Row<'_>| Ok(Waiting { ticket: row.get(0)?, row: row.get(1)? });
    let rows = statement.query_map((longest.unwrap_or(i64::MAX), limit.unwrap_or(i64::MAX)), read).map_err(&failed)?;
    rows.collect::<Result<_, _>>().map_err(failed)
}
