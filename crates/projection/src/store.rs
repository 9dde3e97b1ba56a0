//! Connections to the database: one writes, readers each see one consistent state and never wait for the writer.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use borsh::BorshDeserialize;
use gongxin_crypto::Suite;
use gongxin_types::{Height, Time, codec};
use rusqlite::{Connection, OptionalExtension, Params, Row, Transaction};

use crate::{Answer, ProjectionError, limits, schema};

/// The readers' side of the database.
pub(crate) struct Store {
    path: PathBuf,
    suite: Suite,
    readers: Mutex<Vec<Connection>>,
}

/// One consistent state of the database.
pub(crate) struct Snapshot<'a> {
    pub(crate) database: &'a Transaction<'a>,
    pub(crate) suite: Suite,
    pub(crate) height: Height,
    pub(crate) time: Time,
}

impl Store {
    pub(crate) fn new(path: &Path, suite: Suite) -> Self {
        Self { path: path.to_owned(), suite, readers: Mutex::default() }
    }

    /// Asks one consistent state; the answer names its height.
    pub(crate) fn read<T, E: From<ProjectionError>>(
        &self,
        work: impl FnOnce(&Snapshot<'_>) -> Result<T, E>,
    ) -> Result<Answer<T>, E> {
        const ACTION: &str = "read";
        let mut connection = self.reader().map_err(ProjectionError::storage(ACTION))?;
        let answer = {
            let database = connection.transaction().map_err(ProjectionError::storage(ACTION))?;
            let (height, time) = tip(&database).map_err(ProjectionError::storage(ACTION))?;
            let snapshot = Snapshot { database: &database, suite: self.suite, height, time };
            Answer { value: work(&snapshot)?, height, time }
        };
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < limits::READERS_KEPT {
            readers.push(connection);
        }
        Ok(answer)
    }

    fn reader(&self) -> rusqlite::Result<Connection> {
        if let Some(connection) = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Ok(connection);
        }
        let connection = Connection::open(&self.path)?;
        schema::prepare(&connection)?;
        connection.execute_batch("PRAGMA query_only = ON")?;
        Ok(connection)
    }
}

impl Snapshot<'_> {
    /// The one row a query gives, if any.
    pub(crate) fn one<T>(
        &self,
        action: &'static str,
        query: &str,
        values: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, ProjectionError> {
        one(self.database, query, values, read).map_err(ProjectionError::storage(action))
    }

    /// All rows a query gives.
    pub(crate) fn all<T>(
        &self,
        action: &'static str,
        query: &str,
        values: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, ProjectionError> {
        let mut statement = self.database.prepare_cached(query).map_err(ProjectionError::storage(action))?;
        let rows = statement.query_map(values, read).map_err(ProjectionError::storage(action))?;
        rows.collect::<Result<_, _>>().map_err(ProjectionError::storage(action))
    }
}

/// The one row a query gives, if any.
pub(crate) fn one<T>(
    database: &Connection,
    query: &str,
    values: impl Params,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Option<T>> {
    database.prepare_cached(query)?.query_row(values, read).optional()
}

/// Writes one row.
pub(crate) fn insert(database: &Connection, query: &str, values: impl Params) -> rusqlite::Result<()> {
    database.prepare_cached(query)?.execute(values).map(|_| ())
}

/// Reads canonical bytes that were written here.
pub(crate) fn decode<T: BorshDeserialize>(what: &'static str, bytes: &[u8]) -> Result<T, ProjectionError> {
    codec::decode(what, bytes).map_err(|_| ProjectionError::Damaged { what })
}

/// SQLite's integers are signed; heights and times stay far below their middle.
pub(crate) fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// How many rows to ask for: one more than are given, to know whether there are more.
pub(crate) fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1)
}

/// A height from a column.
pub(crate) fn height(row: &Row<'_>, column: usize) -> rusqlite::Result<Height> {
    unsigned(row, column).map(Height::new)
}

/// A time from a column.
pub(crate) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Time> {
    unsigned(row, column).map(Time::from_millis)
}

/// A number from a column; none that was written here is negative.
pub(crate) fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let value: i64 = row.get(column)?;
    u64::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, value))
}

fn tip(database: &Connection) -> rusqlite::Result<(Height, Time)> {
    let query = "SELECT height, time FROM headers ORDER BY height DESC LIMIT 1";
    let found = one(database, query, [], |row| Ok((height(row, 0)?, time(row, 1)?)))?;
    found.ok_or(rusqlite::Error::QueryReturnedNoRows)
}
