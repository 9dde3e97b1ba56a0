//! Throttle: a pass over a register is slow enough that the register's own users do not feel it.

use std::time::Duration;

/// At most so many rows a second, and for each stretch of work a rest.
///
/// Pure: whoever makes the pass says how long a page took and waits as long as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttle {
    /// Rows a second over the whole pass; 0 is without a bound.
    pub rows_per_second: u32,
    /// Of the time of a pass, how much the database may work for us, in percent: 25 rests three times as long as a page took.
    pub busy_percent: u8,
}

impl Default for Throttle {
    /// A pass in the background: half of the time, without another bound.
    fn default() -> Self {
        Self { rows_per_second: 0, busy_percent: 50 }
    }
}

impl Throttle {
    /// As fast as it goes.
    pub const NONE: Self = Self { rows_per_second: 0, busy_percent: 100 };

    /// How long to wait after a page of so many rows that took so long.
    pub fn pause(&self, rows: usize, took: Duration) -> Duration {
        let busy = u32::from(self.busy_percent.clamp(1, 100));
        let rest = took.saturating_mul(100 - busy) / busy;
        let paced = match self.rows_per_second {
            0 => Duration::ZERO,
            rate => {
                let micros = (rows as u64).saturating_mul(1_000_000) / u64::from(rate);
                Duration::from_micros(micros).saturating_sub(took)
            }
        };
        rest.max(paced)
    }
}
