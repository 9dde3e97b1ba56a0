//! How long and how large things may be, each with its reason.

use std::time::Duration;

/// Validators of a network: one may fail.
pub const VALIDATORS: usize = 4;

/// The validators and a gateway beside them.
pub const HOSTS: usize = VALIDATORS + 1;

/// Records that clients fight over: few enough that they meet, enough that a history of one is short.
pub const RECORDS: usize = 5;

/// For so long things go wrong.
pub const TROUBLE: Duration = Duration::from_secs(10);

/// No fault in the beginning: a record of quiet work comes first.
pub const QUIET_START: Duration = Duration::from_millis(1_200);

/// From the start of the processes until all of them answer; they decrypt keys on a machine that does other things too.
pub const READY_WITHIN: Duration = Duration::from_secs(60);

/// From the healing of the last fault until every validator goes on: a view change takes two seconds, a wiped validator
/// fetches and executes what the others have.
pub const ALIVE_WITHIN: Duration = Duration::from_secs(60);

/// A disk that is full or fails must have ended its process by then: it writes several times a second.
pub const ENDED_WITHIN: Duration = Duration::from_secs(20);

/// A process that is told to stop has stopped by then.
pub const STOPPED_WITHIN: Duration = Duration::from_secs(15);

/// One try of a client at one validator, which itself waits five seconds for finality: another may be quicker.
pub const TRY: Duration = Duration::from_millis(2_500);

/// A client gives an operation up after so long, and what came of it stays open.
pub const OPERATION: Duration = Duration::from_secs(7);

/// A transaction may be included for so long after it was signed: some expire while they wait.
pub const VALID_MS: u64 = 9_000;

/// A whole run, with its judge; whatever hangs then is killed.
pub const RUN: Duration = Duration::from_secs(240);

/// The judge decides within this or says that it could not; histories of one record have about a hundred operations.
pub const JUDGE: Duration = Duration::from_secs(60);

/// The small disk: a validator writes 5 to 20 MiB in a run.
pub const DISK_MIB: u64 = 96;

/// What the small disk's validator is told to leave free: more than it writes between two looks at the disk.
pub const DISK_FREE_BYTES_MIN: u64 = 12 * 1_024 * 1_024;

/// Receipts that are fetched from the gateway after a run and verified, the last of them by the program itself.
pub const RECEIPTS: usize = 12;
