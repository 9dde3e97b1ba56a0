//! Sealed parts: what a reading kept to itself, known on the ledger by its digest; kept for audit.
//!
//! A sealed part is written together with the response that its leaf belongs to, never apart.

use gongxin_types::access::SealedPart;
use gongxin_types::{OfficerId, RequestId, codec};
use rusqlite::{OptionalExtension, Transaction, params};

use crate::column::sealed;
use crate::keys::{KeyRing, Sealed};
use crate::{Item, Vault, VaultError};

impl Vault {
    /// The sealed part of a reading, if the vault has it.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] when it was altered on disk; those of the database.
    pub fn sealed_part(&self, officer: &OfficerId, request: &RequestId) -> Result<Option<SealedPart>, VaultError> {
        const ACTION: &str = "read a sealed part";
        let found = self.read(ACTION, |database| {
            let query = "SELECT period, wrap, sealed FROM sealed_parts WHERE officer = ?1 AND request = ?2";
            database
                .query_row(query, params![officer.as_bytes(), request.as_bytes()], |row| sealed(row, 0))
                .optional()
                .map_err(VaultError::storage(ACTION))
        })?;
        let Some(sealed) = found.flatten() else {
            return Ok(None);
        };
        let item = Item::SealedPart { officer: *officer, request: *request };
        let bytes = self.ring.open(item.clone(), &sealed)?;
        codec::decode("sealed part", &bytes).map(Some).map_err(|_| VaultError::Damaged { item })
    }
}

/// Stores the sealed part of a reading, in place of one whose access never became final.
pub(crate) fn put(
    ring: &KeyRing,
    database: &Transaction<'_>,
    officer: &OfficerId,
    request: &RequestId,
    part: &SealedPart,
) -> Result<(), VaultError> {
    const ACTION: &str = "store a sealed part";
    let item = Item::SealedPart { officer: *officer, request: *request };
    let Sealed { period, wrap, sealed } = ring.seal(&item, &codec::encode(part))?;
    let insert = "INSERT OR REPLACE INTO sealed_parts (officer, request, period, wrap, sealed)
                  VALUES (?1, ?2, ?3, ?4, ?5)";
    let values = params![officer.as_bytes(), request.as_bytes(), period, wrap, sealed];
    database.execute(insert, values).map(|_| ()).map_err(VaultError::storage(ACTION))
}

/// Destroys the sealed part of a reading whose access never became final.
pub(crate) fn forget(database: &Transaction<'_>, officer: &OfficerId, request: &RequestId) -> Result<(), VaultError> {
    const ACTION: &str = "forget a sealed part";
    let delete = "DELETE FROM sealed_parts WHERE officer = ?1 AND request = ?2";
    let values = params![officer.as_bytes(), request.as_bytes()];
    database.execute(delete, values).map(|_| ()).map_err(VaultError::storage(ACTION))
}
