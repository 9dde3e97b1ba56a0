//! The way to a gateway and from it: what is sent takes its time, and may be lost.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use commonware_runtime::{Clock as _, deterministic::Context};

use crate::dice::Dice;
use crate::fault::Fault;

/// How long somebody waits for an answer that was lost.
const LOST: Duration = Duration::from_secs(2);

/// What the faults of the moment make of the ways to the gateways.
pub(crate) struct Weather {
    usual: Duration,
    loss_percent: AtomicU8,
    cut: Vec<AtomicBool>,
}

impl Weather {
    /// Fine weather for so many gateways.
    pub(crate) fn new(usual: Duration, gateways: usize) -> Self {
        Self { usual, loss_percent: AtomicU8::new(0), cut: (0..gateways).map(|_| AtomicBool::new(false)).collect() }
    }

    /// The weather of these faults.
    pub(crate) fn set<'a>(&self, active: impl Iterator<Item = &'a Fault> + Clone) {
        let losses = active.clone().map(|fault| if let Fault::Loss { percent, .. } = fault { *percent } else { 0 });
        self.loss_percent.store(losses.max().unwrap_or(0), Ordering::Relaxed);
        for (gateway, cut) in self.cut.iter().enumerate() {
            let mut faults = active.clone();
            let is_cut = faults.any(|fault| matches!(fault, Fault::GatewayCut { gateway: of, .. } if *of == gateway));
            cut.store(is_cut, Ordering::Relaxed);
        }
    }
}

/// Somebody's way to gateways, or a gateway's own way to others.
pub(crate) struct Way {
    runtime: Context,
    weather: Arc<Weather>,
    dice: Mutex<Dice>,
}

impl Way {
    /// The way of one person or machine.
    pub(crate) fn new(runtime: Context, weather: Arc<Weather>, dice: Dice) -> Self {
        Self { runtime, weather, dice: Mutex::new(dice) }
    }

    /// Carries something one way, to a gateway or from it; whether it arrives.
    pub(crate) async fn carries(&self, gateway: usize) -> bool {
        let usual = u64::try_from(self.weather.usual.as_millis()).unwrap_or(u64::MAX);
        let loss = u64::from(self.weather.loss_percent.load(Ordering::Relaxed));
        let (takes, is_lost) =
            self.with(|dice| (dice.millis(usual.div_ceil(2), usual.saturating_mul(2)), dice.percent(loss)));
        self.runtime.sleep(takes).await;
        !is_lost && !self.weather.cut.get(gateway).is_some_and(|cut| cut.load(Ordering::Relaxed))
    }

    /// The same over a connection that sends again what was lost: only a cut ends it.
    pub(crate) async fn streams(&self, gateway: usize) -> bool {
        for _ in 0..4 {
            if self.carries(gateway).await {
                return true;
            }
        }
        false
    }

    /// Waits for what was lost, until it is given up.
    pub(crate) async fn gives_up(&self) {
        self.runtime.sleep(LOST).await;
    }

    /// Waits.
    pub(crate) async fn pause(&self, pause: Duration) {
        self.runtime.sleep(pause).await;
    }

    /// Lets the dice decide something.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Dice) -> T) -> T {
        act(&mut self.dice.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
