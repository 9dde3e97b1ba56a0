//! Slot: what the server keeps for us, and whether it is still ours.

use gongxin_connector_api::{ConnectorError, Position};
use tokio_postgres::Client;

use crate::Settings;
use crate::cause::refused;

/// How the slot stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) plugin: Option<String>,
    pub(crate) database: Option<String>,
    /// The server's process that serves it.
    pub(crate) process: Option<i32>,
    pub(crate) confirmed: Option<Position>,
    /// `reserved`, `extended`, `unreserved` or `lost`.
    pub(crate) wal_status: Option<String>,
    /// Bytes of log that are kept for it.
    pub(crate) kept: u64,
}

/// Where the server is, and which one it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Server {
    pub(crate) identity: String,
    pub(crate) started: String,
    pub(crate) position: Position,
}

fn position(number: i64) -> Position {
    Position(u64::try_from(number).unwrap_or(0))
}

impl Slot {
    /// Looks at the slot; none where it is not there.
    pub(crate) async fn read(client: &Client, settings: &Settings) -> Result<Option<Self>, ConnectorError> {
        let statement =
            "SELECT plugin::text, database::text, active_pid, (confirmed_flush_lsn - '0/0')::int8, wal_status,
            greatest(0, coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0))::int8
            FROM pg_replication_slots WHERE slot_name = $1";
        let failed = refused("tell the state of its slots", settings.database.as_str());
        let row = client.query_opt(statement, &[&settings.slot.as_str()]).await.map_err(&failed)?;
        let read = |row: tokio_postgres::Row| -> Result<Self, tokio_postgres::Error> {
            let kept: i64 = row.try_get(5)?;
            Ok(Self {
                plugin: row.try_get(0)?,
                database: row.try_get(1)?,
                process: row.try_get(2)?,
                confirmed: row.try_get::<_, Option<i64>>(3)?.map(position),
                wal_status: row.try_get(4)?,
                kept: u64::try_from(kept).unwrap_or(0),
            })
        };
        row.map(read).transpose().map_err(failed)
    }

    /// Whether changes after `from` can still be had, one after the other.
    pub(crate) fn goes_on_from(&self, from: Position) -> Result<(), ConnectorError> {
        match self.confirmed {
            Some(found) if found > from => Err(ConnectorError::Gap { from, found }),
            _ => Ok(()),
        }
    }

    /// Whether the server threw away what it should have kept.
    pub(crate) fn is_lost(&self) -> bool {
        self.wal_status.as_deref() == Some("lost") || self.confirmed.is_none()
    }
}

impl Server {
    /// Looks at the server.
    pub(crate) async fn read(client: &Client, settings: &Settings) -> Result<Self, ConnectorError> {
        // The control functions are for everybody; the timeline counts restores to a point in time.
        let statement = "SELECT s.system_identifier::text || '/' || c.timeline_id::text,
            pg_postmaster_start_time()::text, (pg_current_wal_lsn() - '0/0')::int8
            FROM pg_control_system() s, pg_control_checkpoint() c";
        let failed = refused("tell who it is", settings.database.as_str());
        let row = client.query_one(statement, &[]).await.map_err(&failed)?;
        let read = || -> Result<Self, tokio_postgres::Error> {
            Ok(Self { identity: row.try_get(0)?, started: row.try_get(1)?, position: position(row.try_get(2)?) })
        };
        read().map_err(failed)
    }
}

/// Makes the slot, and says from where it keeps changes.
pub(crate) async fn create(client: &Client, settings: &Settings) -> Result<Position, ConnectorError> {
    let statement = "SELECT (lsn - '0/0')::int8 FROM pg_create_logical_replication_slot($1, 'pgoutput')";
    let failed = refused("make a slot for us", settings.database.as_str());
    let row = client.query_one(statement, &[&settings.slot.as_str()]).await.map_err(&failed)?;
    row.try_get(0).map(position).map_err(failed)
}

/// Drops the slot, and with it everything that we have not read.
pub(crate) async fn drop(client: &Client, settings: &Settings) -> Result<(), ConnectorError> {
    let statement = "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1";
    let failed = refused("drop our slot", settings.database.as_str());
    client.execute(statement, &[&settings.slot.as_str()]).await.map_err(failed).map(|_| ())
}
