//! Names of officers: the ledger knows pseudonyms only; who is behind one stays here, and can be erased.

use gongxin_types::OfficerId;
use rusqlite::{OptionalExtension, params};

use crate::column::sealed;
use crate::keys::Sealed;
use crate::{Item, Vault, VaultError, limits};

impl Vault {
    /// Stores or replaces the name of an officer.
    ///
    /// # Errors
    /// When it is too long; those of the database.
    pub fn put_name(&self, officer: &OfficerId, name: &str) -> Result<(), VaultError> {
        const ACTION: &str = "store a name";
        VaultError::limit("bytes of a name", name.len(), limits::NAME_BYTES_MAX)?;
        self.write(ACTION, |database| {
            let Sealed { period, wrap, sealed } = self.ring.seal(&Item::Name { officer: *officer }, name.as_bytes())?;
            let insert = "INSERT INTO names (officer, period, wrap, sealed) VALUES (?1, ?2, ?3, ?4)
                          ON CONFLICT (officer) DO UPDATE SET period = ?2, wrap = ?3, sealed = ?4";
            let values = params![officer.as_bytes(), period, wrap, sealed];
            database.execute(insert, values).map(|_| ()).map_err(VaultError::storage(ACTION))
        })
    }

    /// The name of an officer, if the vault has it.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] when it was altered on disk; those of the database.
    pub fn name(&self, officer: &OfficerId) -> Result<Option<String>, VaultError> {
        const ACTION: &str = "read a name";
        let found = self.read(ACTION, |database| {
            let query = "SELECT period, wrap, sealed FROM names WHERE officer = ?1";
            database
                .query_row(query, [officer.as_bytes()], |row| sealed(row, 0))
                .optional()
                .map_err(VaultError::storage(ACTION))
        })?;
        let Some(sealed) = found.flatten() else {
            return Ok(None);
        };
        let item = Item::Name { officer: *officer };
        let bytes = self.ring.open(item.clone(), &sealed)?;
        String::from_utf8(bytes.to_vec()).map(Some).map_err(|_| VaultError::Damaged { item })
    }

    /// Destroys the name of an officer. Whether there was one.
    ///
    /// # Errors
    /// Those of the database.
    pub fn erase_name(&self, officer: &OfficerId) -> Result<bool, VaultError> {
        const ACTION: &str = "erase a name";
        self.write(ACTION, |database| {
            let rows = database.execute("DELETE FROM names WHERE officer = ?1", [officer.as_bytes()]);
            rows.map(|rows| rows > 0).map_err(VaultError::storage(ACTION))
        })
    }
}
