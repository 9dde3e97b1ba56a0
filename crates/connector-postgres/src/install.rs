//! Install: the SQL that a department's own administrator runs, once, as the owner of the tables.
//!
//! We print it and never run it: what is published, and who may read it, is the department's decision. The role that comes
//! out of it can follow changes (`REPLICATION`) and read the bound columns, nothing else. `REPLICATION` would also let it
//! copy the whole server; `pg_hba.conf` shuts that door, with a line for the database and none for `replication`.

use gongxin_connector_api::{Bound, Mode};

use crate::Settings;
use crate::select;

/// The statements for these registers.
pub fn statements(settings: &Settings, bounds: &[Bound]) -> String {
    let (role, publication) = (settings.user.quoted(), settings.publication.quoted());
    let mut lines = vec![
        "-- In pg_hba.conf: hostssl DATABASE ROLE ADDRESS scram-sha-256, and no line for `replication`.".to_owned(),
        format!("-- Before: CREATE ROLE {role} LOGIN REPLICATION, and \\password {role}"),
        "BEGIN;".to_owned(),
    ];
    let mut published = Vec::new();
    for bound in bounds {
        let table = select::table(&bound.binding.table);
        let columns = select::columns(bound);
        let schema = bound.binding.table.schema.as_ref().map_or("\"public\"".to_owned(), |schema| schema.quoted());
        lines.push(format!("GRANT USAGE ON SCHEMA {schema} TO {role};"));
        lines.push(format!("GRANT SELECT ({columns}) ON {table} TO {role};"));
        published.push(format!("{table} ({columns})"));
        if bound.binding.mode == Mode::LedgerFirst {
            lines.push(format!("GRANT INSERT ({columns}), UPDATE ({columns}), DELETE ON {table} TO {role};"));
        }
    }
    if let Some(outbox) = &settings.outbox {
        let table = select::table(outbox);
        lines.push(format!("CREATE TABLE IF NOT EXISTS {table} (ticket bytea NOT NULL);"));
        lines.push(format!("ALTER TABLE {table} REPLICA IDENTITY FULL;"));
        published.push(table);
    }
    lines.push("-- A table with REPLICA IDENTITY FULL is published without the list of its columns.".to_owned());
    lines.push(format!("CREATE PUBLICATION {publication} FOR TABLE {};", published.join(", ")));
    if bounds.iter().any(|bound| bound.binding.mode == Mode::LedgerFirst) {
        lines.push(pending(&role));
    }
    lines.push("COMMIT;".to_owned());
    lines.join("\n")
}

/// The table in which changes wait until they are final (PROTOCOL 29).
fn pending(role: &str) -> String {
    format!(
        "CREATE SCHEMA IF NOT EXISTS gongxin;
CREATE TABLE IF NOT EXISTS gongxin.pending (
    operation bytea PRIMARY KEY CHECK (octet_length(operation) = 16),
    ticket bytea NOT NULL,
    new_row bytea,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'applied', 'not-applied')),
    reason text,
    height bigint,
    place bigint,
    asked timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK ((state = 'waiting') = (height IS NULL)),
    CHECK ((state = 'not-applied') = (reason IS NOT NULL))
);
CREATE INDEX IF NOT EXISTS pending_settled ON gongxin.pending (height, place) WHERE state <> 'waiting';
CREATE INDEX IF NOT EXISTS pending_waiting ON gongxin.pending (asked, operation) WHERE state = 'waiting';
GRANT USAGE ON SCHEMA gongxin TO {role};
GRANT SELECT, INSERT, UPDATE ON gongxin.pending TO {role};"
    )
}
