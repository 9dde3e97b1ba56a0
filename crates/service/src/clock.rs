//! This machine's clock, which a test may set.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use gongxin_types::Time;

/// A clock that may be wrong, or missing: the ledger's own time is what decides.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Option<Time> + Send + Sync>);

impl Clock {
    /// The operating system's.
    pub fn system() -> Self {
        Self::of(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
            u64::try_from(since.as_millis()).ok().map(Time::from_millis)
        })
    }

    /// One that shows what this says; nothing where it does not run.
    pub fn of(shows: impl Fn() -> Option<Time> + Send + Sync + 'static) -> Self {
        Self(Arc::new(shows))
    }

    /// What it shows.
    pub(crate) fn now(&self) -> Option<Time> {
        (self.0)()
    }
}
