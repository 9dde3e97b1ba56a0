//! Apply: operations that are final, written in the ledger's order, each marked in the transaction that writes it.

use std::sync::Arc;

use gongxin_connector_api::limits::{APPLY_MAX, TICKET_BYTES_MAX};
use gongxin_connector_api::{
    Act, Bound, ConnectorError, Key, NotApplied, OperationId, Ordered, Outcome, Place, Waiting,
};
use gongxin_types::Height;
use gongxin_types::row::{Row, Value};
use postgres_protocol::escape::escape_literal;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Transaction};

use crate::Settings;
use crate::cause::{is_about_rows, refused};
use crate::select;

/// One gateway applies at a time; the number is ours alone by convention ("gongxin" in ASCII).
const LOCK: i64 = 0x0067_6f6e_6778_696e;

/// Applies them in one database transaction.
pub(crate) async fn apply(
    client: &mut Client,
    settings: &Settings,
    bounds: &[Arc<Bound>],
    operations: &[Ordered],
) -> Result<Vec<Outcome>, ConnectorError> {
    let failed = refused("apply what is final", settings.database.as_str());
    let mut transaction = client.transaction().await.map_err(&failed)?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await.map_err(&failed)?;
    let mut latest = latest(&transaction, settings).await?;
    let mut outcomes = Vec::with_capacity(operations.len());
    for operation in operations {
        let bound = bounds.iter().find(|bound| bound.resource.id == operation.resource);
        let bound = bound.ok_or_else(|| ConnectorError::Unbound { resource: operation.resource.clone() })?;
        let outcome = if is_settled(&transaction, settings, operation.operation).await? {
            Outcome::Earlier
        } else if latest.is_some_and(|latest| operation.place <= latest) {
            Outcome::Not(NotApplied::OutOfOrder)
        } else {
            latest = Some(operation.place);
            write(&mut transaction, settings, bound, operation).await?
        };
        if outcome != Outcome::Earlier {
            mark(&transaction, settings, operation, outcome).await?;
        }
        outcomes.push(outcome);
    }
    transaction.commit().await.map_err(failed)?;
    Ok(outcomes)
}

/// The place of the last operation that was settled.
async fn latest(transaction: &Transaction<'_>, settings: &Settings) -> Result<Option<Place>, ConnectorError> {
    let statement =
        "SELECT height, place FROM gongxin.pending WHERE state <> 'waiting' ORDER BY height DESC, place DESC LIMIT 1";
    let failed = refused("tell what was applied", settings.database.as_str());
    let Some(row) = transaction.query_opt(statement, &[]).await.map_err(&failed)? else { return Ok(None) };
    let (height, index): (i64, i64) = (row.try_get(0).map_err(&failed)?, row.try_get(1).map_err(&failed)?);
    let height = Height::new(u64::try_from(height).unwrap_or(0));
    Ok(Some(Place { height, index: u32::try_from(index).unwrap_or(u32::MAX) }))
}

async fn is_settled(
    transaction: &Transaction<'_>,
    settings: &Settings,
    operation: OperationId,
) -> Result<bool, ConnectorError> {
    let statement = "SELECT 1 FROM gongxin.pending WHERE operation = $1 AND state <> 'waiting'";
    let found = transaction.query_opt(statement, &[&operation.0.as_slice()]).await;
    found.map(|row| row.is_some()).map_err(refused("tell what was applied", settings.database.as_str()))
}

