//! Bound: a binding that fits the catalogue, and the one way from its columns to a canonical row.
//!
//! | field | mapping | what a column may hold | canonical value |
//! |---|---|---|---|
//! | text | exact | text | as given |
//! | text | decimal, scale s | decimal, integer, decimal text | text with exactly s digits behind the point |
//! | text | timestamp | instant without a zone | text, `2024-05-06T07:08:09.123456` |
//! | text | timestamp-utc | instant with a zone | text in UTC, `2024-05-05T23:08:09.123456Z` |
//! | integer | exact | integer within 64 bits | integer |
//! | boolean | exact | boolean | boolean |
//! | date | exact | day of the years 1 to 9999, or a text such as `2024-05-06` | date |

use gongxin_types::resource::FieldType;
use gongxin_types::row::{CellText, Row, Value};
use gongxin_types::{FieldName, List, Resource};

use crate::fault::{Reason, RowFault};
use crate::key::encoded_length;
use crate::limits::{KEY_COLUMNS_MAX, ROW_BYTES_MAX};
use crate::{Binding, Cell, Identifier, Key, civil, decimal};

/// How a column is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mapping {
    /// As it is.
    Exact,
    /// A decimal as text, with so many digits behind the point.
    Decimal(u8),
    /// An instant without a zone as text.
    Timestamp,
    /// An instant with a zone as text, in UTC.
    TimestampUtc,
}

/// One field and the column it is read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The field.
    pub field: FieldName,
    /// Type of the field.
    pub kind: FieldType,
    /// Whether it may be missing.
    pub nullable: bool,
    /// Whether it names the row.
    pub key: bool,
    /// The column.
    pub column: Identifier,
    /// How it is read.
    pub mapping: Mapping,
}

/// A binding, and the resource it fits.
#[derive(Clone, Debug)]
pub struct Bound {
    /// As written.
    pub binding: Binding,
    /// The resource as the catalogue has it.
    pub resource: Resource,
    /// Fields and columns in catalogue order.
    columns: Vec<Column>,
}

/// Why a binding does not fit the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BindError {
    /// Another resource.
    #[error("the binding is for `{bound}`, the resource is `{resource}`")]
    Resource {
        /// That of the binding.
        bound: String,
        /// That of the catalogue.
        resource: String,
    },
    /// A field without a column.
    #[error("field `{field}` of `{resource}` has no column: name one under `[register.columns]`")]
    Missing {
        /// The resource.
        resource: String,
        /// The field.
        field: FieldName,
    },
    /// A column for what is no field.
    #[error("`{field}` is no field of `{resource}`: take it out of `[register.columns]`")]
    Unknown {
        /// The resource.
        resource: String,
        /// What is no field.
        field: FieldName,
    },
    /// A mapping that the field's type does not have, or a scale that is missing, too large or out of place.
    #[error(
        "field `{field}` of `{resource}` cannot be read so: decimals and timestamps are text fields and no keys, a decimal has a `scale` of 0 to 18, nothing else has one"
    )]
    Mapping {
        /// The resource.
        resource: String,
        /// The field.
        field: FieldName,
    },
    /// A subject that is no text field.
    #[error("the subject `{field}` is no text field of `{resource}`")]
    Subject {
        /// The resource.
        resource: String,
        /// What should be the subject.
        field: FieldName,
    },
    /// More key columns than a key may have, or a key that may be missing.
    #[error("`{resource}` has no usable key: 1 to {KEY_COLUMNS_MAX} key fields, none of them nullable")]
    Key {
        /// The resource.
        resource: String,
    },
}

impl Bound {
    /// Ties a binding to its resource.
    ///
    /// # Errors
    /// See [`BindError`].
    pub fn new(binding: Binding, resource: Resource) -> Result<Self, BindError> {
        let name = resource.id.to_string();
        if binding.resource != resource.id {
            return Err(BindError::Resource { bound: binding.resource.to_string(), resource: name });
        }
        if let Some(field) = binding.columns.keys().find(|field| resource.field(field).is_none()) {
            return Err(BindError::Unknown { resource: name, field: field.clone() });
        }
        let keys = resource.key_fields().count();
        if keys == 0 || keys > KEY_COLUMNS_MAX || resource.key_fields().any(|field| field.nullable) {
            return Err(BindError::Key { resource: name });
        }
        if let Some(subject) = &binding.subject
            && resource.field(subject).is_none_or(|(_, field)| field.value != FieldType::Text)
        {
            return Err(BindError::Subject { resource: name, field: subject.clone() });
        }
        let columns = resource.fields.iter().map(|field| {
            let missing = || BindError::Missing { resource: name.clone(), field: field.name.clone() };
            let bad = || BindError::Mapping { resource: name.clone(), field: field.name.clone() };
            let (column, mapping) = binding.columns.get(&field.name).ok_or_else(missing)?.read().ok_or_else(bad)?;
            // A key is ordered as its column is, and a number's text is not.
            if mapping != Mapping::Exact && (field.value != FieldType::Text || field.key) {
                return Err(bad());
            }
            let (field, kind, nullable, key) = (field.name.clone(), field.value, field.nullable, field.key);
            Ok(Column { field, kind, nullable, key, column: column.clone(), mapping })
        });
        let columns = columns.collect::<Result<_, _>>()?;
        Ok(Self { binding, resource, columns })
    }

