//! Consensus time (PROTOCOL 8): what a proposer writes, what a validator refuses for ever, and what it waits for.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gongxin_types::Time;

use crate::limits::{CLOCK_AHEAD_MS_MAX, CLOCK_FAULT_MS, TIME_STEP_MS_MAX};

/// This machine's clock.
pub(crate) fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// The timestamp a proposer gives: its clock, but after the parent and within one step of it.
pub(crate) fn proposed(parent: Time, now: Time) -> Time {
    let earliest = parent.plus_millis(1);
    let latest = parent.plus_millis(TIME_STEP_MS_MAX);
    now.clamp(earliest, latest)
}

/// Whether a timestamp can ever follow its parent's.
pub(crate) fn admissible(parent: Time, time: Time) -> bool {
    time > parent && time <= parent.plus_millis(TIME_STEP_MS_MAX)
}

/// How long a validator waits before it votes for a block with this timestamp. The rule above bounds it.
pub(crate) fn wait(time: Time, now: Time) -> Duration {
    let reached = now.plus_millis(CLOCK_AHEAD_MS_MAX);
    Duration::from_millis(time.millis().saturating_sub(reached.millis()))
}

/// Whether a final block shows that this machine's clock is wrong.
pub(crate) fn contradicts(time: Time, now: Time) -> bool {
    time > now.plus_millis(CLOCK_FAULT_MS)
}

/// How long until a clock reaches an instant.
pub(crate) fn until(instant: Time, now: Time) -> Duration {
    Duration::from_millis(instant.millis().saturating_sub(now.millis()))
}
