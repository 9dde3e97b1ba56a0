//! Install: triggers and an outbox in the department's file, put there and taken out by an explicit act.
//!
//! `gongxin_outbox` has one row per change and per ticket, numbered without gaps being filled: `seq`, the register's number,
//! what happened (`ticket`, `insert`, `update`, `delete`), the ticket's bytes, the key before (`o0` …) and the row after (`n0`
//! …) with the types they had. `gongxin_register` says which number is which resource.

use std::sync::Arc;

use gongxin_connector_api::{Bound, ConnectorError, Position};
use rusqlite::{Connection, OptionalExtension as _};

use crate::open::refused;

/// Where the outbox is: the number of its latest row ever; none where it is not installed.
pub(crate) fn position(connection: &Connection) -> Result<Option<Position>, ConnectorError> {
    let failed = refused("tell where its outbox is");
    let there = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'gongxin_outbox'";
    if connection.query_row(there, [], |_| Ok(())).optional().map_err(&failed)?.is_none() {
        return Ok(None);
    }
    let statement = "SELECT seq FROM sqlite_sequence WHERE name = 'gongxin_outbox'";
    let latest: Option<i64> = connection.query_row(statement, [], |row| row.get(0)).optional().map_err(failed)?;
    Ok(Some(Position(latest.and_then(|latest| u64::try_from(latest).ok()).unwrap_or(0))))
}

/// Puts outbox, pending table and triggers into the file, all or nothing.
pub(crate) fn install(connection: &mut Connection, bounds: &[Arc<Bound>]) -> Result<(), ConnectorError> {
    let failed = refused("take our triggers and outbox");
    // Readers and the writer must not wait for each other.
    connection.pragma_update(None, "journal_mode", "wal").map_err(&failed)?;
    let transaction = connection.transaction().map_err(&failed)?;
    transaction.execute_batch(&tables(bounds)).map_err(&failed)?;
    for (number, bound) in bounds.iter().enumerate() {
        let register = "INSERT INTO gongxin_register (number, resource) VALUES (?1, ?2)";
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        transaction.execute(register, (number, bound.resource.id.to_string())).map_err(&failed)?;
    }
    for (_, statement) in triggers(bounds) {
        transaction.execute_batch(&statement).map_err(&failed)?;
    }
    transaction.commit().map_err(failed)
}

/// Takes everything of ours out of the file, and what was not read with it.
pub(crate) fn uninstall(connection: &mut Connection) -> Result<(), ConnectorError> {
    let failed = refused("let go of our triggers and outbox");
    let transaction = connection.transaction().map_err(&failed)?;
    let ours: Vec<String> = {
        let named = "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name GLOB 'gongxin_[0-9]*'";
        let mut statement = transaction.prepare(named).map_err(&failed)?;
        let names = statement.query_map([], |row| row.get(0)).map_err(&failed)?;
        names.collect::<Result<_, _>>().map_err(&failed)?
    };
    for name in ours {
        transaction.execute_batch(&format!("DROP TRIGGER \"{name}\"")).map_err(&failed)?;
    }
    let tables = "DROP TABLE IF EXISTS gongxin_outbox; DROP TABLE IF EXISTS gongxin_register;
        DROP TABLE IF EXISTS gongxin_pending;";
    transaction.execute_batch(tables).map_err(&failed)?;
    transaction.commit().map_err(failed)
}

fn tables(bounds: &[Arc<Bound>]) -> String {
    let numbered = |prefix: &str, count: usize| (0..count).map(|index| format!("{prefix}{index}")).collect::<Vec<_>>();
    let (keys, fields) = widths(bounds);
    // Columns without a type keep a value's own.
    let columns = [numbered("o", keys), numbered("n", fields)].concat().join(", ");
    format!(
        "CREATE TABLE gongxin_outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, register INTEGER, act TEXT NOT NULL, ticket BLOB, {columns});
CREATE TABLE gongxin_register (number INTEGER PRIMARY KEY, resource TEXT NOT NULL UNIQUE);
CREATE TABLE gongxin_pending (
    operation BLOB PRIMARY KEY CHECK (length(operation) = 16),
    ticket BLOB NOT NULL,
    new_row BLOB,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'applied', 'not-applied')),
    reason TEXT,
    height INTEGER,
    place INTEGER,
    CHECK ((state = 'waiting') = (height IS NULL)),
    CHECK ((state = 'not-applied') = (reason IS NOT NULL))
);
CREATE INDEX gongxin_pending_settled ON gongxin_pending (height, place) WHERE state <> 'waiting';"
    )
}

/// Most key columns and most fields of any of the registers.
pub(crate) fn widths(bounds: &[Arc<Bound>]) -> (usize, usize) {
    let keys = bounds.iter().map(|bound| bound.key_columns().count()).max().unwrap_or(0);
    (keys, bounds.iter().map(|bound| bound.columns().len()).max().unwrap_or(0))
}

/// The triggers by name, exactly as they must stand in the file.
pub(crate) fn triggers(bounds: &[Arc<Bound>]) -> Vec<(String, String)> {
    let mut triggers = Vec::new();
    for (number, bound) in bounds.iter().enumerate() {
        for act in ["insert", "update", "delete"] {
            let name = format!("gongxin_{number}_{act}");
            triggers.push((name.clone(), trigger(&name, number, act, bound)));
        }
    }
    triggers
}

fn trigger(name: &str, number: usize, act: &str, bound: &Bound) -> String {
    let table = bound.binding.table.name.quoted();
    let mut columns = vec!["register".to_owned(), "act".to_owned()];
    let mut values = vec![number.to_string(), format!("'{act}'")];
    if act != "insert" {
        for (index, column) in bound.key_columns().enumerate() {
            columns.push(format!("o{index}"));
            values.push(format!("OLD.{}", column.column.quoted()));
        }
    }
    if act != "delete" {
        for (index, column) in bound.columns().iter().enumerate() {
            columns.push(format!("n{index}"));
            values.push(format!("NEW.{}", column.column.quoted()));
        }
    }
    let (columns, values) = (columns.join(", "), values.join(", "));
    format!(
        "CREATE TRIGGER {name} AFTER {} ON {table} BEGIN INSERT INTO gongxin_outbox ({columns}) VALUES ({values}); END",
        act.to_uppercase()
    )
}
