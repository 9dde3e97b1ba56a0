//! Percentiles, CPU time, and the machine they were taken on.

use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use serde_json::{Value, json};

/// Durations of one kind of call.
#[derive(Clone, Default)]
pub(crate) struct Latencies(Vec<Duration>);

impl Latencies {
    /// Adds one.
    pub(crate) fn push(&mut self, duration: Duration) {
        self.0.push(duration);
    }

    /// Adds all of another.
    pub(crate) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// Count, p50, p99, p99.9 and maximum, in milliseconds.
    pub(crate) fn summary(mut self) -> Value {
        self.0.sort_unstable();
        let at = |permille: usize| {
            let last = self.0.len().saturating_sub(1);
            let place = self.0.len().saturating_mul(permille).div_ceil(1_000).saturating_sub(1).min(last);
            self.0.get(place).map(millis)
        };
        json!({
            "count": self.0.len(),
            "p50_ms": at(500),
            "p99_ms": at(990),
            "p999_ms": at(999),
            "max_ms": self.0.last().map(millis),
        })
    }
}

fn millis(duration: &Duration) -> f64 {
    (duration.as_secs_f64() * 1e5).round() / 100.0
}

/// A stretch of time on the wall and on this process's cores.
pub(crate) struct Stretch {
    wall: Instant,
    cpu: Duration,
}

impl Stretch {
    /// Begins now.
    pub(crate) fn begin() -> Self {
        Self { wall: Instant::now(), cpu: cpu() }
    }

    /// How long it has been.
    pub(crate) fn elapsed(&self) -> Duration {
        self.wall.elapsed()
    }

    /// `{seconds, generator_cpu_seconds}`.
    pub(crate) fn end(&self) -> Value {
        json!({
            "seconds": self.wall.elapsed().as_secs_f64(),
            "generator_cpu_seconds": cpu().saturating_sub(self.cpu).as_secs_f64(),
        })
    }
}

/// The beat of an open loop: so many a second, whatever the answers.
pub(crate) struct Beat {
    begun: tokio::time::Instant,
    rate: u64,
}

impl Beat {
    /// Begins now.
    pub(crate) fn begin(rate: u64) -> Self {
        Self { begun: tokio::time::Instant::now(), rate: rate.max(1) }
    }

    /// When the call at this place, counted from 0, is due; what is late counts from then.
    pub(crate) fn due(&self, place: usize) -> tokio::time::Instant {
        let nanos = u128::try_from(place).unwrap_or(0) * 1_000_000_000 / u128::from(self.rate);
        self.begun + Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

/// CPU time of this process so far, user and system.
fn cpu() -> Duration {
    let Ok(usage) = getrusage(UsageWho::RUSAGE_SELF) else {
        return Duration::ZERO;
    };
    let of = |time: nix::sys::time::TimeVal| {
        let seconds = u64::try_from(time.tv_sec()).unwrap_or(0);
        Duration::from_secs(seconds) + Duration::from_micros(u64::try_from(time.tv_usec()).unwrap_or(0))
    };
    of(usage.user_time()) + of(usage.system_time())
}

/// The machine and this program.
pub(crate) fn machine() -> Value {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let model = read("/proc/cpuinfo").lines().find_map(|line| {
        line.strip_prefix("model name").map(|rest| rest.trim_start_matches([' ', '\t', ':']).to_owned())
    });
    json!({
        "cores": std::thread::available_parallelism().map(usize::from).ok(),
        "processor": model,
        "kernel": read("/proc/sys/kernel/osrelease").trim(),
        "load": read("/proc/loadavg").split(' ').next(),
        "version": env!("CARGO_PKG_VERSION"),
        "profile": if cfg!(debug_assertions) { "development" } else { "release" },
    })
}
