//! Bodies: row and salt of every version of a record, staged before their transaction is submitted, confirmed when it is
//! final, forgotten when it is refused or expired.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::Digest;
use gongxin_types::row::{Row, Salt, Value};
use gongxin_types::{Height, RecordId, Resource, ResourceId, Time, TransactionId, codec};
use rusqlite::{OptionalExtension, Transaction, params};
use zeroize::Zeroizing;

use crate::keys::Sealed;
use crate::{Item, Vault, VaultError, limits};

/// A version that is about to be submitted.
#[derive(Clone)]
pub struct NewBody {
    /// Place of the batch among the transaction's actions.
    pub action: u16,
    /// Place of the operation within the batch.
    pub operation: u32,
    /// The resource.
    pub resource: ResourceId,
    /// The record.
    pub record: RecordId,
    /// The version the operation makes.
    pub version: u32,
    /// Key columns as text, by [`key_of`].
    pub key: Vec<String>,
    /// Salt of the version.
    pub salt: Salt,
    /// The row.
    pub row: Row,
}

/// A transaction with the bodies it commits to.
#[derive(Clone)]
pub struct Staging {
    /// The transaction.
    pub transaction: TransactionId,
    /// From when on it can no longer become final.
    pub valid_until: Time,
    /// Its canonical bytes, so that the same bytes can be sent again.
    pub bytes: Vec<u8>,
    /// The versions its batches make; none for deletions.
    pub bodies: Vec<NewBody>,
}

/// A transaction that was staged and not settled yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staged {
    /// The transaction.
    pub transaction: TransactionId,
    /// From when on it can no longer become final.
    pub valid_until: Time,
    /// Its canonical bytes.
    pub bytes: Vec<u8>,
}

/// What became of the bodies of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Bodies that are now versions of their records.
    pub confirmed: usize,
    /// Bodies that were destroyed, because their action had no effect.
    pub forgotten: usize,
}

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

impl fmt::Debug for NewBody {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "NewBody(version {} of `{}`)", self.version, self.record)
    }
}

/// The key columns of a row as text, in catalogue order: what [`Vault::records_by_key`] finds it by. Integers are decimal,
/// dates ISO 8601, booleans `true` and `false`; NULL is a zero character, which nobody can type.
pub fn key_of(resource: &Resource, row: &Row) -> Vec<String> {
    let columns = row.0.iter().zip(&resource.fields).filter(|(_, field)| field.key);
    columns
        .map(|(value, _)| match value {
            Value::Null => "\0".into(),
            Value::Text(text) => text.as_str().into(),
            Value::Integer(number) => number.to_string(),
            Value::Boolean(yes) => yes.to_string(),
            Value::Date(date) => date.to_string(),
        })
        .collect()
}

impl Vault {
    /// Stores a transaction and its bodies durably, before it is submitted. Staging the same transaction again changes
    /// nothing.
    ///
    /// # Errors
    /// When something is above its limit, or database or randomness fail; then nothing was stored.
    pub fn stage(&self, staging: &Staging) -> Result<(), VaultError> {
        const ACTION: &str = "stage bodies";
        VaultError::limit("bodies of one transaction", staging.bodies.len(), limits::STAGED_BODIES_MAX)?;
        let id = staging.transaction.0;
        self.write(ACTION, |database| {
            let known = "SELECT EXISTS (SELECT 1 FROM stages WHERE transaction_id = ?1)
                             OR EXISTS (SELECT 1 FROM bodies WHERE transaction_id = ?1)";
            let known: bool =
                database.query_row(known, [id.as_bytes()], |row| row.get(0)).map_err(VaultError::storage(ACTION))?;
            if known {
                return Ok(());
            }
            let item = Item::Transaction { transaction: staging.transaction };
            let Sealed { period, wrap, sealed } = self.ring.seal(&item, &staging.bytes)?;
            let insert = "INSERT INTO stages (transaction_id, valid_until, period, wrap, sealed) VALUES (?1, ?2, ?3, ?4, ?5)";
            let values = params![id.as_bytes(), millis(staging.valid_until), period, wrap, sealed];
            database.execute(insert, values).map_err(VaultError::storage(ACTION))?;
            staging.bodies.iter().try_for_each(|body| self.insert_body(database, staging.transaction, body))
        })
    }

