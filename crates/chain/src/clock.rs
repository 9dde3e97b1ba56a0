//! Consensus time (PROTOCOL 8): what a proposer writes, what a validator refuses for ever, and what it waits for; and what
//! final blocks say about this machine's own clock.
//!
//! A clock that is *behind* is contradicted by any final block ahead of it: more than two thirds had reached that time. A
//! clock that is *ahead* is contradicted by nobody, because after a halt blocks lie in the past for a while; it shows in
//! proposers that could have written a later time, and did not.

use std::fmt::Debug;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures::future::{BoxFuture, Either, select};
use gongxin_types::Time;

use crate::limits::{CLOCK_AHEAD_FAULT_MS, CLOCK_AHEAD_MS_MAX, CLOCK_FAULT_MS, CLOCK_SUSPICION_MAX, TIME_STEP_MS_MAX};

/// Where time comes from: this machine, or a simulated one.
pub trait TimeSource: Debug + Send + Sync {
    /// The time of day.
    fn now(&self) -> SystemTime;
    /// Time since some moment before this was made; it is never set.
    fn steady(&self) -> Duration;
    /// Resolves after so long.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

/// What a node takes for the time of day: this machine's clock, and in tests one that is off.
#[derive(Clone, Debug)]
pub struct Clock {
    source: Arc<dyn TimeSource>,
    off_ms: Arc<AtomicI64>,
}

impl Clock {
    /// A clock of this source.
    pub fn of(source: Arc<dyn TimeSource>) -> Self {
        Self { source, off_ms: Arc::default() }
    }

    /// Time since some moment before the start; setting the clock does not move it.
    pub(crate) fn steady(&self) -> Duration {
        self.source.steady()
    }

    /// Resolves after so long.
    pub(crate) fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.source.sleep(duration)
    }

    /// What a future resolves to, unless that takes longer.
    pub(crate) async fn within<T>(&self, patience: Duration, future: impl Future<Output = T>) -> Option<T> {
        match select(pin!(future), self.sleep(patience)).await {
            Either::Left((value, _)) => Some(value),
            Either::Right(_) => None,
        }
    }

    /// Now, by this clock.
    pub fn now(&self) -> Time {
        let since = self.source.now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
        Time::from_millis(millis.saturating_add_signed(self.off_ms.load(Ordering::Relaxed)))
    }

    /// Sets it so many milliseconds before (negative) or after this machine's, for all who hold it.
    pub fn set_off(&self, millis: i64) {
        self.off_ms.store(millis, Ordering::Relaxed);
    }
}

/// How a clock stands to the network's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing speaks against it.
    #[default]
    Right,
    /// So many milliseconds behind a final block.
    Behind(u64),
    /// So many milliseconds ahead of what the other validators write.
    Ahead(u64),
}

impl Standing {
    /// What is wrong and what to do about it, for an operator.
    pub(crate) fn words(self) -> Option<String> {
        let off = match self {
            Self::Right => return None,
            Self::Behind(millis) => format!("{} s behind final blocks, so it does not vote", millis.div_ceil(1_000)),
            Self::Ahead(millis) => format!("{} s ahead of the network, so its proposals wait", millis / 1_000),
        };
        Some(format!("this machine's clock is {off}: set it right, such as by `timedatectl set-ntp true`"))
    }
}

/// Watches final blocks for what they say about the own clock.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    standing: Standing,
    suspicion: u32,
}

impl Watch {
    /// What the last final blocks said.
    pub(crate) fn standing(&self) -> Standing {
        self.standing
    }

    /// Takes in a final block and its parent's time. `following` is false while the node catches up: then blocks are old,
    /// whatever the clock says.
    pub(crate) fn observe(&mut self, parent: Time, time: Time, now: Time, following: bool) -> Standing {
        let (behind, ahead) = (time.millis().saturating_sub(now.millis()), now.millis().saturating_sub(time.millis()));
        if behind > CLOCK_FAULT_MS {
            self.standing = Standing::Behind(behind);
        } else if ahead <= CLOCK_AHEAD_FAULT_MS {
            self.suspicion = 0;
            if matches!(self.standing, Standing::Ahead(_)) {
                self.standing = Standing::Right;
            }
        } else if following {
            // Whoever took the longest step may have wanted a longer one: a network catching up after a halt.
            let free = time.millis().saturating_sub(parent.millis()) < TIME_STEP_MS_MAX;
            self.suspicion = if free { self.suspicion.saturating_add(1) } else { self.suspicion.saturating_sub(1) };
            if self.suspicion >= CLOCK_SUSPICION_MAX {
                self.standing = Standing::Ahead(ahead);
            }
        }
        self.standing
    }

    /// The clock that was behind has been set right.
    pub(crate) fn forgive(&mut self) {
        self.standing = Standing::Right;
    }
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

/// Whether a clock that was behind has come close enough to the newest final block to vote again.
pub(crate) fn agrees(time: Time, now: Time) -> bool {
    time <= now.plus_millis(CLOCK_AHEAD_MS_MAX)
}

/// Whether a clock was set back between two looks at it, so much time apart.
pub(crate) fn was_set_back(before: Time, now: Time, passed: Duration) -> bool {
    let expected = before.plus_millis(u64::try_from(passed.as_millis()).unwrap_or(u64::MAX));
    expected > now.plus_millis(CLOCK_FAULT_MS)
}

/// How long until a clock reaches an instant.
pub(crate) fn until(instant: Time, now: Time) -> Duration {
    Duration::from_millis(instant.millis().saturating_sub(now.millis()))
}
