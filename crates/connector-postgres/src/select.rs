//! Select: the SQL that reads rows of a register, and what comes back.

use gongxin_connector_api::{Bound, Column, ConnectorError, Key, TableName};
use gongxin_types::row::Row;
use postgres_protocol::escape::escape_literal;
use tokio_postgres::types::{FromSql, Type};
use tokio_postgres::{Client, GenericClient};

use crate::Settings;
use crate::cause::refused;
use crate::value::Kind;

/// A value in its binary form, whatever its type.
pub(crate) struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Raw(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// A table as it stands in our SQL: `public` where no schema is named, as sessions have no search path of their own.
pub(crate) fn table(name: &TableName) -> String {
    match name.schema {
        Some(_) => name.quoted(),
        None => format!("\"public\".{}", name.quoted()),
    }
}

/// The bound columns, in catalogue order.
pub(crate) fn columns(bound: &Bound) -> String {
    bound.columns().iter().map(|column| column.column.quoted()).collect::<Vec<_>>().join(", ")
}

/// How a type is read.
pub(crate) fn kind(of: &Type) -> Kind {
    match of.kind() {
        tokio_postgres::types::Kind::Enum(_) => Kind::Text,
        _ => Kind::of(of.oid()),
    }
}

/// The kinds of the bound columns, as the database has them now.
pub(crate) async fn kinds(
    client: &Client,
    settings: &Settings,
    bound: &Bound,
) -> Result<Vec<(Kind, bool)>, ConnectorError> {
    let statement = format!("SELECT {} FROM {} LIMIT 0", columns(bound), table(&bound.binding.table));
    let prepared = client.prepare(&statement).await;
    let prepared = prepared.map_err(refused("let us read the register", settings.database.as_str()))?;
    let is_enum = |of: &Type| matches!(of.kind(), tokio_postgres::types::Kind::Enum(_));
    Ok(prepared.columns().iter().map(|column| (kind(column.type_()), is_enum(column.type_()))).collect())
}

/// The key columns as expressions that are ordered by bytes, whatever the database's collation.
///
/// Where a column's own collation orders by bytes it stands alone, so that its index serves.
pub(crate) fn order(bound: &Bound, kinds: &[(Kind, bool)], by_bytes: &[String]) -> Vec<String> {
    let expression = |(column, (kind, label)): (&Column, &(Kind, bool))| {
        let name = column.column.quoted();
        match (kind, label) {
            (_, true) => format!("{name}::text COLLATE \"C\""),
            (Kind::Text, _) if !by_bytes.iter().any(|other| other == column.column.as_str()) => {
                format!("{name} COLLATE \"C\"")
            }
            _ => name,
        }
    };
    bound.columns().iter().zip(kinds).filter(|(column, _)| column.key).map(expression).collect()
}

/// The columns of a table whose collation is that of their bytes.
pub(crate) async fn by_bytes(
    client: &Client,
    settings: &Settings,
    bound: &Bound,
) -> Result<Vec<String>, ConnectorError> {
    let statement = "SELECT a.attname::text FROM pg_attribute a JOIN pg_collation c ON c.oid = a.attcollation
        JOIN pg_database d ON d.datname = current_database()
        WHERE a.attrelid = $1::text::regclass AND NOT a.attisdropped
        AND CASE WHEN c.collname = 'default' THEN d.datcollate ELSE c.collcollate END IN ('C', 'POSIX')";
    let failed = refused("tell how its texts are ordered", settings.database.as_str());
    let rows = client.query(statement, &[&table(&bound.binding.table)]).await.map_err(&failed)?;
    rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().map_err(failed)
}

/// The values of a key as literals, which take the type of what they are compared with.
pub(crate) fn literals(key: &Key) -> Vec<String> {
    key.values().iter().map(|value| escape_literal(&value.key_text())).collect()
}

/// The condition that names one row.
fn is_key(bound: &Bound, key: &Key) -> String {
    let pairs = bound.key_columns().zip(literals(key));
    pairs.map(|(column, literal)| format!("{} = {literal}", column.column.quoted())).collect::<Vec<_>>().join(" AND ")
}

/// The row with this key, as it is now; `suffix` may lock it.
pub(crate) async fn row(
    client: &impl GenericClient,
    settings: &Settings,
    bound: &Bound,
    key: &Key,
    suffix: &str,
) -> Result<Option<Row>, ConnectorError> {
    let table = table(&bound.binding.table);
    let statement = format!("SELECT {} FROM {table} WHERE {} LIMIT 2 {suffix}", columns(bound), is_key(bound, key));
    let failed = refused("let us read a row", settings.database.as_str());
    let rows = client.query(&statement, &[]).await.map_err(&failed)?;
    let row = match rows.as_slice() {
        [] => return Ok(None),
        [row] => row,
        _ => {
            let what = "two rows have one key".to_owned();
            return Err(ConnectorError::Schema { resource: bound.resource.id.clone(), what });
        }
    };
    let mut written: Vec<String> = vec![String::new(); row.len()];
    let mut cells = Vec::with_capacity(row.len());
    for ((index, column), written) in row.columns().iter().enumerate().zip(&mut written) {
        let raw: Option<Raw<'_>> = row.try_get(index).map_err(&failed)?;
        cells.push(raw.map_or(gongxin_connector_api::Cell::Null, |raw| kind(column.type_()).cell(raw.0, written)));
    }
    Ok(Some(bound.row(cells)?.1))
}

/// The condition that names one row, for statements that write.
pub(crate) fn condition(bound: &Bound, key: &Key) -> String {
    is_key(bound, key)
}
