//! Whether one table or view fits its binding: columns, types, key, replica identity, privileges.

use gongxin_connector_api::{Bound, Column, ConnectorError, Finding, Mapping, Mode, Problem};
use gongxin_types::resource::FieldType;
use tokio_postgres::{Client, Row};

use crate::Settings;
use crate::cause::refused;
use crate::relation::Types;
use crate::select;
use crate::value::Kind;

/// What was found of one table.
pub(super) struct Found {
    pub(super) findings: Vec<Finding>,
    /// Whether it is a table that can be in a publication.
    pub(super) can_be_followed: bool,
}

/// A column as the database has it.
struct Actual {
    number: i16,
    name: String,
    kind: Kind,
    declared: String,
    not_null: bool,
    readable: bool,
}

/// The table as the database has it.
struct Table {
    oid: i64,
    is_view: bool,
    identity: String,
    schema_usable: bool,
    writable: bool,
}

pub(super) async fn check(client: &Client, settings: &Settings, bound: &Bound) -> Result<Found, ConnectorError> {
    let id = Some(&bound.resource.id);
    let table = &bound.binding.table;
    let Some(actual) = table_of(client, settings, bound).await? else {
        let what = format!("there is no table or view `{table}`");
        let todo = "correct `table` in the binding, or restore the table".to_owned();
        let findings = vec![Finding::fault(Problem::TableMissing, id, what, todo)];
        return Ok(Found { findings, can_be_followed: false });
    };
    let columns = columns_of(client, settings, actual.oid).await?;
    let mut findings = privileges(settings, bound, &actual, &columns);
    for column in bound.columns() {
        findings.extend(fits(bound, column, &columns));
    }
    let is_there = |column: &Column| columns.iter().any(|other| other.name == column.column.as_str());
    if bound.key_columns().all(is_there) {
        if actual.is_view {
            if bound.binding.mode != Mode::Observe {
                let what = format!("`{table}` is a view: its changes are not told, it can only be compared");
                findings.push(Finding::fault(
                    Problem::ReplicaIdentity,
                    id,
                    what,
                    "bind the table, or set `mode = \"observe\"`".into(),
                ));
            }
        } else {
            findings.extend(keys(client, settings, bound, &actual, &columns).await?);
        }
    }
    Ok(Found { findings, can_be_followed: !actual.is_view })
}

async fn table_of(client: &Client, settings: &Settings, bound: &Bound) -> Result<Option<Table>, ConnectorError> {
    let statement = "SELECT c.oid::int8, c.relkind IN ('v', 'm', 'f'), c.relreplident::text,
        has_schema_privilege(n.oid, 'USAGE'), has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')";
    let failed = refused("tell its tables", settings.database.as_str());
    let table = &bound.binding.table;
    let schema = table.schema.as_ref().map_or("public", |schema| schema.as_str());
    let row = client.query_opt(statement, &[&schema, &table.name.as_str()]).await.map_err(&failed)?;
    let read = |row: Row| -> Result<Table, tokio_postgres::Error> {
        Ok(Table {
            oid: row.try_get(0)?,
            is_view: row.try_get(1)?,
            identity: row.try_get(2)?,
            schema_usable: row.try_get(3)?,
            writable: row.try_get(4)?,
        })
    };
    row.map(read).transpose().map_err(failed)
}

async fn columns_of(client: &Client, settings: &Settings, oid: i64) -> Result<Vec<Actual>, ConnectorError> {
    let types = Types::read(client, settings.database.as_str()).await?;
    let statement = "SELECT attnum, attname::text, atttypid::int8, format_type(atttypid, atttypmod), attnotnull,
        has_column_privilege(attrelid, attnum, 'SELECT')
        FROM pg_attribute WHERE attrelid = $1::int8::oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum";
    let failed = refused("tell its columns", settings.database.as_str());
    let rows = client.query(statement, &[&oid]).await.map_err(&failed)?;
    let read = |row: &Row| -> Result<Actual, tokio_postgres::Error> {
        Ok(Actual {
            number: row.try_get(0)?,
            name: row.try_get(1)?,
            kind: types.kind(u32::try_from(row.try_get::<_, i64>(2)?).unwrap_or(0)),
            declared: row.try_get(3)?,
            not_null: row.try_get(4)?,
            readable: row.try_get(5)?,
        })
    };
    rows.iter().map(read).collect::<Result<_, _>>().map_err(failed)
}

