//! The machine a simulated gateway runs on: tasks and timers of the deterministic runtime, a disk that takes a moment, and
//! randomness that follows from the seed.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use commonware_runtime::deterministic::Context;
use commonware_runtime::{Clock as _, Spawner as _, Supervisor as _};
use futures::future::BoxFuture;
use gongxin_crypto::{RandomError, Randomness};
use gongxin_service_simulated::{Machine, Task};

use crate::dice::Dice;

/// How long a piece of work on the copies takes at most, milliseconds: others go on meanwhile, and a crash may come first.
const WORK_MS_MAX: u64 = 6;

/// One of several machines under the runtime; its tasks end with the part of the runtime that it was given.
pub(crate) struct Simulated {
    runtime: Context,
    disk: Mutex<Dice>,
    randomness: Arc<Seeded>,
}

impl Simulated {
    /// The machine of one life of a gateway.
    pub(crate) fn new(runtime: Context, seed: u64, life: &str) -> Self {
        let disk = Mutex::new(Dice::new(seed, &format!("disk of {life}")));
        Self { runtime, disk, randomness: Arc::new(Seeded::new(seed, life)) }
    }
}

impl Machine for Simulated {
    fn spawn(&self, work: BoxFuture<'static, ()>) -> Task {
        let task = self.runtime.child("task").spawn(move |_| work);
        Task::ended_by(move || task.abort())
    }

    fn blocking(&self, work: Box<dyn FnOnce() + Send>) -> BoxFuture<'static, ()> {
        let takes = self.disk.lock().unwrap_or_else(PoisonError::into_inner).millis(0, WORK_MS_MAX);
        let runtime = self.runtime.child("work");
        Box::pin(async move {
            runtime.sleep(takes).await;
            work();
        })
    }

    fn steady(&self) -> Duration {
        self.runtime.current().duration_since(UNIX_EPOCH).unwrap_or_default()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let runtime = self.runtime.child("sleep");
        Box::pin(async move { runtime.sleep(duration).await })
    }

    fn randomness(&self) -> Arc<dyn Randomness> {
        Arc::clone(&self.randomness) as Arc<dyn Randomness>
    }
}

/// Unpredictable bytes, as far as a gateway can tell.
pub(crate) struct Seeded(Mutex<Dice>);

impl Seeded {
    /// Those of a seed for one purpose.
    pub(crate) fn new(seed: u64, purpose: &str) -> Self {
        Self(Mutex::new(Dice::new(seed, &format!("randomness of {purpose}"))))
    }
}

impl Randomness for Seeded {
    fn fill(&self, destination: &mut [u8]) -> Result<(), RandomError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill(destination);
        Ok(())
    }
}
