//! Consensus time, block heights and civil dates.

use std::fmt;
use std::str::FromStr;

use borsh::{BorshDeserialize, BorshSerialize, io};
use serde::{Deserialize, Serialize};

use crate::codec::{invalid, text_serde};

/// The number of a block; genesis is 0.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    BorshSerialize,
    BorshDeserialize,
    Serialize,
    Deserialize,
)]
#[serde(transparent)]
pub struct Height(#[serde(with = "crate::json::integer")] u64);

impl Height {
    /// The height of genesis.
    pub const GENESIS: Self = Self(0);

    /// The height with this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The height after this one.
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Height {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// An instant of consensus time: milliseconds since 1970-01-01T00:00:00Z. In JSON an RFC 3339 text in UTC with milliseconds.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct Time(u64);

impl Time {
    /// The latest instant that has an RFC 3339 text: the end of the year 9999.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// The instant so many milliseconds after the epoch.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// This instant and so many milliseconds more.
    pub const fn plus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match i64::try_from(self.0).ok().and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok()) {
            Some(instant) => write!(formatter, "{instant:.3}"),
            None => write!(formatter, "{} ms", self.0),
        }
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Time({self})")
    }
}

/// Text that is no instant or date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {expected}")]
pub struct TimeError {
    text: String,
    expected: &'static str,
}

impl FromStr for Time {
    type Err = TimeError;
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let error =
            || TimeError { text: text.into(), expected: "an RFC 3339 instant such as `2026-08-01T09:00:00.000Z`" };
        let instant: jiff::Timestamp = text.parse().map_err(|_| error())?;
        u64::try_from(instant.as_millisecond()).map(Self).map_err(|_| error())
    }
}

text_serde!(Time);

/// A civil date (Asia/Shanghai where a legal day is meant). Encoded as `u16` year, `u8` month, `u8` day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The date with this year (1–9999), month and day.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let exists =
            jiff::civil::Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?)
                .is_ok();
        (exists && year >= 1).then_some(Self { year, month, day })
    }

    /// The last date there is.
    pub const MAX: Self = Self { year: 9999, month: 12, day: 31 };

    /// The year.
    pub const fn year(self) -> u16 {
        self.year
    }

    /// Whether it is a Saturday or a Sunday.
    pub fn is_weekend(self) -> bool {
        matches!(self.civil().weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday)
    }

    /// Days since 1970-01-01; 0 for that day and any before it.
    pub fn number(self) -> u32 {
        let hours = self.civil().duration_since(EPOCH).as_hours();
        u32::try_from(hours / 24).unwrap_or(0)
    }

    /// The day so many days after 1970-01-01; the last there is, if it lies beyond.
    pub fn of_number(number: u32) -> Self {
        let date = EPOCH.checked_add(jiff::SignedDuration::from_hours(i64::from(number).saturating_mul(24)));
        date.ok().and_then(Self::of_civil).unwrap_or(Self::MAX)
    }

    /// The day after; the last stays itself.
    pub fn next(self) -> Self {
        Self::of_number(self.number().saturating_add(1))
    }

    /// The day before; 1970-01-01 stays itself.
    pub fn previous(self) -> Self {
        Self::of_number(self.number().saturating_sub(1))
    }

    fn of_civil(date: jiff::civil::Date) -> Option<Self> {
        Self::new(u16::try_from(date.year()).ok()?, u8::try_from(date.month()).ok()?, u8::try_from(date.day()).ok()?)
    }

    fn civil(self) -> jiff::civil::Date {
        let parts = (i16::try_from(self.year), i8::try_from(self.month), i8::try_from(self.day));
        let (Ok(year), Ok(month), Ok(day)) = parts else { return EPOCH };
        // Every date was checked when it was made.
        jiff::civil::Date::new(year, month, day).unwrap_or(EPOCH)
    }
}

const EPOCH: jiff::civil::Date = jiff::civil::Date::constant(1970, 1, 1);

impl fmt::Display for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = TimeError;
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let error = || TimeError { text: text.into(), expected: "a date such as `2024-12-31`" };
        let date: jiff::civil::Date = text.parse().map_err(|_| error())?;
        Self::of_civil(date).filter(|date| date.to_string() == text).ok_or_else(error)
    }
}

impl BorshSerialize for Date {
    fn serialize<W: io::Write>(&self, writer: &mut W) -> io::Result<()> {
        BorshSerialize::serialize(&(self.year, self.month, self.day), writer)
    }
}

impl BorshDeserialize for Date {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let (year, month, day) = BorshDeserialize::deserialize_reader(reader)?;
        Self::new(year, month, day).ok_or_else(|| invalid(format!("no such date: {year}-{month}-{day}")))
    }
}

text_serde!(Date);
