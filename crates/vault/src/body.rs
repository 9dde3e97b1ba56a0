//! Bodies: row and salt of every final version of a record, found by version and by key; and their erasure.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_types::row::{Row, Salt};
use gongxin_types::{RecordId, Resource, ResourceId, codec};
use rusqlite::{OptionalExtension, params};

use crate::column::{number, sealed, transaction_id};
use crate::{Item, Vault, VaultError, limits};

/// Row and salt of one version.
#[derive(Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct StoredBody {
    /// Salt of the version.
    pub salt: Salt,
    /// The row.
    pub row: Row,
}

impl fmt::Debug for StoredBody {
    // A row may be about a person: it stays out of logs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("StoredBody(..)")
    }
}

/// The key columns of a row as text ([`Value::key_text`](gongxin_types::row::Value::key_text)), in catalogue order: what
/// [`Vault::records_by_key`] finds it by.
pub fn key_of(resource: &Resource, row: &Row) -> Vec<String> {
    let columns = row.0.iter().zip(&resource.fields).filter(|(_, field)| field.key);
    columns.map(|(value, _)| value.key_text()).collect()
}

impl Vault {
    /// Row and salt of a confirmed version; `None` when the vault never had it.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] when it was altered on disk, [`VaultError::Erased`] when its key was destroyed.
    pub fn body(
        &self,
        resource: &ResourceId,
        record: &RecordId,
        version: u32,
    ) -> Result<Option<StoredBody>, VaultError> {
        const ACTION: &str = "read a body";
        let found = self.read(ACTION, |database| {
            let query = "SELECT transaction_id, period, wrap, sealed FROM bodies
                         WHERE resource = ?1 AND record = ?2 AND version = ?3 AND height IS NOT NULL";
            database
                .prepare_cached(query)
                .and_then(|mut statement| {
                    statement
                        .query_row(params![resource.to_string(), record.as_bytes(), version], |row| {
                            Ok((row.get::<_, Vec<u8>>(0)?, sealed(row, 1)?))
                        })
                        .optional()
                })
                .map_err(VaultError::storage(ACTION))
        })?;
        let Some((transaction, sealed)) = found else {
            return Ok(None);
        };
        let transaction = transaction_id(&transaction).map_err(VaultError::storage(ACTION))?;
        let item = Item::Body { resource: resource.clone(), record: *record, version, transaction };
        let Some(sealed) = sealed else {
            return Err(VaultError::Erased { item });
        };
        let bytes = self.ring.open(item.clone(), &sealed)?;
        codec::decode("body", &bytes).map(Some).map_err(|_| VaultError::Damaged { item })
    }

    /// The records that have or had these key columns, in the order in which the ledger first had each of them: a code
    /// that returns is a new record.
    ///
    /// # Errors
    /// Those of the database, and of the limits for keys.
    pub fn records_by_key(&self, resource: &ResourceId, key: &[String]) -> Result<Vec<RecordId>, VaultError> {
        const ACTION: &str = "look up a key";
        check_key(key)?;
        let index = self.ring.blind_index(resource, key);
        self.read(ACTION, |database| {
            let query = "SELECT record, min(height << 20 | position) AS first, action, operation FROM bodies
                         WHERE key_index = ?1 AND height IS NOT NULL
                         GROUP BY record ORDER BY first, action, operation LIMIT ?2";
            let mut statement = database.prepare_cached(query).map_err(VaultError::storage(ACTION))?;
            let rows = statement
                .query_map(params![index.as_bytes(), number(limits::LIVES_MAX as u64)], |row| {
                    row.get::<_, [u8; 16]>(0).map(RecordId::new)
                })
                .map_err(VaultError::storage(ACTION))?;
            rows.collect::<Result<_, _>>().map_err(VaultError::storage(ACTION))
        })
    }

    /// The confirmed versions of a record that have a body, ascending; erased ones are among them.
    ///
    /// # Errors
    /// Those of the database.
    pub fn versions(&self, resource: &ResourceId, record: &RecordId) -> Result<Vec<u32>, VaultError> {
        const ACTION: &str = "list versions";
        self.read(ACTION, |database| {
            let query = "SELECT version FROM bodies WHERE resource = ?1 AND record = ?2 AND height IS NOT NULL
                         ORDER BY version LIMIT ?3";
            let mut statement = database.prepare_cached(query).map_err(VaultError::storage(ACTION))?;
            let values = params![resource.to_string(), record.as_bytes(), number(limits::VERSIONS_MAX as u64)];
            let rows = statement.query_map(values, |row| row.get(0)).map_err(VaultError::storage(ACTION))?;
            rows.collect::<Result<_, _>>().map_err(VaultError::storage(ACTION))
        })
    }

    /// Destroys salts, rows and index entries of every version of a record, staged ones included. It is final with the
    /// next [`Vault::rotate`], which destroys the period key that older copies of the files would need.
    ///
    /// # Errors
    /// Those of the database.
    pub fn erase(&self, resource: &ResourceId, record: &RecordId) -> Result<usize, VaultError> {
        const ACTION: &str = "erase a record";
        let values = params![resource.to_string(), record.as_bytes()];
        self.write(ACTION, |database| {
            let staged = "DELETE FROM bodies WHERE resource = ?1 AND record = ?2 AND height IS NULL";
            let confirmed = "UPDATE bodies SET period = NULL, wrap = NULL, sealed = NULL, key_index = NULL
                             WHERE resource = ?1 AND record = ?2 AND height IS NOT NULL AND wrap IS NOT NULL";
            let staged = database.execute(staged, values).map_err(VaultError::storage(ACTION))?;
            let confirmed = database.execute(confirmed, values).map_err(VaultError::storage(ACTION))?;
            Ok(staged.saturating_add(confirmed))
        })
    }
}

/// Refuses key columns above their limits.
pub(crate) fn check_key(key: &[String]) -> Result<(), VaultError> {
    VaultError::limit("key columns", key.len(), limits::KEY_COLUMNS_MAX)?;
    key.iter().try_for_each(|text| VaultError::limit("bytes of a key column", text.len(), limits::KEY_TEXT_BYTES_MAX))
}