fn privileges(settings: &Settings, bound: &Bound, table: &Table, columns: &[Actual]) -> Vec<Finding> {
    let id = Some(&bound.resource.id);
    let (role, quoted) = (settings.user.quoted(), select::table(&bound.binding.table));
    let mut findings = Vec::new();
    let unreadable =
        |column: &&Column| columns.iter().any(|other| other.name == column.column.as_str() && !other.readable);
    let unreadable: Vec<String> =
        bound.columns().iter().filter(unreadable).map(|column| column.column.quoted()).collect();
    if !unreadable.is_empty() {
        let what = format!("role `{}` may not read {} of its columns", settings.user, unreadable.len());
        let todo = format!("run: GRANT SELECT ({}) ON {quoted} TO {role}", unreadable.join(", "));
        findings.push(Finding::fault(Problem::PrivilegeMissing, id, what, todo));
    }
    if !table.schema_usable {
        let what = format!("role `{}` may not use the schema of `{}`", settings.user, bound.binding.table);
        let schema = bound.binding.table.schema.as_ref().map_or("\"public\"".to_owned(), |schema| schema.quoted());
        findings.push(Finding::fault(
            Problem::PrivilegeMissing,
            id,
            what,
            format!("run: GRANT USAGE ON SCHEMA {schema} TO {role}"),
        ));
    }
    if table.writable && bound.binding.mode != Mode::LedgerFirst {
        let what = format!("role `{}` may write to `{}`, and has no need to", settings.user, bound.binding.table);
        let todo = format!("run: REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {quoted} FROM {role}");
        findings.push(Finding::advice(Problem::PrivilegeExcess, id, what, todo));
    }
    findings
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
    if !can_hold(column, actual.kind) {
        let what = format!(
            "column `{}` is `{}`, which field `{}` cannot be read from",
            column.column, actual.declared, column.field
        );
        let todo = "declare a decimal or timestamp with `as`, or bind a view that converts it".to_owned();
        findings.push(Finding::fault(Problem::ColumnType, id, what, todo));
    }
    if column.key && !actual.not_null && bound.binding.mode != Mode::Observe {
        let what = format!("key column `{}` may be NULL", column.column);
        let todo = format!(
            "run: ALTER TABLE {} ALTER {} SET NOT NULL",
            select::table(&bound.binding.table),
            column.column.quoted()
        );
        findings.push(Finding::fault(Problem::KeyNullable, id, what, todo));
    }
    findings
}

/// Whether values of this kind can have a canonical form under the mapping.
fn can_hold(column: &Column, kind: Kind) -> bool {
    match (column.mapping, column.kind) {
        (Mapping::Exact, FieldType::Text) => kind == Kind::Text,
        (Mapping::Exact, FieldType::Integer) => kind == Kind::Integer,
        (Mapping::Exact, FieldType::Boolean) => kind == Kind::Boolean,
        (Mapping::Exact, FieldType::Date) => matches!(kind, Kind::Date | Kind::Text),
        (Mapping::Decimal(_), _) => matches!(kind, Kind::Decimal | Kind::Integer | Kind::Text),
        (Mapping::Timestamp, _) => matches!(kind, Kind::Timestamp | Kind::Text),
        (Mapping::TimestampUtc, _) => matches!(kind, Kind::TimestampUtc | Kind::Text),
    }
}

/// Whether the key is unique, and told with every change.
async fn keys(
    client: &Client,
    settings: &Settings,
    bound: &Bound,
    table: &Table,
    columns: &[Actual],
) -> Result<Vec<Finding>, ConnectorError> {
    let statement = "SELECT string_to_array(indkey::text, ' ')::int2[], indisprimary, indisreplident
        FROM pg_index WHERE indrelid = $1::int8::oid AND indisunique AND indisvalid AND indpred IS NULL AND indexprs IS NULL";
    let failed = refused("tell its indexes", settings.database.as_str());
    let rows = client.query(statement, &[&table.oid]).await.map_err(&failed)?;
    let number =
        |column: &Column| columns.iter().find(|other| other.name == column.column.as_str()).map(|other| other.number);
    let mut key: Vec<i16> = bound.key_columns().filter_map(number).collect();
    key.sort_unstable();
    let (mut unique, mut told) = (false, table.identity == "f");
    for row in rows {
        let mut indexed: Vec<i16> = row.try_get(0).map_err(&failed)?;
        let (primary, identity): (bool, bool) = (row.try_get(1).map_err(&failed)?, row.try_get(2).map_err(&failed)?);
        indexed.sort_unstable();
        unique |= indexed.iter().all(|number| key.contains(number));
        let is_identity = match table.identity.as_str() {
            "d" => primary,
            "i" => identity,
            _ => false,
        };
        told |= is_identity && key.iter().all(|number| indexed.contains(number));
    }
    let id = Some(&bound.resource.id);
    let quoted = select::table(&bound.binding.table);
    let names = bound.key_columns().map(|column| column.column.quoted()).collect::<Vec<_>>().join(", ");
    let mut findings = Vec::new();
    if !unique {
        let what = "two rows may have one key: no unique index holds it".to_owned();
        findings.push(Finding::fault(
            Problem::KeyNotUnique,
            id,
            what,
            format!("run: CREATE UNIQUE INDEX ON {quoted} ({names})"),
        ));
    }
    if !told {
        let what = "changes and deletions would not say which row they are of (replica identity)".to_owned();
        let todo = format!(
            "make ({names}) the primary key, or run: ALTER TABLE {quoted} REPLICA IDENTITY USING INDEX … (or FULL); a table without one cannot be updated once it is published"
        );
        findings.push(Finding::fault(Problem::ReplicaIdentity, id, what, todo));
    }
    Ok(findings)
}
