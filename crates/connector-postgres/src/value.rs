//! Values in PostgreSQL's binary form, as cells: the same bytes from a snapshot and from the stream.

use gongxin_connector_api::Cell;

/// Days from 1970-01-01 to 2000-01-01, from which PostgreSQL counts.
const EPOCH_DAYS: i64 = 10_957;

/// The same in microseconds.
const EPOCH_MICROS: i64 = EPOCH_DAYS * 86_400_000_000;

/// The built-in types that have a canonical form, by their fixed object identifiers (`pg_type.dat`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `boolean`.
    Boolean,
    /// `smallint`, `integer`, `bigint`.
    Integer,
    /// `text`, `varchar`, `char(n)` with its padding, `name`, and the labels of enumerations.
    Text,
    /// `date`.
    Date,
    /// `timestamp`.
    Timestamp,
    /// `timestamptz`.
    TimestampUtc,
    /// `numeric`.
    Decimal,
    /// Anything else.
    Other,
}

impl Kind {
    /// The kind of a built-in type.
    pub fn of(oid: u32) -> Self {
        match oid {
            16 => Self::Boolean,
            20 | 21 | 23 => Self::Integer,
            25 | 19 | 1042 | 1043 => Self::Text,
            1082 => Self::Date,
            1114 => Self::Timestamp,
            1184 => Self::TimestampUtc,
            1700 => Self::Decimal,
            _ => Self::Other,
        }
    }

    /// The cell of these bytes. `written` holds the digits of a decimal.
    pub fn cell<'a>(self, bytes: &'a [u8], written: &'a mut String) -> Cell<'a> {
        match self {
            Self::Boolean => match bytes {
                [0] => Cell::Boolean(false),
                [1] => Cell::Boolean(true),
                _ => Cell::Other,
            },
            Self::Integer => integer(bytes).map_or(Cell::Other, Cell::Integer),
            Self::Text => Cell::Text(bytes),
            // `infinity` and `-infinity` are the greatest and the least number.
            Self::Date => match bytes.try_into().map(i32::from_be_bytes) {
                Ok(i32::MIN | i32::MAX) => Cell::OutOfRange,
                Ok(days) => Cell::Days(i64::from(days).saturating_add(EPOCH_DAYS)),
                Err(_) => Cell::Other,
            },
            Self::Timestamp | Self::TimestampUtc => match bytes.try_into().map(i64::from_be_bytes) {
                Ok(i64::MIN | i64::MAX) => Cell::OutOfRange,
                Ok(micros) => match (micros.checked_add(EPOCH_MICROS), self) {
                    (None, _) => Cell::OutOfRange,
                    (Some(micros), Self::Timestamp) => Cell::Micros(micros),
                    (Some(micros), _) => Cell::MicrosUtc(micros),
                },
                Err(_) => Cell::Other,
            },
            Self::Decimal => match crate::numeric::to_text(bytes) {
                Some(text) => {
                    *written = text;
                    Cell::Decimal(written)
                }
                None => Cell::OutOfRange,
            },
            Self::Other => Cell::Other,
        }
    }
}

fn integer(bytes: &[u8]) -> Option<i64> {
    match bytes.len() {
        2 => bytes.try_into().ok().map(i16::from_be_bytes).map(i64::from),
        4 => bytes.try_into().ok().map(i32::from_be_bytes).map(i64::from),
        8 => bytes.try_into().ok().map(i64::from_be_bytes),
        _ => None,
    }
}

/// Milliseconds since 1970 of a server's clock, which counts microseconds from 2000.
#[cfg(feature = "client")]
pub(crate) fn unix_millis(micros: i64) -> Option<u64> {
    u64::try_from(micros.checked_add(EPOCH_MICROS)?.div_euclid(1_000)).ok()
}
