//! The canonical row: one way from a row to its commitment, equal for every database (docs/spec/row.md).
//!
//! A row is its values in catalogue order. Its salt is 32 random bytes per record **version**; the salt of a field is
//! `HMAC(salt, name)`. The commitment is `H(tag ‖ H(tag ‖ salt ‖ row) ‖ fields_root)`: a reconciler needs one hash per
//! row, and a reader of three fields verifies exactly those three (PROTOCOL 18).

use std::fmt;
use std::str::FromStr;

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::{Digest, Suite, merkle};
use serde::{Deserialize, Serialize, Serializer};

use crate::{Date, FieldName, List, Resource, codec, codec::text_borsh, limits, resource::FieldType};

/// Text as given, without normalisation, at most 64 KiB.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellText(Box<str>);

impl CellText {
    /// Takes a text within the bound.
    pub fn new(text: &str) -> Option<Self> {
        (text.len() <= limits::VALUE_BYTES_MAX).then(|| Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CellText {
    // Rows may be about people: their values stay out of logs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "CellText({} bytes)", self.0.len())
    }
}

impl FromStr for CellText {
    type Err = CellTextError;
    fn from_str(text: &str) -> Result<Self, CellTextError> {
        Self::new(text).ok_or(CellTextError)
    }
}

/// A text value above its bound.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a text value of more than {} bytes", limits::VALUE_BYTES_MAX)]
pub struct CellTextError;

text_borsh!(CellText, limits::VALUE_BYTES_MAX);

/// One value. NULL is not the empty text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub enum Value {
    /// Missing.
    Null,
    /// UTF-8 as given.
    Text(CellText),
    /// A signed integer.
    Integer(i64),
    /// Yes or no.
    Boolean(bool),
    /// A civil date.
    Date(Date),
}

impl Value {
    /// Whether it may stand in a column of this type.
    pub const fn fits(&self, kind: FieldType, nullable: bool) -> bool {
        match self {
            Self::Null => nullable,
            Self::Text(_) => matches!(kind, FieldType::Text),
            Self::Integer(_) => matches!(kind, FieldType::Integer),
            Self::Boolean(_) => matches!(kind, FieldType::Boolean),
            Self::Date(_) => matches!(kind, FieldType::Date),
        }
    }

    /// Reads a JSON value as one of this column's type.
    pub fn from_json(value: &serde_json::Value, kind: FieldType) -> Option<Self> {
        match (value, kind) {
            (serde_json::Value::Null, _) => Some(Self::Null),
            (serde_json::Value::String(text), FieldType::Text) => CellText::new(text).map(Self::Text),
            (serde_json::Value::String(text), FieldType::Date) => text.parse().ok().map(Self::Date),
            (serde_json::Value::String(text), FieldType::Integer) => {
                text.parse::<i64>().ok().filter(|number| number.to_string() == *text).map(Self::Integer)
            }
            (serde_json::Value::Number(number), FieldType::Integer) => number.as_i64().map(Self::Integer),
            (serde_json::Value::Bool(yes), FieldType::Boolean) => Some(Self::Boolean(*yes)),
            _ => None,
        }
    }

    /// As JSON; integers beyond 2⁵³−1 as decimal strings.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Text(text) => text.as_str().into(),
            Self::Integer(number) if number.unsigned_abs() <= crate::json::INTEGER_MAX => (*number).into(),
            Self::Integer(number) => number.to_string().into(),
            Self::Boolean(yes) => (*yes).into(),
            Self::Date(date) => date.to_string().into(),
        }
    }
}