/// Writes one operation, or undoes it alone.
async fn write(
    transaction: &mut Transaction<'_>,
    settings: &Settings,
    bound: &Bound,
    operation: &Ordered,
) -> Result<Outcome, ConnectorError> {
    let failed = refused("write a row of the register", settings.database.as_str());
    let savepoint = transaction.savepoint("operation").await.map_err(&failed)?;
    let (key, expected, new) = match &operation.act {
        Act::Create { row } => (key_of(bound, row)?, None, Some(row)),
        Act::Update { expected, row } => (key_of(bound, row)?, Some(expected), Some(row)),
        Act::Delete { key, expected } => (key.clone(), Some(expected), None),
    };
    let now = match select::row(&savepoint, settings, bound, &key, "FOR UPDATE").await {
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
    // The ticket stands before its change, so that whoever follows the register knows it as ours.
    let say = "SELECT pg_logical_emit_message(true, 'gongxin', $1::bytea)";
    savepoint.execute(say, &[&operation.ticket]).await.map_err(&failed)?;
    match savepoint.batch_execute(&statement(bound, &key, expected.is_some(), new)).await {
        Ok(()) => {}
        Err(error) if is_about_rows(&error) => {
            savepoint.rollback().await.map_err(&failed)?;
            return Ok(Outcome::Not(NotApplied::Constraint));
        }
        Err(error) => return Err(failed(error)),
    }
    let after = select::row(&savepoint, settings, bound, &key, "").await;
    if !matches!(&after, Ok(after) if after.as_ref() == new) {
        savepoint.rollback().await.map_err(&failed)?;
        return Ok(Outcome::Not(NotApplied::Altered));
    }
    savepoint.commit().await.map_err(failed)?;
    Ok(Outcome::Applied)
}

fn key_of(bound: &Bound, row: &Row) -> Result<Key, ConnectorError> {
    Key::of(row, &bound.resource).map_err(|error| ConnectorError::Config { what: error.to_string() })
}

/// The SQL of one act.
fn statement(bound: &Bound, key: &Key, exists: bool, new: Option<&Row>) -> String {
    let table = select::table(&bound.binding.table);
    let Some(row) = new else { return format!("DELETE FROM {table} WHERE {}", select::condition(bound, key)) };
    let values: Vec<String> = row.0.iter().map(literal).collect();
    if !exists {
        return format!("INSERT INTO {table} ({}) VALUES ({})", select::columns(bound), values.join(", "));
    }
    let pairs = bound.columns().iter().zip(values);
    let set: Vec<String> = pairs.map(|(column, value)| format!("{} = {value}", column.column.quoted())).collect();
    format!("UPDATE {table} SET {} WHERE {}", set.join(", "), select::condition(bound, key))
}

/// A literal without a type, which takes that of its column.
fn literal(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        value => escape_literal(&value.key_text()),
    }
}

/// Marks what became of an operation. The row that waited is not kept: it stands in the register and the vault.
async fn mark(
    transaction: &Transaction<'_>,
    settings: &Settings,
    operation: &Ordered,
    outcome: Outcome,
) -> Result<(), ConnectorError> {
    let (state, reason) = match outcome {
        Outcome::Not(reason) => ("not-applied", Some(reason.code())),
        Outcome::Applied | Outcome::Earlier => ("applied", None),
    };
    let height = i64::try_from(operation.place.height.get()).unwrap_or(i64::MAX);
    let index = i64::from(operation.place.index);
    let statement = "INSERT INTO gongxin.pending (operation, ticket, state, reason, height, place)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (operation) DO UPDATE
        SET state = excluded.state, reason = excluded.reason, height = excluded.height, place = excluded.place, new_row = NULL";
    let name = operation.operation.0.as_slice();
    let values: [&(dyn ToSql + Sync); 6] = [&name, &operation.ticket, &state, &reason, &height, &index];
    let marked = transaction.execute(statement, &values).await;
    marked.map(|_| ()).map_err(refused("mark what was applied", settings.database.as_str()))
}

/// What waits to be put on the ledger.
pub(crate) async fn waiting(client: &Client, settings: &Settings) -> Result<Vec<Waiting>, ConnectorError> {
    let statement = "SELECT ticket, new_row FROM gongxin.pending WHERE state = 'waiting'
        AND octet_length(ticket) <= $1 ORDER BY asked, operation LIMIT $2";
    let failed = refused("tell what waits", settings.database.as_str());
    let longest = i32::try_from(TICKET_BYTES_MAX).unwrap_or(i32::MAX);
    let limit = i64::try_from(APPLY_MAX).unwrap_or(i64::MAX);
    let rows = client.query(statement, &[&longest, &limit]).await.map_err(&failed)?;
    let read = |row: &tokio_postgres::Row| Ok(Waiting { ticket: row.try_get(0)?, row: row.try_get(1)? });
    rows.iter().map(read).collect::<Result<_, tokio_postgres::Error>>().map_err(failed)
}
