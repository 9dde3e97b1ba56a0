//! Staging: bodies are on disk before their transaction is submitted, confirmed when it is final, forgotten when it is
//! refused or expired.

use std::fmt;

use gongxin_crypto::Digest;
use gongxin_types::row::{Row, Salt};
use gongxin_types::{Height, RecordId, ResourceId, Time, TransactionId, codec};
use rusqlite::{OptionalExtension, Transaction, params};
use zeroize::Zeroizing;

use crate::body::check_key;
use crate::column::{millis, number, sealed, time};
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
#[derive(Clone, Debug)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Staged {
    /// A number of its own in this vault, which says nothing about it.
    pub number: i64,
    /// The transaction.
    pub transaction: TransactionId,
    /// From when on it can no longer become final.
    pub valid_until: Time,
}

/// All transactions that were staged and not settled yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StagedList {
    /// Those that can be read, oldest first.
    pub rows: Vec<Staged>,
    /// Numbers of those that were altered on disk.
    pub unreadable: Vec<i64>,
}

/// What became of the bodies of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Bodies that are now versions of their records.
    pub confirmed: usize,
    /// Bodies that were destroyed, because their action had no effect.
    pub forgotten: usize,
}

impl fmt::Debug for NewBody {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "NewBody(version {} of `{}`)", self.version, self.record)
    }
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
            let insert =
                "INSERT INTO stages (transaction_id, valid_until, period, wrap, sealed) VALUES (?1, ?2, ?3, ?4, ?5)";
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

    /// The transactions that are not settled: what to settle, or to send again. One that cannot be read hides no other.
    ///
    /// # Errors
    /// Those of the database.
    pub fn staged(&self) -> Result<StagedList, VaultError> {
        const ACTION: &str = "list what is staged";
        self.read(ACTION, |database| {
            let query = "SELECT id, transaction_id, valid_until FROM stages ORDER BY id LIMIT ?1";
            let mut statement = database.prepare_cached(query).map_err(VaultError::storage(ACTION))?;
            let rows = statement
                .query_map([number(limits::UNFINISHED_MAX as u64)], |row| {
                    Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, i64>(2)?))
                })
                .map_err(VaultError::storage(ACTION))?;
            let mut list = StagedList::default();
            for row in rows {
                let (number, id, valid_until) = row.map_err(VaultError::storage(ACTION))?;
                match Digest::new(&id).ok().filter(|id| self.ring.suite().check_digest(id).is_ok()) {
                    Some(id) => {
                        let (transaction, valid_until) = (TransactionId(id), time(valid_until));
                        list.rows.push(Staged { number, transaction, valid_until });
                    }
                    None => list.unreadable.push(number),
                }
            }
            Ok(list)
        })
    }

    /// The bytes of a staged transaction, so that the same can be sent again; `None` once it is settled.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] when they were altered on disk; those of the database.
    pub fn staged_bytes(&self, transaction: &TransactionId) -> Result<Option<Vec<u8>>, VaultError> {
        const ACTION: &str = "read what is staged";
        let found = self.read(ACTION, |database| {
            let query = "SELECT period, wrap, sealed FROM stages WHERE transaction_id = ?1";
            database
                .prepare_cached(query)
                .and_then(|mut statement| {
                    statement.query_row([transaction.0.as_bytes()], |row| sealed(row, 0)).optional()
                })
                .map_err(VaultError::storage(ACTION))
        })?;
        match found.flatten() {
            Some(sealed) => {
                let opened = self.ring.open(Item::Transaction { transaction: *transaction }, &sealed)?;
                Ok(Some(opened.to_vec()))
            }
            None => Ok(None),
        }
    }

    fn insert_body(
        &self,
        database: &Transaction<'_>,
        transaction: TransactionId,
        body: &NewBody,
    ) -> Result<(), VaultError> {
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
