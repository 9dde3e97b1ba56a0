//! Key: the values of the key columns of one row, in catalogue order.
//!
//! Keys are ordered value by value as [`Value`] is: integers by size, text by its bytes. Every connector reads in that
//! order, whatever collation its database has, and so does the vault.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize, io};
use gongxin_types::row::{Row, Value};
use gongxin_types::{Resource, codec};

use crate::limits::{KEY_BYTES_MAX, KEY_COLUMNS_MAX};

/// The key of a row. NULL is no value of a key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Vec<Value>);

/// Values that are no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No value, or more than a key may have.
    #[error("a key has 1 to {KEY_COLUMNS_MAX} columns")]
    Columns,
    /// NULL.
    #[error("a key column is NULL")]
    Null,
    /// Longer than a key may be.
    #[error("a key has at most {KEY_BYTES_MAX} bytes")]
    TooLong,
}

impl Key {
    /// Takes the values of the key columns.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn new(values: Vec<Value>) -> Result<Self, KeyError> {
        if values.is_empty() || values.len() > KEY_COLUMNS_MAX {
            return Err(KeyError::Columns);
        }
        if values.contains(&Value::Null) {
            return Err(KeyError::Null);
        }
        let bytes = values.iter().fold(4_usize, |sum, value| sum.saturating_add(encoded_length(value)));
        if bytes > KEY_BYTES_MAX { Err(KeyError::TooLong) } else { Ok(Self(values)) }
    }

    /// The key of this row, whose values fit the resource.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn of(row: &Row, resource: &Resource) -> Result<Self, KeyError> {
        let pairs = row.0.iter().zip(&resource.fields);
        Self::new(pairs.filter(|(_, field)| field.key).map(|(value, _)| value.clone()).collect())
    }

    /// Its values, in catalogue order.
    pub fn values(&self) -> &[Value] {
        &self.0
    }
}

/// Length of a value's canonical bytes (docs/spec/row.md, section 1).
pub(crate) fn encoded_length(value: &Value) -> usize {
    match value {
        Value::Null => 1,
        Value::Text(text) => text.as_str().len().saturating_add(5),
        Value::Integer(_) => 9,
        Value::Boolean(_) => 2,
        Value::Date(_) => 5,
    }
}

impl BorshSerialize for Key {
    fn serialize<W: io::Write>(&self, writer: &mut W) -> io::Result<()> {
        BorshSerialize::serialize(&self.0, writer)
    }
}

impl BorshDeserialize for Key {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let count = u32::deserialize_reader(reader)?;
        if usize::try_from(count).unwrap_or(usize::MAX) > KEY_COLUMNS_MAX {
            return Err(io::Error::new(io::ErrorKind::InvalidData, KeyError::Columns.to_string()));
        }
        let values = (0..count).map(|_| Value::deserialize_reader(reader)).collect::<io::Result<Vec<_>>>()?;
        Self::new(values).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))
    }
}

impl fmt::Debug for Key {
    // Keys may be identity numbers: they stay out of logs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Key({} columns, {} bytes)", self.0.len(), codec::encode(self).len())
    }
}
