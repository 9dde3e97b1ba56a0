//! The tables of the projection.
//!
//! Every row stands under the place on the ledger that made it: `height`, `position` of the transaction in its block,
//! `action` in the transaction, `operation` in the batch. Nouns, receipts and transactions are kept as canonical bytes.

use rusqlite::Connection;

use crate::limits;

/// Version of these tables: another one is rebuilt, never converted.
pub(crate) const VERSION: u32 = 5;

/// The tables.
pub(crate) const TABLES: &str = "
CREATE TABLE projection (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL,
    network BLOB NOT NULL
) STRICT;
CREATE TABLE headers (
    height INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    time INTEGER NOT NULL,
    header BLOB NOT NULL
) STRICT;
CREATE TABLE certificates (
    height INTEGER PRIMARY KEY REFERENCES headers (height),
    certificate BLOB NOT NULL
) STRICT;
CREATE TABLE epoch_changes (
    epoch INTEGER PRIMARY KEY,
    height INTEGER NOT NULL UNIQUE REFERENCES headers (height),
    change BLOB NOT NULL
) STRICT;
CREATE TABLE blocks (
    height INTEGER PRIMARY KEY REFERENCES headers (height),
    transactions INTEGER NOT NULL,
    leaves BLOB NOT NULL,
    due BLOB NOT NULL,
    writes BLOB NOT NULL
) STRICT;
CREATE TABLE transactions (
    height INTEGER NOT NULL REFERENCES headers (height),
    position INTEGER NOT NULL,
    id BLOB NOT NULL UNIQUE,
    body BLOB NOT NULL,
    PRIMARY KEY (height, position)
) STRICT;
CREATE TABLE results (
    height INTEGER NOT NULL,
    position INTEGER NOT NULL,
    action INTEGER NOT NULL,
    receipt BLOB NOT NULL,
    writes BLOB NOT NULL,
    PRIMARY KEY (height, position, action),
    FOREIGN KEY (height, position) REFERENCES transactions (height, position)
) STRICT;
CREATE TABLE nouns (
    kind INTEGER NOT NULL,
    id TEXT NOT NULL,
    owner TEXT NOT NULL,
    revision INTEGER NOT NULL,
    height INTEGER NOT NULL,
    position INTEGER,
    action INTEGER,
    noun BLOB NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT;
CREATE INDEX nouns_by_owner ON nouns (kind, owner, id);
CREATE TABLE noun_revisions (
    kind INTEGER NOT NULL,
    id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    height INTEGER NOT NULL,
    position INTEGER,
    action INTEGER,
    noun BLOB NOT NULL,
    PRIMARY KEY (kind, id, revision)
) STRICT;
CREATE TABLE grants (
    id TEXT PRIMARY KEY,
    resource TEXT NOT NULL,
    reader TEXT NOT NULL
) STRICT;
CREATE INDEX grants_by_resource ON grants (resource, reader, id);
CREATE INDEX grants_by_reader ON grants (reader, id);
CREATE TABLE obligations (
    id TEXT PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    obligor TEXT NOT NULL,
    obligee TEXT NOT NULL,
    due INTEGER NOT NULL,
    status TEXT NOT NULL
) STRICT;
CREATE INDEX obligations_by_obligor ON obligations (obligor, id);
CREATE INDEX obligations_by_obligee ON obligations (obligee, id);
CREATE TABLE alerts (
    id TEXT PRIMARY KEY,
    topic BLOB NOT NULL,
    number INTEGER NOT NULL,
    code TEXT NOT NULL,
    open INTEGER NOT NULL,
    UNIQUE (topic, number)
) STRICT;
CREATE INDEX alerts_by_state ON alerts (open, id);
CREATE INDEX alerts_by_kind ON alerts (code, id);
CREATE TABLE records (
    resource TEXT NOT NULL,
    record BLOB NOT NULL,
    slot BLOB NOT NULL,
    height INTEGER NOT NULL,
    position INTEGER NOT NULL,
    action INTEGER NOT NULL,
    operation INTEGER NOT NULL,
    PRIMARY KEY (resource, record)
) STRICT, WITHOUT ROWID;
CREATE TABLE history (
    resource TEXT NOT NULL,
    record BLOB NOT NULL,
    version INTEGER NOT NULL,
    entry BLOB NOT NULL,
    height INTEGER NOT NULL,
    position INTEGER NOT NULL,
    action INTEGER NOT NULL,
    operation INTEGER NOT NULL,
    PRIMARY KEY (resource, record, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE accesses (
    height INTEGER NOT NULL,
    position INTEGER NOT NULL,
    action INTEGER NOT NULL,
    resource TEXT NOT NULL,
    reader TEXT NOT NULL,
    officer BLOB NOT NULL,
    request BLOB NOT NULL,
    gateway BLOB NOT NULL,
    decision BLOB NOT NULL,
    access BLOB NOT NULL,
    PRIMARY KEY (height, position, action)
) STRICT;
CREATE TABLE access_lists (
    list BLOB NOT NULL,
    ordinal INTEGER NOT NULL,
    head BLOB NOT NULL,
    height INTEGER NOT NULL,
    position INTEGER NOT NULL,
    action INTEGER NOT NULL,
    PRIMARY KEY (list, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX access_lists_by_place ON access_lists (height, position, action);
CREATE INDEX accesses_by_request ON accesses (officer, request, height, position, action);
CREATE INDEX accesses_by_officer ON accesses (officer, height, position, action);
CREATE INDEX accesses_by_resource ON accesses (resource, height, position, action);
CREATE INDEX accesses_by_reader ON accesses (reader, height, position, action);
CREATE TABLE refusals (
    height INTEGER NOT NULL,
    position INTEGER NOT NULL,
    action INTEGER NOT NULL,
    organization TEXT NOT NULL,
    PRIMARY KEY (height, position, action)
) STRICT;
CREATE INDEX refusals_by_organization ON refusals (organization, height, position, action);
";

/// Tables that are content, each with its key: what two projections of the same blocks agree on. Certificates are not
/// among them, nor the changes of validators that hold some: any quorum's votes certify a header, so headers are compared
/// by digest (PROTOCOL 7).
pub(crate) const CONTENT: [(&str, &str); 14] = [
    ("access_lists", "list, ordinal"),
    ("accesses", "height, position, action"),
    ("alerts", "id"),
    ("blocks", "height"),
    ("grants", "id"),
    ("headers", "height"),
    ("history", "resource, record, version"),
    ("noun_revisions", "kind, id, revision"),
    ("nouns", "kind, id"),
    ("obligations", "id"),
    ("records", "resource, record"),
    ("refusals", "height, position, action"),
    ("results", "height, position, action"),
    ("transactions", "height, position"),
];

/// Sets a connection up. What a power cut takes from the end is offered again, so the log need not be synced each time.
pub(crate) fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(std::time::Duration::from_millis(limits::BUSY_TIMEOUT_MS))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = NORMAL;
         PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;",
    )?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// Whether the tables are there: they are made in one database transaction, all or none.
pub(crate) fn is_present(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'projection'", [], |row| {
        row.get::<_, i64>(0).map(|count| count > 0)
    })
}
