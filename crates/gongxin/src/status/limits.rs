//! From when on something needs attention, each with its reason.

use std::time::Duration;

/// How long one server may take to answer: at 3 a.m. nobody waits longer for a screen.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// How often a live screen is drawn anew.
pub(super) const REFRESH: Duration = Duration::from_secs(1);

/// A copy whose newest block is so much older than the newest of all lags: seven idle heartbeats.
pub(super) const LAG_MS_MAX: u64 = 5_000;

/// No final block for so long: the network stands. Some leaders may be down, each of them costs a second.
pub(super) const STANDS_MS: u64 = 15_000;

/// Clocks further from the median than this make votes wait (PROTOCOL 8).
pub(super) const CLOCK_OFF_MS_MAX: u64 = 500;

/// Clocks that cannot be compared more exactly: half of the way there and back.
pub(super) const ROUND_TRIP_SHARE: u32 = 2;

/// With less than so many times the bytes at which it stops, a node needs room soon.
pub(super) const FLOORS_MIN: u64 = 4;

/// With less than one part in so many free, a disk is mentioned.
pub(super) const FREE_PART_MIN: u64 = 10;

/// Waiting transactions from which on a network is behind its load: five seconds at full pace are 60,000.
pub(super) const WAITING_MAX: u64 = 30_000;

/// A pace of a disk is told once it was watched for so long.
pub(super) const WATCHED_MIN: Duration = Duration::from_secs(60);

/// And only where it is full within so long.
pub(super) const FULL_WITHIN: Duration = Duration::from_secs(7 * 24 * 3_600);
