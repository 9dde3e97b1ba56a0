//! Binding: which table or view is which resource, and which column is which field, as an operator writes it.
//!
//! ```toml
//! [[database]]
//! name = "housing"
//! [database.postgres]             # read by the connector of that kind
//! host = "10.1.2.3"
//!
//! [[register]]
//! resource = "housing/estates"
//! database = "housing"
//! table = "public.estate"
//! mode = "observe"                # or "anchored", "ledger-first"
//! subject = "owner"               # the field that says whom a row is about; may be left out
//! [register.columns]              # every field of the resource, none left out
//! code = "code"
//! area = { column = "area_m2", as = "decimal", scale = 2 }
//! registered-at = { column = "registered_at", as = "timestamp-utc" }
//! ```
//!
//! Whether it fits the catalogue is said by [`Bound::new`](crate::Bound::new), whether it fits the database by
//! [`Connector::check`](crate::Connector::check).

use std::collections::{BTreeMap, BTreeSet};

use gongxin_types::{FieldName, ResourceId, Slug};
use serde::Deserialize;

use crate::bound::Mapping;
use crate::limits::{DATABASES_MAX, DECIMAL_SCALE_MAX, REGISTERS_BYTES_MAX, REGISTERS_MAX};
use crate::{Identifier, TableName};

/// What becomes of a change in the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// It is compared with the ledger.
    Observe,
    /// With a ticket it becomes an operation on the ledger, without one an alert.
    Anchored,
    /// It is made by us, after it is final on the ledger.
    LedgerFirst,
}

/// One `[[database]]`. Exactly one kind is given; its table is read by the connector of that kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// How registers refer to it.
    pub name: Slug,
    /// How to reach a PostgreSQL.
    pub postgres: Option<toml::Table>,
    /// Where a SQLite file is.
    pub sqlite: Option<toml::Table>,
}

/// One `[[register]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// The resource of the catalogue.
    pub resource: ResourceId,
    /// The database, by its name above.
    pub database: Slug,
    /// The table or view.
    pub table: TableName,
    /// What becomes of changes.
    pub mode: Mode,
    /// The field that says whom a row is about, a text.
    pub subject: Option<FieldName>,
    /// Every field of the resource.
    pub columns: BTreeMap<FieldName, ColumnBinding>,
}

/// A column, by its name alone or with the way it is read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "a column's name, or `{ column = …, as = … }`")]
pub enum ColumnBinding {
    /// Read as it is.
    Plain(Identifier),
    /// Read as declared.
    Declared(DeclaredColumn),
}

/// A column and the way it is read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredColumn {
    column: Identifier,
    r#as: Declared,
    scale: Option<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Declared {
    Exact,
    Decimal,
    Timestamp,
    TimestampUtc,
}

impl ColumnBinding {
    /// The column and the way it is read; none where a scale is missing, too large, or out of place.
    pub(crate) fn read(&self) -> Option<(&Identifier, Mapping)> {
        match self {
            Self::Plain(column) => Some((column, Mapping::Exact)),
            Self::Declared(DeclaredColumn { column, r#as, scale }) => {
                let mapping = match (r#as, scale) {
                    (Declared::Exact, None) => Mapping::Exact,
                    (Declared::Decimal, Some(scale)) if *scale <= DECIMAL_SCALE_MAX => Mapping::Decimal(*scale),
                    (Declared::Timestamp, None) => Mapping::Timestamp,
                    (Declared::TimestampUtc, None) => Mapping::TimestampUtc,
                    _ => return None,
                };
                Some((column, mapping))
            }
        }
    }
}

/// The databases and registers of one gateway.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registers {
    /// `[[database]]`.
    #[serde(default)]
    pub database: Vec<Database>,
    /// `[[register]]`.
    #[serde(default)]
    pub register: Vec<Binding>,
}

/// Why databases and registers cannot be taken as written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistersError {
    /// More bytes than such a file has.
    #[error("{bytes} bytes where databases and registers have at most {REGISTERS_BYTES_MAX}")]
    TooLong {
        /// How many.
        bytes: usize,
    },
    /// Not TOML, or with something missing, unknown or of another kind; the message names the line.
    #[error("{0}")]
    Content(String),
    /// More than a gateway has.
    #[error("{count} {what} where a gateway has at most {max}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many.
        count: usize,
        /// How many there may be.
        max: usize,
    },
    /// Two of one name.
    #[error("{what} `{name}` is there twice")]
    Twice {
        /// Of what.
        what: &'static str,
        /// Which.
        name: String,
    },
    /// A database of no kind, or of two.
    #[error("database `{name}` must say where it is in exactly one of `[database.postgres]` and `[database.sqlite]`")]
    Kind {
        /// Which.
        name: Slug,
    },
    /// A register in no database.
    #[error("register `{resource}` is in database `{database}`, which is not there")]
    NoDatabase {
        /// Which.
        resource: ResourceId,
        /// Where it should be.
        database: Slug,
    },
}

impl Registers {
    /// Reads databases and registers from TOML.
    ///
    /// # Errors
    /// See [`RegistersError`].
    pub fn parse(text: &str) -> Result<Self, RegistersError> {
        if text.len() > REGISTERS_BYTES_MAX {
            return Err(RegistersError::TooLong { bytes: text.len() });
        }
        let registers: Self =
            toml::from_str(text).map_err(|error| RegistersError::Content(error.to_string().trim_end().to_owned()))?;
        registers.check()?;
        Ok(registers)
    }

    /// What types cannot say of databases and registers.
    fn check(&self) -> Result<(), RegistersError> {
        for (what, count, max) in
            [("databases", self.database.len(), DATABASES_MAX), ("registers", self.register.len(), REGISTERS_MAX)]
        {
            if count > max {
                return Err(RegistersError::TooMany { what, count, max });
            }
        }
        let mut names = BTreeSet::new();
        for database in &self.database {
            if !names.insert(&database.name) {
                return Err(RegistersError::Twice { what: "database", name: database.name.to_string() });
            }
            if database.postgres.is_some() == database.sqlite.is_some() {
                return Err(RegistersError::Kind { name: database.name.clone() });
            }
        }
        let (mut resources, mut tables) = (BTreeSet::new(), BTreeSet::new());
        for register in &self.register {
            if !names.contains(&register.database) {
                let (resource, database) = (register.resource.clone(), register.database.clone());
                return Err(RegistersError::NoDatabase { resource, database });
            }
            if !resources.insert(&register.resource) {
                return Err(RegistersError::Twice { what: "register", name: register.resource.to_string() });
            }
            if !tables.insert((&register.database, &register.table)) {
                return Err(RegistersError::Twice { what: "table", name: register.table.to_string() });
            }
        }
        Ok(())
    }
}
