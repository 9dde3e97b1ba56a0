//! What columns hold, and how it is read.

use gongxin_crypto::Digest;
use gongxin_types::{Time, TransactionId};

use crate::keys::Sealed;

/// Period, wrap and ciphertext from three columns, or nothing where they were erased.
pub(crate) fn sealed(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Option<Sealed>> {
    let period: Option<i64> = row.get(column)?;
    let wrap: Option<Vec<u8>> = row.get(column.saturating_add(1))?;
    let sealed: Option<Vec<u8>> = row.get(column.saturating_add(2))?;
    Ok(match (period, wrap, sealed) {
        (Some(period), Some(wrap), Some(sealed)) => Some(Sealed { period, wrap, sealed }),
        _ => None,
    })
}

/// A transaction's identifier from a column.
pub(crate) fn transaction_id(bytes: &[u8]) -> rusqlite::Result<TransactionId> {
    Digest::new(bytes)
        .map(TransactionId)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Blob, Box::new(error)))
}

/// SQLite's integers are signed; times and heights stay far below their middle.
pub(crate) fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A time as a column holds it.
pub(crate) fn millis(time: Time) -> i64 {
    number(time.millis())
}

/// A time from a column.
pub(crate) fn time(millis: i64) -> Time {
    Time::from_millis(u64::try_from(millis).unwrap_or(0))
}
