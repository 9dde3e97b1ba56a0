//! The limits of a verifier; those of the formats themselves stand in `types`.

/// Longest receipt file.
pub use gongxin_types::limits::RECEIPT_FILE_BYTES_MAX;

/// Longest network file.
pub use gongxin_types::limits::NETWORK_FILE_BYTES_MAX;

/// Characters of a reason that quotes the file: one line of a terminal or two, whatever the file holds.
pub const REASON_CHARACTERS_MAX: usize = 200;
