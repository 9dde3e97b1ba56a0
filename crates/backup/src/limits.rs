//! The limits of a backup, each with its reason.

/// Longest cover: eight short texts.
pub const COVER_BYTES_MAX: usize = 4_096;

/// Longest list of contents: seven parts at some 200 bytes, ten times over.
pub const CONTENTS_BYTES_MAX: usize = 16 * 1_024;

/// Bytes sealed at once: what is held in memory, and how much is lost to tags (16 bytes in each).
pub const CHUNK_BYTES: usize = 256 * 1_024;

/// Longest part that is held in memory: the genesis, which has at most 8 MiB.
pub const SMALL_PART_BYTES_MAX: u64 = 8 * 1_024 * 1_024;

/// Longest part: a vault of a tebibyte takes an hour to copy, and should be backed up by other means.
pub const PART_BYTES_MAX: u64 = 1 << 40;
