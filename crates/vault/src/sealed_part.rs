//! Sealed parts: what a reading kept to itself, known on the ledger by its digest; kept for audit.

use gongxin_types::access::SealedPart;
use gongxin_types::{OfficerId, RequestId, codec};
use rusqlite::{OptionalExtension, params};

use crate::column::sealed;
use crate::keys::Sealed;
use crate::{Item, Vault, VaultError};

impl Vault {
    /// Stores the sealed part of a reading durably; the first one under an identifier stays.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_sealed_part(
        &self,
        officer: &OfficerId,
        request: &RequestId,
        part: &SealedPart,
    ) -> Result<(), VaultError> {
        const ACTION: &str = "store a sealed part";
        self.write(ACTION, |database| {
            let item = Item::SealedPart { officer: *officer, request: *request };
            let Sealed { period, wrap, sealed } = self.ring.seal(&item, &codec::encode(part))?;
            let insert = "INSERT INTO sealed_parts (officer, request, period, wrap, sealed) VALUES (?1, ?2, ?3, ?4, ?5)
                          ON CONFLICT (officer, request) DO NOTHING";
            let values = params![officer.as_bytes(), request.as_bytes(), period, wrap, sealed];
            database.execute(insert, values).map(|_| ()).map_err(VaultError::storage(ACTION))
        })
    }

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
