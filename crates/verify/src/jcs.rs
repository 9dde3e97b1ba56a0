//! JCS (RFC 8785): one way to write a JSON value, and a reader that takes no other.
//!
//! A file is read into its type, written again, and compared byte for byte: whatever is not canonical (order, white
//! space, duplicate or missing fields, another spelling of a number, text or base64) differs from what is written.
//!
//! Two kinds of failure are kept apart, because people are told different things: what is *unreadable* is no JSON file of
//! this format at all; what is *refused* is one, but not exactly as it must be.

use gongxin_types::bundle::{self, Bundle, Network};
use serde::{Serialize, de::DeserializeOwned};

use self::outline::Outline;
use crate::limits;

mod outline;

/// Why a file is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Longer than such a file can be.
    #[error("{bytes} bytes where at most {max} are allowed")]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
        /// The bound.
        max: usize,
    },
    /// Not JSON in UTF-8, or nested too deeply.
    #[error("not a JSON file: {reason}")]
    NotJson {
        /// What the reader stumbled over.
        reason: String,
    },
    /// JSON, but without this format's name in its member `format`.
    #[error("not a file of format `{expected}`")]
    OtherFormat {
        /// The format's name.
        expected: &'static str,
    },
    /// Of this format, but with a field too many, too few or of another kind.
    #[error("not as the format demands: {reason}")]
    Content {
        /// What the reader stumbled over.
        reason: String,
    },
    /// Right in every field, but not the one canonical way to write it.
    #[error("not the canonical bytes of what it says (RFC 8785)")]
    NotCanonical,
}

impl ReadError {
    /// Whether this is no file of the format at all, rather than a wrong one.
    pub const fn is_unreadable(&self) -> bool {
        matches!(self, Self::TooLong { .. } | Self::NotJson { .. } | Self::OtherFormat { .. })
    }
}

/// The canonical bytes of a value.
///
/// # Errors
/// When the value is none that JSON can write.
pub fn to_bytes<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    serde_json_canonicalizer::to_vec(value)
}

/// Checks that these bytes are canonical JSON, whatever it says: sorted names, none twice, no white space, numbers and
/// texts in their one spelling.
///
/// # Errors
/// When they are not JSON, or not canonical.
pub fn check(bytes: &[u8]) -> Result<(), ReadError> {
    let value: serde_json::Value = serde_json::from_slice(bytes).map_err(|error| not_json(&error))?;
    compare(&value, bytes)
}

/// A kind of file: what its member `format` says, and how long it can be.
pub trait Format: Serialize + DeserializeOwned {
    /// The format's name.
    const NAME: &'static str;
    /// Longest file in bytes.
    const BYTES_MAX: usize;

    /// What the file says in its member `format`.
    fn format(&self) -> &str;
}

impl Format for Bundle {
    const NAME: &'static str = bundle::BUNDLE_FORMAT;
    const BYTES_MAX: usize = limits::RECEIPT_FILE_BYTES_MAX;

    fn format(&self) -> &str {
        &self.format
    }
}

impl Format for Network {
    const NAME: &'static str = bundle::NETWORK_FORMAT;
    const BYTES_MAX: usize = limits::NETWORK_FILE_BYTES_MAX;

    fn format(&self) -> &str {
        &self.format
    }
}

/// Reads a file of this format, canonical in every byte.
///
/// # Errors
/// See [`ReadError`].
pub fn read<T: Format>(bytes: &[u8]) -> Result<T, ReadError> {
    if bytes.len() > T::BYTES_MAX {
        return Err(ReadError::TooLong { bytes: bytes.len(), max: T::BYTES_MAX });
    }
    match serde_json::from_slice::<T>(bytes) {
        Ok(value) if value.format() != T::NAME => Err(ReadError::OtherFormat { expected: T::NAME }),
        Ok(value) => compare(&value, bytes).map(|()| value),
        Err(error) => Err(explain::<T>(bytes, &error)),
    }
}

/// Why bytes do not read as their type: not JSON, not this format, or this format with something wrong in it.
fn explain<T: Format>(bytes: &[u8], error: &serde_json::Error) -> ReadError {
    match serde_json::from_slice::<Outline>(bytes) {
        Err(error) => not_json(&error),
        Ok(outline) if outline.is_of_format(T::NAME) => ReadError::Content { reason: shorten(&error.to_string()) },
        Ok(_) => ReadError::OtherFormat { expected: T::NAME },
    }
}

fn compare<T: Serialize>(value: &T, bytes: &[u8]) -> Result<(), ReadError> {
    match to_bytes(value) {
        Ok(canonical) if canonical == bytes => Ok(()),
        _ => Err(ReadError::NotCanonical),
    }
}

fn not_json(error: &serde_json::Error) -> ReadError {
    ReadError::NotJson { reason: shorten(&error.to_string()) }
}

/// A reason on a line or two, with anything that is not plain ASCII replaced: the text quotes the file.
pub(crate) fn shorten(reason: &str) -> String {
    let plain = |character: char| {
        if matches!(character, ' '..='~') { character } else { '\u{FFFD}' }
    };
    reason.chars().take(limits::REASON_CHARACTERS_MAX).map(plain).collect()
}