    /// Settles a final transaction: bodies of the actions that took effect become versions of their records, the others
    /// are destroyed. `position` is the transaction's place in its block. Settling twice changes nothing.
    ///
    /// # Errors
    /// [`VaultError::Contradiction`] when another transaction made the same version; those of the database.
    pub fn settle(
        &self,
        transaction: &TransactionId,
        height: Height,
        position: u32,
        effective: &[u16],
    ) -> Result<Settled, VaultError> {
        const ACTION: &str = "settle a transaction";
        let id = transaction.0;
        self.write(ACTION, |database| {
            let confirm = "UPDATE bodies SET height = ?1, position = ?2
                           WHERE transaction_id = ?3 AND action = ?4 AND height IS NULL";
            let mut statement = database.prepare_cached(confirm).map_err(VaultError::storage(ACTION))?;
            let mut confirmed = 0_usize;
            for action in effective {
                let rows = statement
                    .execute(params![number(height.get()), position, id.as_bytes(), action])
                    .map_err(contradiction(ACTION))?;
                confirmed = confirmed.saturating_add(rows);
            }
            let forgotten = drop_staged(database, &id).map_err(VaultError::storage(ACTION))?;
            Ok(Settled { confirmed, forgotten })
        })
    }

    /// Destroys the bodies of a transaction that was refused, or expired without becoming final.
    ///
    /// # Errors
    /// Those of the database.
    pub fn forget(&self, transaction: &TransactionId) -> Result<usize, VaultError> {
        const ACTION: &str = "forget a transaction";
        self.write(ACTION, |database| drop_staged(database, &transaction.0).map_err(VaultError::storage(ACTION)))
    }

    /// The transactions that are not settled, oldest first: what to send again, or to settle, after a restart.
    ///
    /// # Errors
    /// [`VaultError::Damaged`], or those of the database.
    pub fn staged(&self) -> Result<Vec<Staged>, VaultError> {
        const ACTION: &str = "list what is staged";
        self.read(ACTION, |database| {
            let query = "SELECT transaction_id, valid_until, period, wrap, sealed FROM stages ORDER BY id LIMIT ?1";
            let mut statement = database.prepare_cached(query).map_err(VaultError::storage(ACTION))?;
            let rows = statement
                .query_map([number(limits::UNFINISHED_MAX as u64)], |row| {
                    let sealed = Sealed { period: row.get(2)?, wrap: row.get(3)?, sealed: row.get(4)? };
                    Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?, sealed))
                })
                .map_err(VaultError::storage(ACTION))?;
            rows.map(|row| {
                let (id, valid_until, sealed) = row.map_err(VaultError::storage(ACTION))?;
                let transaction = transaction_id(&id).map_err(VaultError::storage(ACTION))?;
                let bytes = self.ring.open(Item::Transaction { transaction }, &sealed)?.to_vec();
                Ok(Staged { transaction, valid_until: time(valid_until), bytes })
            })
            .collect()
        })
    }

    /// Row and salt of a confirmed version; `None` when the vault never had it.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] when it was altered on disk, [`VaultError::Erased`] when its key was destroyed.
    pub fn body(&self, resource: &ResourceId, record: &RecordId, version: u32) -> Result<Option<StoredBody>, VaultError> {
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
        let Some((transaction, sealed)) = found else { return Ok(None) };
        let transaction = transaction_id(&transaction).map_err(VaultError::storage(ACTION))?;
        let item = Item::Body { resource: resource.clone(), record: *record, version, transaction };
        let Some(sealed) = sealed else { return Err(VaultError::Erased { item }) };
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
                         WHERE key_index = ?1 AND height IS NOT NULL AND resource = ?2
                         GROUP BY record ORDER BY first, action, operation LIMIT ?3";
            let mut statement = database.prepare_cached(query).map_err(VaultError::storage(ACTION))?;
            let rows = statement
                .query_map(params![index.as_bytes(), resource.to_string(), number(limits::LIVES_MAX as u64)], |row| {
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
                             WHERE resource = ?1 AND record = ?2 AND wrap IS NOT NULL";
            let staged = database.execute(staged, values).map_err(VaultError::storage(ACTION))?;
            let confirmed = database.execute(confirmed, values).map_err(VaultError::storage(ACTION))?;
            Ok(staged.saturating_add(confirmed))
        })
    }

    fn insert_body(&self, database: &Transaction<'_>, transaction: TransactionId, body: &NewBody) -> Result<(), VaultError> {
        const ACTION: &str = "stage bodies";
        check_key(&body.key)?;
        let plaintext = Zeroizing::new(codec::encode(&(&body.salt, &body.row)));
        VaultError::limit("bytes of one row", plaintext.len(), limits::BODY_BYTES_MAX)?;
        let (resource, record, version) = (body.resource.clone(), body.record, body.version);
        let item = Item::Body { resource, record, version, transaction };
        let Sealed { period, wrap, sealed } = self.ring.seal(&item, &plaintext)?;
        let index = self.ring.blind_index(&body.resource, &body.key);
        let insert = "INSERT INTO bodies
                (resource, record, version, transaction_id, action, operation, key_index, period, wrap, sealed)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        let values = params![
            body.resource.to_string(),
            body.record.as_bytes(),
            body.version,
            transaction.0.as_bytes(),
            body.action,
            body.operation,
            index.as_bytes(),
            period,
            wrap,
            sealed,
        ];
        let mut statement = database.prepare_cached(insert).map_err(VaultError::storage(ACTION))?;
        statement.execute(values).map(|_| ()).map_err(VaultError::storage(ACTION))
    }
}

