//! The tables of the vault. What is a `BLOB` named `wrap`, `sealed` or `key_index` says nothing without the master key.

use rusqlite::Connection;

use crate::limits;

/// Version of these tables.
pub(crate) const VERSION: u32 = 2;

/// The tables of version 1. A foreign key on `period` keeps a period key from being destroyed while an item still needs it.
pub(crate) const TABLES: &str = "
CREATE TABLE vault (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL,
    network BLOB NOT NULL,
    suite INTEGER NOT NULL,
    index_key BLOB NOT NULL
) STRICT;
CREATE TABLE periods (
    period INTEGER PRIMARY KEY,
    wrap BLOB NOT NULL
) STRICT;
CREATE TABLE stages (
    id INTEGER PRIMARY KEY,
    transaction_id BLOB NOT NULL UNIQUE,
    valid_until INTEGER NOT NULL,
    period INTEGER NOT NULL REFERENCES periods (period),
    wrap BLOB NOT NULL,
    sealed BLOB NOT NULL
) STRICT;
CREATE TABLE bodies (
    id INTEGER PRIMARY KEY,
    resource TEXT NOT NULL,
    record BLOB NOT NULL,
    version INTEGER NOT NULL,
    transaction_id BLOB NOT NULL,
    action INTEGER NOT NULL,
    operation INTEGER NOT NULL,
    height INTEGER,
    position INTEGER,
    key_index BLOB,
    period INTEGER REFERENCES periods (period),
    wrap BLOB,
    sealed BLOB
) STRICT;
CREATE UNIQUE INDEX bodies_by_version ON bodies (resource, record, version) WHERE height IS NOT NULL;
CREATE INDEX bodies_staged ON bodies (resource, record) WHERE height IS NULL;
CREATE INDEX bodies_by_key ON bodies (key_index) WHERE height IS NOT NULL AND key_index IS NOT NULL;
CREATE INDEX bodies_by_transaction ON bodies (transaction_id, action);
CREATE INDEX bodies_by_period ON bodies (period);
CREATE TABLE responses (
    id INTEGER PRIMARY KEY,
    officer BLOB NOT NULL,
    request BLOB NOT NULL,
    request_digest BLOB NOT NULL,
    expires INTEGER,
    period INTEGER REFERENCES periods (period),
    wrap BLOB,
    sealed BLOB,
    UNIQUE (officer, request)
) STRICT;
CREATE INDEX responses_by_expiry ON responses (expires);
CREATE INDEX responses_by_period ON responses (period);
CREATE TABLE sealed_parts (
    id INTEGER PRIMARY KEY,
    officer BLOB NOT NULL,
    request BLOB NOT NULL,
    period INTEGER NOT NULL REFERENCES periods (period),
    wrap BLOB NOT NULL,
    sealed BLOB NOT NULL,
    UNIQUE (officer, request)
) STRICT;
CREATE INDEX sealed_parts_by_period ON sealed_parts (period);
CREATE TABLE names (
    id INTEGER PRIMARY KEY,
    officer BLOB NOT NULL UNIQUE,
    period INTEGER NOT NULL REFERENCES periods (period),
    wrap BLOB NOT NULL,
    sealed BLOB NOT NULL
) STRICT;
";

/// What version 2 adds: the highest sequence number the gateway has reserved, which transaction carries a response, and the
/// keys of what is staged. A response that was under way when its vault was upgraded is given up: its reader asks anew.
pub(crate) const UPGRADE: &str = "
ALTER TABLE vault ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
ALTER TABLE responses ADD COLUMN transaction_id BLOB;
ALTER TABLE responses ADD COLUMN valid_until INTEGER;
DELETE FROM responses WHERE expires IS NULL;
CREATE INDEX bodies_staged_by_key ON bodies (key_index) WHERE height IS NULL AND key_index IS NOT NULL;
";

/// Tables that hold items.
pub(crate) const ITEM_TABLES: [&str; 5] = ["stages", "bodies", "responses", "sealed_parts", "names"];

/// Sets a connection up: durable, referential, and with zeros where something was deleted.
pub(crate) fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(std::time::Duration::from_millis(limits::BUSY_TIMEOUT_MS))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA cell_size_check = ON;
         PRAGMA trusted_schema = OFF;",
    )?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// Brings the tables of an older version up to this one, all or nothing.
pub(crate) fn upgrade(connection: &mut Connection, version: u32) -> rusqlite::Result<()> {
    if version >= VERSION {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    transaction.execute_batch(UPGRADE)?;
    transaction.execute("UPDATE vault SET version = ?1", [VERSION])?;
    transaction.commit()
}

/// Whether the tables are there: they are made in one database transaction, all or none.
pub(crate) fn is_present(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'vault'", [], |row| {
        row.get::<_, i64>(0).map(|count| count > 0)
    })
}
