//! Check: whether tables fit their bindings, and whether what we installed is there and untouched.

use std::sync::Arc;

use gongxin_connector_api::{Bound, Column, ConnectorError, Finding, Mapping, Mode, Problem};
use rusqlite::{Connection, OptionalExtension as _};

use crate::Settings;
use crate::install;
use crate::open::refused;

/// A column as the file declares it.
struct Actual {
    name: String,
    declared: String,
    not_null: bool,
    primary: i64,
}

/// What is wrong with the tables.
pub(crate) fn tables(connection: &Connection, bounds: &[Arc<Bound>]) -> Result<Vec<Finding>, ConnectorError> {
    let mut findings = Vec::new();
    for bound in bounds {
        findings.extend(table(connection, bound)?);
    }
    Ok(findings)
}

fn table(connection: &Connection, bound: &Bound) -> Result<Vec<Finding>, ConnectorError> {
    let failed = refused("tell its tables");
    let id = Some(&bound.resource.id);
    let name = bound.binding.table.name.as_str();
    let kind = "SELECT type FROM sqlite_schema WHERE name = ?1 AND type IN ('table', 'view')";
    let kind: Option<String> = connection.query_row(kind, [name], |row| row.get(0)).optional().map_err(&failed)?;
    let Some(kind) = kind else {
        let what = format!("there is no table or view `{}`", bound.binding.table);
        let todo = "correct `table` in the binding, or restore the table".to_owned();
        return Ok(vec![Finding::fault(Problem::TableMissing, id, what, todo)]);
    };
    let columns = columns(connection, name).map_err(&failed)?;
    let mut findings: Vec<Finding> = bound.columns().iter().flat_map(|column| fits(bound, column, &columns)).collect();
    if kind == "view" {
        if bound.binding.mode != Mode::Observe {
            let what =
                format!("`{}` is a view: its changes are not told, it can only be compared", bound.binding.table);
            findings.push(Finding::fault(
                Problem::Outbox,
                id,
                what,
                "bind the table, or set `mode = \"observe\"`".into(),
            ));
        }
    } else if !is_unique(connection, bound, &columns).map_err(failed)? {
        let names = bound.key_columns().map(|column| column.column.quoted()).collect::<Vec<_>>().join(", ");
        let what = "two rows may have one key: no unique index holds it".to_owned();
        let todo = format!("run: CREATE UNIQUE INDEX … ON {} ({names})", bound.binding.table.quoted());
        findings.push(Finding::fault(Problem::KeyNotUnique, id, what, todo));
    }
    Ok(findings)
}

fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<Actual>> {
    let statement = "SELECT name, type, \"notnull\", pk FROM pragma_table_xinfo(?1)";
    let mut statement = connection.prepare(statement)?;
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Actual { name: row.get(0)?, declared: row.get(1)?, not_null: row.get(2)?, primary: row.get(3)? })
    };
    statement.query_map([table], read)?.collect()
}

/// Whether one column is there and can be read as the binding says.
fn fits(bound: &Bound, column: &Column, columns: &[Actual]) -> Vec<Finding> {
    let id = Some(&bound.resource.id);
    let Some(actual) = columns.iter().find(|other| other.name == column.column.as_str()) else {
        let is_bound = |name: &str| bound.columns().iter().any(|other| other.column.as_str() == name);
        let free = columns.iter().map(|other| other.name.as_str()).filter(|name| !is_bound(name)).collect::<Vec<_>>();
        let what = format!(
            "column `{}` is not there: dropped or renamed; not bound are: `{}`",
            column.column,
            free.join("`, `")
        );
        let todo = format!("name the column of field `{}` under `[register.columns]`", column.field);
        return vec![Finding::fault(Problem::ColumnMissing, id, what, todo)];
    };
    let mut findings = Vec::new();
    let declared = actual.declared.to_uppercase();
    // The affinities of SQLite (datatype3, section 3.1) that turn a decimal into a binary fraction.
    let is_text = ["CHAR", "CLOB", "TEXT"].iter().any(|part| declared.contains(part));
    let is_fraction = ["REAL", "FLOA", "DOUB"].iter().any(|part| declared.contains(part));
    let is_number = !is_text && !declared.contains("INT") && !declared.is_empty() && !declared.contains("BLOB");
    if is_fraction || (is_number && matches!(column.mapping, Mapping::Decimal(_))) {
        let what =
            format!("column `{}` is `{}`, in which decimals become binary fractions", column.column, actual.declared);
        let todo = "keep decimals as TEXT or as a whole number of the smallest unit".to_owned();
        findings.push(Finding::fault(Problem::ColumnType, id, what, todo));
    }
    let rowid = declared == "INTEGER" && actual.primary == 1;
    if column.key && !actual.not_null && !rowid && bound.binding.mode != Mode::Observe {
        let what = format!("key column `{}` may be NULL", column.column);
        findings.push(Finding::fault(Problem::KeyNullable, id, what, "declare it NOT NULL".into()));
    }
    findings
}

