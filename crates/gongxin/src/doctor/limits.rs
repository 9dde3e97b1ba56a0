//! From when on the doctor says something, each with its reason.

use std::time::Duration;

/// How long one server may take to answer.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// A clock further from the network's than this makes votes wait (PROTOCOL 8).
pub(super) const CLOCK_OFF_MS_MAX: u64 = 500;

/// Room that a gateway needs for its copy of the ledger and its vault: a year of idle blocks and some hundred thousand rows.
pub(super) const GATEWAY_FREE_BYTES_MIN: u64 = 1_024 * 1_024 * 1_024;

/// With less than so many times the bytes at which it stops, a node needs room soon.
pub(super) const FLOORS_MIN: u64 = 4;

/// With less than one part in so many free, a disk is mentioned.
pub(super) const FREE_PART_MIN: u64 = 10;

/// Files and directories that must still be possible: stores and segments come and go by the dozen.
pub(super) const FREE_FILES_MIN: u64 = 10_000;

/// Open files of one process: some 150 stores and segments, 512 streams, 64 peers, and as many again.
pub(super) const OPEN_FILES_MIN: u64 = 1_024;
