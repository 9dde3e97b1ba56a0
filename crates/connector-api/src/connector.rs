//! Connector: the registers of one database, read, followed and written.

use futures::future::BoxFuture;
use gongxin_types::ResourceId;
use gongxin_types::row::Row;

use crate::{ConnectorError, Event, Finding, Health, Key, Ordered, Outcome, Position, RowFault, Waiting};

/// A row and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyedRow {
    /// Its key.
    pub key: Key,
    /// The canonical row.
    pub row: Row,
}

/// Some rows of a snapshot, in key order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Rows, and what stands where there is no canonical row.
    pub rows: Vec<Result<KeyedRow, RowFault>>,
    /// Whether there is nothing after it.
    pub last: bool,
}

impl Page {
    /// The last key in it: from here another snapshot can go on.
    pub fn position(&self) -> Option<&Key> {
        self.rows.iter().rev().find_map(|row| match row {
            Ok(row) => Some(&row.key),
            Err(fault) => fault.key.as_ref(),
        })
    }
}

/// All rows of one register at one moment, in key order.
pub trait Snapshot: Send {
    /// The next rows; after the last page, empty ones.
    fn page(&mut self) -> BoxFuture<'_, Result<Page, ConnectorError>>;

    /// Whatever the snapshot shows was committed before this position. A difference counts once the changes up to here are
    /// known and none of them explains it.
    fn upto(&self) -> Position;
}

/// Committed changes, from a position on.
pub trait Changes: Send {
    /// What comes next; it waits as long as nothing does. Nothing is lost where it is dropped while it waits.
    fn next(&mut self) -> BoxFuture<'_, Result<Event, ConnectorError>>;

    /// Everything up to here is stored on our side: the database may forget it. Only positions that were handed out.
    fn confirm(&mut self, upto: Position) -> BoxFuture<'_, Result<(), ConnectorError>>;
}

/// The registers of one database.
pub trait Connector: Send + Sync {
    /// Whether schema, privileges and settings fit the bindings: what is wrong, and what to do. Empty when all is well.
    fn check(&self) -> BoxFuture<'_, Result<Vec<Finding>, ConnectorError>>;

    /// The rows of a register after this key, or all of them, at one moment.
    fn snapshot<'a>(
        &'a self,
        resource: &'a ResourceId,
        after: Option<&'a Key>,
    ) -> BoxFuture<'a, Result<Box<dyn Snapshot>, ConnectorError>>;

    /// One row as it is now.
    fn row<'a>(&'a self, resource: &'a ResourceId, key: &'a Key) -> BoxFuture<'a, Result<Option<Row>, ConnectorError>>;

    /// Changes after this position, or from where the database began to keep them for us. Nothing is confirmed by it. At most
    /// one reader at a time.
    fn changes(&self, from: Option<Position>) -> BoxFuture<'_, Result<Box<dyn Changes>, ConnectorError>>;

    /// What waits in the pending table, oldest first, at most [`APPLY_MAX`](crate::limits::APPLY_MAX).
    fn waiting(&self) -> BoxFuture<'_, Result<Vec<Waiting>, ConnectorError>>;

    /// Writes what is final into the registers, in the order given, and says what became of each.
    fn apply<'a>(&'a self, operations: &'a [Ordered]) -> BoxFuture<'a, Result<Vec<Outcome>, ConnectorError>>;

    /// How it stands.
    fn health(&self) -> BoxFuture<'_, Result<Health, ConnectorError>>;
}
