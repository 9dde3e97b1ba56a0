//! Who has a key: the records found by it, and whether a record is found by it. What lives is for the ledger to say.

use gongxin_types::{RecordId, ResourceId, Time, TransactionId};
use rusqlite::{OptionalExtension, Transaction, params};

use crate::body::check_key;
use crate::column::{number, time, transaction_id};
use crate::{Vault, VaultError, limits};

/// A record with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyHolder {
    /// The record.
    pub record: RecordId,
    /// The transaction that would give it the key, and until when that may become final, where it is still under way.
    pub staged: Option<(TransactionId, Time)>,
}

impl Vault {
    /// The records that have or had this key, the latest first, and those that would have it once what is staged is final;
    /// without those of one transaction.
    ///
    /// # Errors
    /// Those of the database, and of the limits for keys.
    pub fn holders_of_key(
        &self,
        resource: &ResourceId,
        key: &[String],
        except: &TransactionId,
    ) -> Result<Vec<KeyHolder>, VaultError> {
        const ACTION: &str = "look up the holders of a key";
        const STAGED: &str =
            "SELECT bodies.record, transaction_id, stages.valid_until FROM bodies JOIN stages USING (transaction_id)
            WHERE bodies.key_index = ?1 AND bodies.height IS NULL AND transaction_id <> ?2 LIMIT ?3";
        const CONFIRMED: &str = "SELECT record, NULL, NULL, max(height) AS last FROM bodies
            WHERE key_index = ?1 AND height IS NOT NULL AND transaction_id <> ?2
            GROUP BY record ORDER BY last DESC LIMIT ?3";
        check_key(key)?;
        let index = self.ring.blind_index(resource, key);
        self.read(ACTION, |database| {
            let mut holders = Vec::new();
            for query in [STAGED, CONFIRMED] {
                let mut statement = database.prepare_cached(query).map_err(VaultError::storage(ACTION))?;
                let values = params![index.as_bytes(), except.0.as_bytes(), number(limits::LIVES_MAX as u64)];
                let rows = statement
                    .query_map(values, |row| {
                        let transaction: Option<Vec<u8>> = row.get(1)?;
                        let until: Option<i64> = row.get(2)?;
                        let transaction = transaction.map(|bytes| transaction_id(&bytes)).transpose()?;
                        let staged = transaction.zip(until.map(time));
                        Ok(KeyHolder { record: row.get(0).map(RecordId::new)?, staged })
                    })
                    .map_err(VaultError::storage(ACTION))?;
                for row in rows {
                    holders.push(row.map_err(VaultError::storage(ACTION))?);
                }
            }
            Ok(holders)
        })
    }

    /// Whether a record is found by this key; `None` when the vault knows no key of it, or no longer.
    ///
    /// # Errors
    /// Those of the database, and of the limits for keys.
    pub fn has_key(
        &self,
        resource: &ResourceId,
        record: &RecordId,
        key: &[String],
    ) -> Result<Option<bool>, VaultError> {
        const ACTION: &str = "look up the key of a record";
        check_key(key)?;
        let index = self.ring.blind_index(resource, key);
        let known = self.read(ACTION, |database| {
            for height in ["IS NOT NULL", "IS NULL"] {
                let found = key_index(database, height, resource, record).map_err(VaultError::storage(ACTION))?;
                if found.is_some() {
                    return Ok(found);
                }
            }
            Ok(None)
        })?;
        Ok(known.map(|known| known == index.as_bytes()))
    }
}

/// The index entry of a record's latest version, confirmed or staged.
fn key_index(
    database: &Transaction<'_>,
    height: &str,
    resource: &ResourceId,
    record: &RecordId,
) -> rusqlite::Result<Option<Vec<u8>>> {
    let query = format!(
        "SELECT key_index FROM bodies WHERE resource = ?1 AND record = ?2 AND height {height} AND key_index IS NOT NULL
         ORDER BY version DESC LIMIT 1"
    );
    let mut statement = database.prepare_cached(&query)?;
    statement.query_row(params![resource.to_string(), record.as_bytes()], |row| row.get(0)).optional()
}
