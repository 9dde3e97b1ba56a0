//! The limits of an office, each with its reason.

use std::time::Duration;

/// How long a call waits for finality before it answers "not yet": below the faces' own limit of 30 s.
pub const FINAL_WITHIN: Duration = Duration::from_secs(25);

/// How long handing a transaction to a validator may take, changing validators included.
pub const SUBMIT_WITHIN: Duration = Duration::from_secs(10);

/// A transaction that is not final is handed in again so often: several times within the life of a leader that died.
pub const RESEND_AFTER: Duration = Duration::from_secs(2);

/// A transaction of the gateway's own is valid so long: short, because a reader who asks again makes it sign anew.
pub const VALID_FOR_MS: u64 = 60_000;

/// Responses whose release has ended are looked for every so many blocks: minutes, at the pace of an idle network.
pub const RELEASES_ENDED_EVERY: u64 = 512;

/// What a caller is told to wait before asking again.
pub const RETRY_AFTER_MS: u64 = 500;

/// A copy of the ledger this far behind this machine's clock is not shown as ready: some ten idle heartbeats of 700 ms.
pub const BEHIND_MS_MAX: u64 = 10_000;

/// Readings under way at once; each holds a response of at most a few hundred kilobytes.
pub const READINGS_MAX: usize = 256;

/// Bytes of one response before sealing: a row of 128 fields of 64 KiB is 8 MiB; histories stay below it.
pub const RESPONSE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Versions of one key that one reading of its history shows.
pub const HISTORY_VERSIONS_MAX: usize = 1_000;

/// Sequence numbers reserved at once: one write to disk for so many readings.
pub const SEQUENCES_RESERVED: u64 = 128;

/// A response whose transaction expired so long ago, and whose reader has not asked again, is forgotten: as long as any
/// transaction may be valid.
pub const ABANDONED_AFTER_MS: u64 = gongxin_types::limits::VALID_FOR_MS_MAX;

/// Transactions handed in again in one round, in turn: what some seconds of a busy office leave unsettled; a halted network
/// is not flooded with all of it every two seconds.
pub const RESENT_AT_ONCE: usize = 256;

/// How long handing one transaction in again may take, before the round goes on to settle and to look again.
pub const RESEND_WITHIN: Duration = Duration::from_secs(3);

/// How often the organization's own validators are asked what they have found out: each answers from memory.
pub const ALERTS_EVERY: Duration = Duration::from_secs(3);

/// Alerts raised or taken back in one round, one transaction each: a validator of 64 that hears nobody says so within minutes.
pub const ALERTS_AT_ONCE: usize = 8;

/// What the ledger refused, or did not take in time, is tried again after so long: the hour in which an office may raise so
/// many alerts has six of these.
pub const ALERT_AGAIN_AFTER_MS: u64 = 600_000;