impl Value {
    /// As a person types it where it is a key: integers decimal, dates ISO 8601, booleans `true` and `false`; NULL is a zero
    /// character, which nobody can type.
    pub fn key_text(&self) -> String {
        match self {
            Self::Null => "\0".into(),
            Self::Text(text) => text.as_str().into(),
            Self::Integer(number) => number.to_string(),
            Self::Boolean(yes) => yes.to_string(),
            Self::Date(date) => date.to_string(),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

/// 32 random bytes of one record version.
#[derive(Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Salt(#[serde(with = "crate::json::hex_array")] pub [u8; 32]);

impl fmt::Debug for Salt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Salt(..)")
    }
}

/// Values in catalogue order.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Row(pub List<Value, { limits::FIELDS_MAX }>);

/// Why a row does not belong to a resource.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// Another number of values than columns.
    #[error("{found} values where the resource has {expected} fields")]
    Width {
        /// How many values there are.
        found: usize,
        /// How many columns.
        expected: usize,
    },
    /// A value of another type, or NULL where none may be.
    #[error("the value of `{field}` is not of its type, or is missing")]
    Value {
        /// The column.
        field: FieldName,
    },
    /// A JSON object with a name that is no column.
    #[error("`{name}` is not a field of the resource")]
    UnknownField {
        /// The name, cut at 64 characters.
        name: String,
    },
}

impl Row {
    /// Checks number, types and NULLs against the catalogue.
    ///
    /// # Errors
    /// See [`RowError`].
    pub fn check(&self, resource: &Resource) -> Result<(), RowError> {
        if self.0.len() != resource.fields.len() {
            return Err(RowError::Width { found: self.0.len(), expected: resource.fields.len() });
        }
        match self.0.iter().zip(&resource.fields).find(|(value, field)| !value.fits(field.value, field.nullable)) {
            Some((_, field)) => Err(RowError::Value { field: field.name.clone() }),
            None => Ok(()),
        }
    }

    /// Reads `{"field": value, …}`; a nullable field may be left out.
    ///
    /// # Errors
    /// See [`RowError`].
    pub fn from_json(
        object: &serde_json::Map<String, serde_json::Value>,
        resource: &Resource,
    ) -> Result<Self, RowError> {
        if let Some(name) = object.keys().find(|name| !resource.fields.iter().any(|field| field.name.as_str() == *name))
        {
            return Err(RowError::UnknownField { name: name.chars().take(64).collect() });
        }
        let values = resource.fields.iter().map(|field| {
            let given = object.get(field.name.as_str()).unwrap_or(&serde_json::Value::Null);
            Value::from_json(given, field.value)
                .filter(|value| value.fits(field.value, field.nullable))
                .ok_or_else(|| RowError::Value { field: field.name.clone() })
        });
        let values: Vec<Value> = values.collect::<Result<_, _>>()?;
        let found = values.len();
        List::new(values).map(Self).map_err(|_| RowError::Width { found, expected: limits::FIELDS_MAX })
    }

    /// Digest of salt and row: `H(tag ‖ salt ‖ row)`.
    pub fn digest(&self, suite: Suite, salt: &Salt) -> Digest {
        suite.tagged("gongxin-row-1", &[&salt.0, &codec::encode(self)])
    }

    /// Leaf hashes of the tree of salted fields, in catalogue order.
    pub fn field_hashes(&self, suite: Suite, salt: &Salt, resource: &Resource) -> Vec<Digest> {
        let pairs = self.0.iter().zip(&resource.fields);
        pairs
            .map(|(value, field)| field_hash(suite, &field_salt(suite, salt, &field.name), &field.name, value))
            .collect()
    }

    /// The commitment of this version.
    pub fn commitment(&self, suite: Suite, salt: &Salt, resource: &Resource) -> Digest {
        let fields_root = merkle::root_of_hashes(suite, &self.field_hashes(suite, salt, resource));
        commitment(suite, &self.digest(suite, salt), &fields_root)
    }
}

/// `H(tag ‖ row digest ‖ fields root)`.
pub fn commitment(suite: Suite, row: &Digest, fields_root: &Digest) -> Digest {
    suite.tagged("gongxin-commitment-1", &[row.as_ref(), fields_root.as_ref()])
}

/// `HMAC(salt, name)`.
pub fn field_salt(suite: Suite, salt: &Salt, name: &FieldName) -> Digest {
    suite.mac(&salt.0, &[name.as_str().as_bytes()])
}

/// Leaf hash of one salted field.
pub fn field_hash(suite: Suite, salt: &Digest, name: &FieldName, value: &Value) -> Digest {
    merkle::leaf_hash(suite, &codec::encode(&(salt, name, value)))
}
