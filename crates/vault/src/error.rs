//! What can go wrong with a vault, in words that say which item and what to do.

use std::io;
use std::path::PathBuf;

use gongxin_crypto::key_file::KeyFileError;
use gongxin_crypto::{Digest, RandomError};
use gongxin_types::RequestId;

use crate::Item;

/// Why the vault did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// There is no vault in the directory.
    #[error("there is no vault in `{}`: create one, or name the directory that holds it", directory.display())]
    Absent {
        /// The directory.
        directory: PathBuf,
    },
    /// There is one already.
    #[error("there is a vault in `{}` already, and it is left as it is", directory.display())]
    Exists {
        /// The directory.
        directory: PathBuf,
    },
    /// The database is there, the key file is not.
    #[error("`{}` is missing: the vault beside it cannot be opened without its master key; restore the file from a backup", path.display())]
    NoMasterKey {
        /// Where the key file should be.
        path: PathBuf,
    },
    /// The key file does not open.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// The key file is another vault's.
    #[error("`{}` holds the master key of another vault", path.display())]
    OtherMasterKey {
        /// The key file.
        path: PathBuf,
    },
    /// The vault belongs to another network.
    #[error("the vault in `{}` belongs to network `{found}`, not to `{expected}`", directory.display())]
    OtherNetwork {
        /// The directory.
        directory: PathBuf,
        /// The vault's network.
        found: Box<Digest>,
        /// The network that was asked for.
        expected: Box<Digest>,
    },
    /// The vault uses another suite of cryptography.
    #[error("the vault in `{}` was made for suite number {found}, not for `{expected}`", directory.display())]
    OtherSuite {
        /// The directory.
        directory: PathBuf,
        /// The vault's suite.
        found: u8,
        /// The suite that was asked for.
        expected: &'static str,
    },
    /// The vault was written by a newer program.
    #[error("the vault in `{}` has version {found} and this program reads up to {known}: use the newer program", directory.display())]
    Newer {
        /// The directory.
        directory: PathBuf,
        /// Version of the vault.
        found: u32,
        /// Newest version this program reads.
        known: u32,
    },
    /// An item was changed on disk, or is not the one that belongs there.
    #[error("{item} was altered on disk and is not served; restore the vault from a backup")]
    Damaged {
        /// The item.
        item: Item,
    },
    /// The database's file was changed on disk.
    #[error("`{}` is damaged: restore the vault from a backup", path.display())]
    DamagedFile {
        /// The file.
        path: PathBuf,
    },
    /// An item whose key was destroyed.
    #[error("{item} was erased")]
    Erased {
        /// The item.
        item: Item,
    },
    /// Another request under an identifier that is taken.
    #[error("request `{request}` of this officer was made before with another content")]
    RequestConflict {
        /// The identifier.
        request: RequestId,
    },
    /// A second body for a version that has one.
    #[error("a version of a record was confirmed twice with different transactions; the vault is of another history")]
    Contradiction {
        /// What the database said.
        source: rusqlite::Error,
    },
    /// Something longer or more numerous than its limit.
    #[error("{what}: {found} where at most {max} are allowed")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// Its size.
        found: usize,
        /// The limit.
        max: usize,
    },
    /// The disk is full.
    #[error("the disk that holds the vault is full; nothing was written")]
    DiskFull {
        /// What the database said.
        source: rusqlite::Error,
    },
    /// The database failed.
    #[error("the vault's database failed while trying to {action}")]
    Storage {
        /// What was tried.
        action: &'static str,
        /// What the database said.
        source: rusqlite::Error,
    },
    /// The directory or a file in it cannot be made or read.
    #[error("cannot {action} `{}`", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The operating system gave no randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
}

impl VaultError {
    /// Names what was tried when the database failed, and tells a full disk from the rest.
    pub(crate) fn storage(action: &'static str) -> impl FnOnce(rusqlite::Error) -> Self {
        move |source| match source.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::DiskFull { source },
            _ => Self::Storage { action, source },
        }
    }

    /// Refuses what is above its limit.
    pub(crate) fn limit(what: &'static str, found: usize, max: usize) -> Result<(), Self> {
        if found > max { Err(Self::TooLarge { what, found, max }) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::VaultError;

    /// A database that can grow no more says that the disk is full, in words an operator understands, and loses nothing.
    #[test]
    fn a_full_disk_is_told_from_other_failures() {
        let database = Connection::open_in_memory().unwrap();
        database.execute_batch("CREATE TABLE rows (row BLOB); PRAGMA max_page_count = 8").unwrap();
        let row = |bytes: i64| database.execute("INSERT INTO rows VALUES (zeroblob(?1))", [bytes]);
        row(1_000).unwrap();
        let error = row(1_000_000).map_err(VaultError::storage("keep a row")).unwrap_err();
        assert!(matches!(error, VaultError::DiskFull { .. }), "{error}");
        assert!(error.to_string().ends_with("is full; nothing was written"), "{error}");
        assert_eq!(database.query_row("SELECT count(*) FROM rows", [], |row| row.get::<_, i64>(0)).unwrap(), 1);
        let other = database.execute("INSERT INTO nothing VALUES (1)", []).map_err(VaultError::storage("keep a row"));
        assert!(matches!(other, Err(VaultError::Storage { .. })));
    }
}
