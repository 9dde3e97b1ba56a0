//! Sequence numbers of the gateway's own transactions: reserved here before they are used, so that no restart and no clock
//! that was set back makes it use one twice.

use rusqlite::params;

use crate::column::number;
use crate::{Vault, VaultError};

impl Vault {
    /// Reserves so many numbers in a row, durably; the first of them. They lie above all that were reserved before, and not
    /// below `at_least`.
    ///
    /// # Errors
    /// Those of the database; then nothing was reserved.
    pub fn reserve_sequences(&self, at_least: u64, count: u64) -> Result<u64, VaultError> {
        const ACTION: &str = "reserve sequence numbers";
        self.write(ACTION, |database| {
            let highest: i64 = database
                .query_row("SELECT sequence FROM vault", [], |row| row.get(0))
                .map_err(VaultError::storage(ACTION))?;
            let first = u64::try_from(highest).unwrap_or(0).saturating_add(1).max(at_least);
            let last = first.saturating_add(count.saturating_sub(1));
            database
                .execute("UPDATE vault SET sequence = ?1", params![number(last)])
                .map_err(VaultError::storage(ACTION))?;
            Ok(first)
        })
    }
}
