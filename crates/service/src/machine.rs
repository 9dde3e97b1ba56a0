//! The machine an office runs on: its tasks, threads, timers and randomness.
//!
//! Nothing else in this room names them. A real office runs [`OnTokio`]; the simulation brings a machine of its own, on
//! which one thread does everything in an order that a seed decides, so that what it beats is the very code that runs here
//! (0015). For the same reason nothing here selects at random, and those who wait are told in the order in which they came.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::{BoxFuture, Either, select};
use gongxin_crypto::{OperatingSystem, Randomness};

/// What a machine offers.
pub trait Machine: Send + Sync + 'static {
    /// Lets something go on beside everything else, until it is done or its [`Task`] is dropped.
    fn spawn(&self, work: BoxFuture<'static, ()>) -> Task;
    /// Does what would block a thread for a while; resolves when it is done, or has failed.
    fn blocking(&self, work: Box<dyn FnOnce() + Send>) -> BoxFuture<'static, ()>;
    /// Time since some moment; setting the clock does not move it.
    fn steady(&self) -> Duration;
    /// Resolves after so long.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
    /// Where unpredictable bytes come from.
    fn randomness(&self) -> Arc<dyn Randomness>;
}

/// Something that goes on as long as this is held.
pub struct Task(Option<Box<dyn FnOnce() + Send>>);

impl Task {
    /// A task that this ends.
    pub fn ended_by(end: impl FnOnce() + Send + 'static) -> Self {
        Self(Some(Box::new(end)))
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if let Some(end) = self.0.take() {
            end();
        }
    }
}

/// What a future resolves to, unless that takes longer.
pub(crate) async fn within<T>(machine: &dyn Machine, patience: Duration, future: impl Future<Output = T>) -> Option<T> {
    match select(pin!(future), machine.sleep(patience)).await {
        Either::Left((value, _)) => Some(value),
        Either::Right(_) => None,
    }
}

/// This machine, under the runtime that whoever calls it runs in.
#[derive(Debug)]
pub struct OnTokio {
    begun: Instant,
}

impl Default for OnTokio {
    fn default() -> Self {
        Self { begun: Instant::now() }
    }
}

impl Machine for OnTokio {
    fn spawn(&self, work: BoxFuture<'static, ()>) -> Task {
        let task = tokio::spawn(work).abort_handle();
        Task::ended_by(move || task.abort())
    }

    fn blocking(&self, work: Box<dyn FnOnce() + Send>) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            // One that failed has dropped what it would have answered with.
            let _ = tokio::task::spawn_blocking(work).await;
        })
    }

    fn steady(&self) -> Duration {
        self.begun.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn randomness(&self) -> Arc<dyn Randomness> {
        Arc::new(OperatingSystem)
    }
}
