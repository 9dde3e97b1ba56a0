//! Names of tables and columns as a database has them: any script, bounded, quoted before they stand in SQL.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

use crate::limits::IDENTIFIER_BYTES_MAX;

/// The name of a column, a table or a schema; `人员` is as good as `person`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Identifier(Box<str>);

/// Text that is no name in a database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{shown}` is no name of a table or column: 1 to {IDENTIFIER_BYTES_MAX} bytes, without quotes and control characters"
)]
pub struct IdentifierError {
    shown: String,
}

impl Identifier {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As it stands in SQL: in double quotes, so that no name is a keyword and case is kept.
    pub fn quoted(&self) -> String {
        // A name with a double quote is refused at the door.
        format!("\"{}\"", self.0)
    }
}

impl FromStr for Identifier {
    type Err = IdentifierError;
    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        let bad = |character: char| character.is_control() || matches!(character, '"' | '\'' | '\\' | '`');
        if text.is_empty() || text.len() > IDENTIFIER_BYTES_MAX || text.chars().any(bad) {
            return Err(IdentifierError { shown: text.chars().take(80).flat_map(char::escape_debug).collect() });
        }
        Ok(Self(text.into()))
    }
}

impl TryFrom<String> for Identifier {
    type Error = IdentifierError;
    fn try_from(text: String) -> Result<Self, IdentifierError> {
        text.parse()
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A table or view, with its schema where the database has schemas: `public.estate`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct TableName {
    /// The schema; the connector's own default where none is named.
    pub schema: Option<Identifier>,
    /// The table or view.
    pub name: Identifier,
}

impl TableName {
    /// As it stands in SQL.
    pub fn quoted(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{}.{}", schema.quoted(), self.name.quoted()),
            None => self.name.quoted(),
        }
    }
}

impl FromStr for TableName {
    type Err = IdentifierError;
    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        match text.split_once('.') {
            Some((schema, name)) => Ok(Self { schema: Some(schema.parse()?), name: name.parse()? }),
            None => Ok(Self { schema: None, name: text.parse()? }),
        }
    }
}

impl TryFrom<String> for TableName {
    type Error = IdentifierError;
    fn try_from(text: String) -> Result<Self, IdentifierError> {
        text.parse()
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(formatter, "{schema}.{}", self.name),
            None => self.name.fmt(formatter),
        }
    }
}
