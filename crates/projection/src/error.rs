//! What can go wrong with a projection, in words that say what to do.

use std::io;
use std::path::PathBuf;

use gongxin_crypto::Digest;
use gongxin_types::{Height, genesis};

/// Why the projection in a directory is not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The genesis contradicts itself.
    #[error(transparent)]
    Genesis(#[from] genesis::GenesisError),
    /// The projection belongs to another network.
    #[error("the projection in `{}` is of network `{found}`, not of `{expected}`: name another directory", directory.display())]
    OtherNetwork {
        /// The directory.
        directory: PathBuf,
        /// Its network.
        found: Box<Digest>,
        /// The network of the genesis.
        expected: Box<Digest>,
    },
    /// The projection was made by a program with other tables.
    #[error("the projection in `{}` has version {found} and this program makes version {known}: rebuild it, nothing is lost", directory.display())]
    OtherVersion {
        /// The directory.
        directory: PathBuf,
        /// Its version.
        found: u32,
        /// The version this program makes.
        known: u32,
    },
    /// The file holds something else.
    #[error("`{}` is not a projection, or is damaged: rebuild it, nothing is lost", path.display())]
    NotAProjection {
        /// The file.
        path: PathBuf,
        /// What the database said.
        source: rusqlite::Error,
    },
    /// The directory or a file in it cannot be made or removed.
    #[error("cannot {action} `{}`", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The database failed.
    #[error(transparent)]
    Projection(#[from] ProjectionError),
}

/// Why a projection does not answer.
#[derive(Debug, thiserror::Error)]
pub enum ProjectionError {
    /// The disk is full.
    #[error("the disk that holds the projection is full; nothing was written")]
    DiskFull {
        /// What the database said.
        source: rusqlite::Error,
    },
    /// The database failed.
    #[error("the projection's database failed while trying to {action}; if it fails again, rebuild the projection")]
    Storage {
        /// What was tried.
        action: &'static str,
        /// What the database said.
        source: rusqlite::Error,
    },
    /// Something in the database is not what was written.
    #[error("{what} in the projection is damaged: rebuild it, nothing is lost")]
    Damaged {
        /// What.
        what: &'static str,
    },
    /// A final block has effects that this program does not understand.
    #[error("block {height} changes {what} in a way that this program does not understand: use the newer program")]
    NotUnderstood {
        /// The block.
        height: Height,
        /// What it changes.
        what: &'static str,
    },
}

impl ProjectionError {
    /// Names what was tried when the database failed, and tells a full disk from the rest.
    pub(crate) fn storage(action: &'static str) -> impl FnOnce(rusqlite::Error) -> Self {
        move |source| match source.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::DiskFull { source },
            _ => Self::Storage { action, source },
        }
    }
}

/// Why there is no receipt.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// No such action.
    #[error("there is no such action at height {height}")]
    UnknownAction {
        /// Where it was looked for.
        height: Height,
    },
    /// No such operation.
    #[error("the action is not a batch with an operation {operation}")]
    UnknownOperation {
        /// Which was looked for.
        operation: u32,
    },
    /// The headers up to a certified one have not arrived yet.
    #[error("the certificate that covers height {height} has not arrived yet; ask again in a moment")]
    NotCertifiedYet {
        /// The height.
        height: Height,
    },
    /// The database failed.
    #[error(transparent)]
    Projection(#[from] ProjectionError),
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::ProjectionError;

    /// A database that can grow no more says that the disk is full, in words an operator understands, and loses nothing.
    #[test]
    fn a_full_disk_is_told_from_other_failures() {
        let database = Connection::open_in_memory().unwrap();
        database.execute_batch("CREATE TABLE rows (row BLOB); PRAGMA max_page_count = 8").unwrap();
        let row = |bytes: i64| database.execute("INSERT INTO rows VALUES (zeroblob(?1))", [bytes]);
        row(1_000).unwrap();
        let error = row(1_000_000).map_err(ProjectionError::storage("keep a row")).unwrap_err();
        assert!(matches!(error, ProjectionError::DiskFull { .. }), "{error}");
        assert!(error.to_string().ends_with("is full; nothing was written"), "{error}");
        assert_eq!(database.query_row("SELECT count(*) FROM rows", [], |row| row.get::<_, i64>(0)).unwrap(), 1);
        let other =
            database.execute("INSERT INTO nothing VALUES (1)", []).map_err(ProjectionError::storage("keep a row"));
        assert!(matches!(other, Err(ProjectionError::Storage { .. })));
    }
}
