//! Clock: which legal day it is at an instant of consensus time, and when that day is over.
//!
//! Legal days are those of Asia/Shanghai: UTC+08:00. Daylight saving time was last kept there in 1991 (IANA time zone
//! database, file `asia`, rules `PRC`), so that the offset is a number and needs no table.
//!
//! In a test network the calendar runs faster than the clock: so many legal seconds pass in one second (`time_scale` of
//! genesis). Everything that asks for a legal day asks here; nothing else of the ledger is scaled.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use crate::{Date, NetworkHead, Time};

const DAY_MS: u64 = 86_400_000;
const OFFSET_MS: u64 = 8 * 3_600_000;

/// How the network's consensus time maps to legal days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalClock {
    /// The instant at which consensus time and legal time agree: that of genesis.
    pub origin: Time,
    /// Legal seconds in one second: 1, but in test networks.
    pub scale: u32,
}

impl LegalClock {
    /// The clock of a network.
    pub const fn of(head: &NetworkHead) -> Self {
        Self { origin: head.time, scale: head.time_scale }
    }

    /// The day in Shanghai.
    pub fn date(&self, time: Time) -> Date {
        let further = u64::from(self.scale.saturating_sub(1));
        let elapsed = time.millis().saturating_sub(self.origin.millis());
        let legal = time.millis().saturating_add(elapsed.saturating_mul(further));
        let day = legal.saturating_add(OFFSET_MS) / DAY_MS;
        Date::of_number(u32::try_from(day).unwrap_or(u32::MAX))
    }

    /// The first instant at which a day is over: 24:00 in Shanghai.
    pub fn end(&self, date: Date) -> Time {
        let legal = u64::from(date.number()).saturating_add(1).saturating_mul(DAY_MS).saturating_sub(OFFSET_MS);
        let ahead = legal.saturating_sub(self.origin.millis());
        if self.scale <= 1 || ahead == 0 {
            return Time::from_millis(legal);
        }
        self.origin.plus_millis(ahead.div_ceil(u64::from(self.scale)))
    }
}
