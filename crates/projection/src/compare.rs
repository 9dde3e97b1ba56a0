//! Compare: two projections of the same blocks have the same content, row by row.

use std::collections::BTreeMap;
use std::fmt;

use gongxin_crypto::{Digest, Hasher};
use rusqlite::types::ValueRef;

use crate::store::Snapshot;
use crate::{Answer, Projection, ProjectionError, schema};

/// A digest of each table, over all rows in the order of their keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    tables: BTreeMap<&'static str, Digest>,
}

impl Content {
    /// The tables that differ; none when the contents are equal.
    pub fn differences(&self, other: &Self) -> Vec<&'static str> {
        let differs = |table: &&&'static str| self.tables.get(**table) != other.tables.get(**table);
        self.tables.keys().filter(differs).copied().collect()
    }
}

impl fmt::Display for Content {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tables.iter().try_for_each(|(table, digest)| writeln!(formatter, "{table} {digest}"))
    }
}

impl Projection {
    /// What it holds, apart from which votes certified it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn content(&self) -> Result<Answer<Content>, ProjectionError> {
        self.store.read(|snapshot| {
            let tables = schema::CONTENT.iter().map(|(table, key)| Ok((*table, digest(snapshot, table, key)?)));
            Ok(Content { tables: tables.collect::<Result<_, ProjectionError>>()? })
        })
    }

    /// One digest over all it holds, apart from which votes certified it: equal for every copy of the same blocks.
    ///
    /// # Errors
    /// Those of the database.
    pub fn content_digest(&self) -> Result<Digest, ProjectionError> {
        let content = self.content()?.value;
        Ok(self.network().suite.tagged("gongxin-projection-1", &[content.to_string().as_bytes()]))
    }
}

fn digest(snapshot: &Snapshot<'_>, table: &str, key: &str) -> Result<Digest, ProjectionError> {
    const ACTION: &str = "hash a table";
    let query = format!("SELECT * FROM {table} ORDER BY {key}");
    let mut statement = snapshot.database.prepare(&query).map_err(ProjectionError::storage(ACTION))?;
    let columns = statement.column_count();
    let mut rows = statement.query([]).map_err(ProjectionError::storage(ACTION))?;
    let mut hasher = snapshot.suite.hasher();
    while let Some(row) = rows.next().map_err(ProjectionError::storage(ACTION))? {
        for column in 0..columns {
            add(&mut hasher, row.get_ref(column).map_err(ProjectionError::storage(ACTION))?);
        }
    }
    Ok(hasher.finish())
}

/// Type, length and bytes of a value: no two rows hash alike.
fn add(hasher: &mut Hasher, value: ValueRef<'_>) {
    let integer;
    let (kind, bytes): (u8, &[u8]) = match value {
        ValueRef::Null => (0, &[]),
        ValueRef::Integer(number) => {
            integer = number.to_le_bytes();
            (1, &integer)
        }
        ValueRef::Real(number) => {
            integer = number.to_bits().to_le_bytes();
            (2, &integer)
        }
        ValueRef::Text(text) => (3, text),
        ValueRef::Blob(blob) => (4, blob),
    };
    hasher.update(&[kind]);
    hasher.update(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
    hasher.update(bytes);
}
