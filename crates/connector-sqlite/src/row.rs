//! Rows of SQLite, whose columns may hold any type, as canonical rows; and values as parameters.

use gongxin_connector_api::{Bound, Cell, Column, ConnectorError, Key};
use gongxin_types::resource::FieldType;
use gongxin_types::row::{Row, Value};
use rusqlite::types::{Value as Parameter, ValueRef};
use rusqlite::{Connection, params_from_iter};

use crate::open::refused;

/// A stored value as a cell of this column. SQLite has no booleans: they are 0 and 1.
pub(crate) fn cell<'a>(column: &Column, value: ValueRef<'a>) -> Cell<'a> {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) if column.kind == FieldType::Boolean => match number {
            0 => Cell::Boolean(false),
            1 => Cell::Boolean(true),
            _ => Cell::OutOfRange,
        },
        ValueRef::Integer(number) => Cell::Integer(number),
        ValueRef::Text(bytes) => Cell::Text(bytes),
        // A binary fraction is no number that two programs print alike, and a blob is no text.
        ValueRef::Real(_) | ValueRef::Blob(_) => Cell::Other,
    }
}

/// A canonical value as a parameter.
pub(crate) fn parameter(value: &Value) -> Parameter {
    match value {
        Value::Null => Parameter::Null,
        Value::Text(text) => Parameter::Text(text.as_str().to_owned()),
        Value::Integer(number) => Parameter::Integer(*number),
        Value::Boolean(yes) => Parameter::Integer(i64::from(*yes)),
        Value::Date(date) => Parameter::Text(date.to_string()),
    }
}

/// The values of a key as parameters.
pub(crate) fn parameters(key: &Key) -> Vec<Parameter> {
    key.values().iter().map(parameter).collect()
}

/// The bound columns, in catalogue order.
pub(crate) fn columns(bound: &Bound) -> String {
    bound.columns().iter().map(|column| column.column.quoted()).collect::<Vec<_>>().join(", ")
}

/// The key columns, ordered and compared by bytes, whatever collation they were declared with.
pub(crate) fn key_expressions(bound: &Bound) -> Vec<String> {
    bound.key_columns().map(|column| format!("{} COLLATE BINARY", column.column.quoted())).collect()
}

/// The condition that names one row, its key from the first parameters on.
pub(crate) fn condition(bound: &Bound, first: usize) -> String {
    let expressions = key_expressions(bound).into_iter().enumerate();
    expressions.map(|(index, column)| format!("{column} = ?{}", index + first)).collect::<Vec<_>>().join(" AND ")
}

/// The row with this key, as it is now.
pub(crate) fn row(connection: &Connection, bound: &Bound, key: &Key) -> Result<Option<Row>, ConnectorError> {
    let table = bound.binding.table.quoted();
    let statement = format!("SELECT {} FROM {table} WHERE {} LIMIT 2", columns(bound), condition(bound, 1));
    let failed = refused("let us read a row");
    let mut statement = connection.prepare_cached(&statement).map_err(&failed)?;
    let mut rows = statement.query(params_from_iter(parameters(key))).map_err(&failed)?;
    let Some(found) = rows.next().map_err(&failed)? else { return Ok(None) };
    let mut cells = Vec::with_capacity(bound.columns().len());
    for (index, column) in bound.columns().iter().enumerate() {
        cells.push(cell(column, found.get_ref(index).map_err(&failed)?));
    }
    let row = bound.row(cells)?.1;
    if rows.next().map_err(&failed)?.is_some() {
        let what = "two rows have one key".to_owned();
        return Err(ConnectorError::Schema { resource: bound.resource.id.clone(), what });
    }
    Ok(Some(row))
}