fn is_unique(connection: &Connection, bound: &Bound, columns: &[Actual]) -> rusqlite::Result<bool> {
    let key: Vec<&str> = bound.key_columns().map(|column| column.column.as_str()).collect();
    let primary: Vec<&str> =
        columns.iter().filter(|column| column.primary > 0).map(|column| column.name.as_str()).collect();
    if !primary.is_empty() && primary.iter().all(|name| key.contains(name)) {
        return Ok(true);
    }
    let named = "SELECT name FROM pragma_index_list(?1) WHERE \"unique\" AND NOT partial";
    let mut statement = connection.prepare(named)?;
    let table = bound.binding.table.name.as_str();
    let indexes: Vec<String> = statement.query_map([table], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for index in indexes {
        let mut statement = connection.prepare("SELECT name FROM pragma_index_info(?1)")?;
        // An expression has no name, and is no column of the key.
        let names = statement.query_map([&index], |row| row.get::<_, Option<String>>(0))?;
        let names: Vec<Option<String>> = names.collect::<rusqlite::Result<_>>()?;
        if names.iter().all(|name| name.as_deref().is_some_and(|name| key.contains(&name))) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What is wrong with outbox and triggers.
pub(crate) fn outbox(
    connection: &Connection,
    settings: &Settings,
    bounds: &[Arc<Bound>],
) -> Result<Vec<Finding>, ConnectorError> {
    let failed = refused("tell its triggers");
    if install::position(connection)?.is_none() {
        let what = "there is no outbox: changes are not kept for us".to_owned();
        let todo = "install it, then make a full pass over the registers".to_owned();
        return Ok(vec![Finding::fault(Problem::Outbox, None, what, todo)]);
    }
    let mut findings = Vec::new();
    for (name, statement) in install::triggers(bounds) {
        let there = "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = ?1";
        let there: Option<String> =
            connection.query_row(there, [&name], |row| row.get(0)).optional().map_err(&failed)?;
        if there.as_deref() != Some(statement.as_str()) {
            let what = match there {
                Some(_) => format!("trigger `{name}` is not as it was installed: changes may pass unseen"),
                None => format!("trigger `{name}` is gone: changes pass unseen"),
            };
            let todo =
                "find out who did it; uninstall, install anew, then make a full pass over the registers".to_owned();
            findings.push(Finding::fault(Problem::Outbox, None, what, todo));
        }
    }
    let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).map_err(&failed)?;
    if mode != "wal" {
        let what = format!("the journal is `{mode}`: our reading and the department's writing wait for each other");
        findings.push(Finding::advice(Problem::ServerSetting, None, what, "run: PRAGMA journal_mode = WAL".into()));
    }
    let kept: i64 =
        connection.query_row("SELECT count(*) FROM gongxin_outbox", [], |row| row.get(0)).map_err(failed)?;
    if u64::try_from(kept).unwrap_or(0) > settings.outbox_rows_max {
        let what = format!("the outbox holds {kept} rows, more than {}", settings.outbox_rows_max);
        let todo = "let the gateway catch up; if it cannot, uninstall, install anew, then make a full pass".to_owned();
        findings.push(Finding::fault(Problem::Backlog, None, what, todo));
    }
    Ok(findings)
}
