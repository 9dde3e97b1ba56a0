//! The limits of the vault, each with the sum that led to it.

/// Bodies of one staging: 256 actions of one transaction could name more operations than fit in it; 512 KiB of
/// operations of at least 50 bytes are some 10,000.
pub const STAGED_BODIES_MAX: usize = 10_500;

/// Longest encoded row: 128 values of up to 64 KiB would be 8 MiB; a row of a register stays below 1 MiB.
pub const BODY_BYTES_MAX: usize = 1_024 * 1_024;

/// Longest sealed response with its leaf and transaction: every life of a key with its versions, at 4 KiB each a thousand.
pub const RESPONSE_BYTES_MAX: usize = 8 * 1_024 * 1_024;

/// Records that may share one key, one life after the other: a code that returns each year for a thousand years.
pub const LIVES_MAX: usize = 1_000;

/// Versions of one record that are listed at once: weekly changes for two hundred years.
pub const VERSIONS_MAX: usize = 10_000;

/// Stagings and unfinished responses listed after a restart: what was in flight, at 10 minutes of validity and some 50
/// transactions a second at most 30,000.
pub const UNFINISHED_MAX: usize = 30_000;

/// Longest name of an officer: 80 characters of Chinese.
pub const NAME_BYTES_MAX: usize = 256;

/// Key columns of one resource, as in a request for access.
pub const KEY_COLUMNS_MAX: usize = 8;

/// Longest text of one key column: the longest value of a row.
pub const KEY_TEXT_BYTES_MAX: usize = gongxin_types::limits::VALUE_BYTES_MAX;

/// Items whose keys are wrapped anew in one database transaction: about 20 ms, during which no body can be staged.
pub const ROTATION_BATCH: usize = 1_000;

/// How long a writer waits for a reader's lock, in milliseconds: the longest rotation batch, with ample room.
pub const BUSY_TIMEOUT_MS: u64 = 5_000;