fn check_key(key: &[String]) -> Result<(), VaultError> {
    VaultError::limit("key columns", key.len(), limits::KEY_COLUMNS_MAX)?;
    key.iter().try_for_each(|text| VaultError::limit("bytes of a key column", text.len(), limits::KEY_TEXT_BYTES_MAX))
}

fn drop_staged(database: &Transaction<'_>, id: &Digest) -> rusqlite::Result<usize> {
    database.execute("DELETE FROM stages WHERE transaction_id = ?1", [id.as_bytes()])?;
    database.execute("DELETE FROM bodies WHERE transaction_id = ?1 AND height IS NULL", [id.as_bytes()])
}

fn contradiction(action: &'static str) -> impl FnOnce(rusqlite::Error) -> VaultError {
    move |source| match source.sqlite_error_code() {
        Some(rusqlite::ErrorCode::ConstraintViolation) => VaultError::Contradiction { source },
        _ => VaultError::storage(action)(source),
    }
}

/// Period, wrap and ciphertext from three columns, or nothing where they were erased.
pub(crate) fn sealed(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Option<Sealed>> {
    let period: Option<i64> = row.get(column)?;
    let wrap: Option<Vec<u8>> = row.get(column.saturating_add(1))?;
    let sealed: Option<Vec<u8>> = row.get(column.saturating_add(2))?;
    Ok(match (period, wrap, sealed) {
        (Some(period), Some(wrap), Some(sealed)) => Some(Sealed { period, wrap, sealed }),
        _ => None,
    })
}

fn transaction_id(bytes: &[u8]) -> rusqlite::Result<TransactionId> {
    Digest::new(bytes).map(TransactionId).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Blob, Box::new(error))
    })
}

/// SQLite's integers are signed; times and heights stay far below their middle.
pub(crate) fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(crate) fn millis(time: Time) -> i64 {
    number(time.millis())
}

pub(crate) fn time(millis: i64) -> Time {
    Time::from_millis(u64::try_from(millis).unwrap_or(0))
}
