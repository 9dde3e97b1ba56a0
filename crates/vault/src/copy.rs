//! A copy of the database as it was at one moment, taken while the gateway goes on, for a backup.
//!
//! `VACUUM INTO` reads within one database transaction and writes what lives: pages of what was deleted are not in the copy.
//! Nothing is opened with a key here, and nothing of the original is changed.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use gongxin_crypto::Digest;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};

use crate::vault::{DATABASE_FILE, MASTER_FILE};
use crate::{VaultError, limits, schema};

/// Files of a vault below its directory, for those who put them back: the master key, and the database.
pub const FILES: [&str; 2] = [MASTER_FILE, DATABASE_FILE];

/// What a vault says of itself without any key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// Version of its tables.
    pub version: u32,
    /// Whether this program reads that version.
    pub is_readable: bool,
    /// The network it belongs to; none where it is damaged.
    pub network: Option<Digest>,
    /// The newest period of its keys: one more with every rotation.
    pub period: u64,
    /// Rows, responses, sealed parts and names in it.
    pub items: u64,
}

/// Looks at the vault in a directory from outside, while it may be in use.
///
/// # Errors
/// When there is none; those of the database.
pub fn outside(directory: &Path) -> Result<Outside, VaultError> {
    let database = open(directory)?;
    database.execute_batch("PRAGMA query_only = ON").map_err(VaultError::storage("open its database"))?;
    describe(&database, directory)
}

/// Copies the database of the vault in a directory to a new file that its owner alone can read, checks the copy, and says what
/// is in it.
///
/// # Errors
/// When there is no vault, when the file exists, when a disk is full, and when what was copied is damaged.
pub fn copy(directory: &Path, target: &Path) -> Result<Outside, VaultError> {
    const ACTION: &str = "copy itself";
    let database = open(directory)?;
    // An empty file is what it may be written into: made first, so that no other user can ever read it.
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(target);
    made.map_err(|source| VaultError::Io { action: "create", path: target.to_owned(), source })?;
    let name = target.to_str().ok_or_else(|| VaultError::Io {
        action: "name in UTF-8",
        path: target.to_owned(),
        source: std::io::ErrorKind::InvalidFilename.into(),
    })?;
    database.execute("VACUUM INTO ?1", [name]).map_err(VaultError::storage(ACTION))?;
    let copied = Connection::open_with_flags(target, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .map_err(VaultError::storage("open its copy"))?;
    for check in ["PRAGMA quick_check", "PRAGMA foreign_key_check"] {
        let found: Option<String> =
            copied.query_row(check, [], |row| row.get(0)).optional().map_err(VaultError::storage("check its copy"))?;
        if found.is_some_and(|words| words != "ok") {
            return Err(VaultError::DamagedFile { path: database_path(directory) });
        }
    }
    describe(&copied, directory)
}

fn database_path(directory: &Path) -> PathBuf {
    directory.join(DATABASE_FILE)
}

fn open(directory: &Path) -> Result<Connection, VaultError> {
    const ACTION: &str = "open its database";
    let absent = || VaultError::Absent { directory: directory.to_owned() };
    let path = database_path(directory);
    if !path.exists() {
        return Err(absent());
    }
    // Reading a database with a write-ahead log takes part in its locks: it is opened for writing, and not written.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let database = Connection::open_with_flags(path, flags).map_err(VaultError::storage(ACTION))?;
    let wait = std::time::Duration::from_millis(limits::BUSY_TIMEOUT_MS);
    database.busy_timeout(wait).map_err(VaultError::storage(ACTION))?;
    database.execute_batch("PRAGMA trusted_schema = OFF").map_err(VaultError::storage(ACTION))?;
    if schema::is_present(&database).map_err(VaultError::storage(ACTION))? { Ok(database) } else { Err(absent()) }
}

fn describe(database: &Connection, directory: &Path) -> Result<Outside, VaultError> {
    const ACTION: &str = "read what it belongs to";
    let failed = VaultError::storage(ACTION);
    let (version, network): (u32, Vec<u8>) = database
        .query_row("SELECT version, network FROM vault", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
        .map_err(failed)?
        .ok_or_else(|| VaultError::Absent { directory: directory.to_owned() })?;
    let number = |query: &str| -> Result<u64, VaultError> {
        let value: i64 = database.query_row(query, [], |row| row.get(0)).map_err(VaultError::storage(ACTION))?;
        Ok(u64::try_from(value).unwrap_or(0))
    };
    let period = number("SELECT coalesce(max(period), 0) FROM periods")?;
    let items = schema::ITEM_TABLES
        .iter()
        .map(|table| number(&format!("SELECT count(*) FROM {table}")))
        .sum::<Result<u64, VaultError>>()?;
    let is_readable = version <= schema::VERSION;
    Ok(Outside { version, is_readable, network: Digest::new(&network).ok(), period, items })
}