    /// Fields and columns, in catalogue order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The columns that name a row, in catalogue order.
    pub fn key_columns(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|column| column.key)
    }

    /// Whom a row is about, in the register's own words: an identity number. None where the binding names no subject.
    pub fn subject<'a>(&self, row: &'a Row) -> Option<&'a Value> {
        let (index, _) = self.resource.field(self.binding.subject.as_ref()?)?;
        row.0.get(index)
    }

    /// The canonical row of these cells, in catalogue order, and its key.
    ///
    /// # Errors
    /// When there is no canonical row: the fault names column and reason, and the key where that could be read.
    pub fn row<'a>(&self, cells: impl IntoIterator<Item = Cell<'a>>) -> Result<(Key, Row), RowFault> {
        let mut values = Vec::with_capacity(self.columns.len());
        let mut fault = None;
        let mut bytes = 4_usize;
        for (column, cell) in self.columns.iter().zip(cells) {
            let value = column.value(cell).unwrap_or_else(|reason| {
                fault.get_or_insert((column, reason));
                Value::Null
            });
            bytes = bytes.saturating_add(encoded_length(&value));
            values.push(value);
        }
        let whole = |reason| RowFault { at: None, ..self.fault(None, reason) };
        if let Some((column, reason)) = fault {
            let key = self.key_of(&values).ok();
            return Err(RowFault { key, ..self.fault(Some(column), reason) });
        }
        let key = self.key_of(&values).map_err(|_| whole(Reason::KeyTooLong))?;
        if values.len() != self.columns.len() {
            return Err(RowFault { key: Some(key), ..whole(Reason::WrongType) });
        }
        match List::new(values) {
            Ok(values) if bytes <= ROW_BYTES_MAX => Ok((key, Row(values))),
            _ => Err(RowFault { key: Some(key), ..whole(Reason::RowTooLong) }),
        }
    }

    fn key_of(&self, values: &[Value]) -> Result<Key, crate::key::KeyError> {
        let pairs = values.iter().zip(&self.columns);
        Key::new(pairs.filter(|(_, column)| column.key).map(|(value, _)| value.clone()).collect())
    }

    /// A fault of one of our columns, or of a row as a whole.
    pub fn fault(&self, column: Option<&Column>, reason: Reason) -> RowFault {
        let at = column.map(|column| (column.field.clone(), column.column.clone()));
        RowFault { resource: self.resource.id.clone(), at, reason, key: None, after: None }
    }
}

impl Column {
    /// The canonical value of a cell of this column.
    ///
    /// # Errors
    /// When it has none.
    pub fn value(&self, cell: Cell<'_>) -> Result<Value, Reason> {
        match (self.mapping, cell) {
            (_, Cell::Null) if self.nullable => Ok(Value::Null),
            (_, Cell::Null) => Err(Reason::Missing),
            (_, Cell::OutOfRange) => Err(Reason::OutOfRange),
            (Mapping::Exact, cell) => self.exact(cell),
            (Mapping::Decimal(scale), cell) => {
                let number = match cell {
                    Cell::Decimal(text) => decimal::canonical(text, scale),
                    Cell::Integer(number) => decimal::canonical(&number.to_string(), scale),
                    Cell::Text(bytes) => decimal::canonical(utf8(bytes)?, scale),
                    _ => return Err(Reason::WrongType),
                };
                number.ok_or(Reason::Decimal).and_then(|text| text_value(&text))
            }
            (Mapping::Timestamp | Mapping::TimestampUtc, cell) => {
                let utc = self.mapping == Mapping::TimestampUtc;
                let micros = match cell {
                    Cell::Micros(micros) if !utc => micros,
                    Cell::MicrosUtc(micros) if utc => micros,
                    Cell::Text(bytes) => civil::parse_instant(utf8(bytes)?, utc).ok_or(Reason::Instant)?,
                    _ => return Err(Reason::WrongType),
                };
                civil::instant_text(micros, utc).ok_or(Reason::OutOfRange).and_then(|text| text_value(&text))
            }
        }
    }

    fn exact(&self, cell: Cell<'_>) -> Result<Value, Reason> {
        match (self.kind, cell) {
            (FieldType::Text, Cell::Text(bytes)) => text_value(utf8(bytes)?),
            (FieldType::Integer, Cell::Integer(number)) => Ok(Value::Integer(number)),
            (FieldType::Boolean, Cell::Boolean(yes)) => Ok(Value::Boolean(yes)),
            (FieldType::Date, Cell::Days(days)) => civil::of_days(days)
                .and_then(|(year, month, day)| gongxin_types::Date::new(year, month, day))
                .map(Value::Date)
                .ok_or(Reason::OutOfRange),
            (FieldType::Date, Cell::Text(bytes)) => utf8(bytes)?.parse().map(Value::Date).map_err(|_| Reason::Instant),
            _ => Err(Reason::WrongType),
        }
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, Reason> {
    std::str::from_utf8(bytes).map_err(|_| Reason::NotUtf8)
}

fn text_value(text: &str) -> Result<Value, Reason> {
    CellText::new(text).map(Value::Text).ok_or(Reason::TooLong)
}
