//! The one canonical encoding: borsh, with bounds and without a second way to write anything.
//!
//! `borsh` (specification: borsh.io) is bijective for the types used here: integers little-endian, sequences with a
//! `u32` length, options and enums with one discriminant byte. [`decode`] refuses trailing bytes.

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::{Digest, Suite};

/// Bytes that are not the canonical encoding of what was expected.
#[derive(Debug, thiserror::Error)]
#[error("not a canonical `{expected}`: {reason}")]
pub struct DecodeError {
    /// The noun that was expected.
    pub expected: &'static str,
    /// What the decoder stumbled over.
    pub reason: String,
}

/// The canonical bytes of a noun.
pub fn encode<T: BorshSerialize>(noun: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    // Writing into a vector cannot fail, and every length here is bounded far below `u32::MAX`.
    let written = noun.serialize(&mut bytes);
    debug_assert!(written.is_ok());
    bytes
}

/// Reads a noun from exactly these bytes.
///
/// # Errors
/// When bytes are missing, left over, or not the canonical form.
pub fn decode<T: BorshDeserialize>(expected: &'static str, bytes: &[u8]) -> Result<T, DecodeError> {
    borsh::from_slice(bytes).map_err(|error| DecodeError { expected, reason: error.to_string() })
}

/// The digest of a noun under a domain tag.
pub fn digest<T: BorshSerialize>(suite: Suite, tag: &str, noun: &T) -> Digest {
    suite.tagged(tag, &[&encode(noun)])
}

/// An error of invalid data for a decoder written by hand.
pub(crate) fn invalid(reason: impl Into<String>) -> borsh::io::Error {
    borsh::io::Error::new(borsh::io::ErrorKind::InvalidData, reason.into())
}

/// borsh of a text newtype with `as_str` semantics: bounded, parsed at the door.
macro_rules! text_borsh {
    ($name:ident, $max:expr) => {
        impl borsh::BorshSerialize for $name {
            fn serialize<W: borsh::io::Write>(&self, writer: &mut W) -> borsh::io::Result<()> {
                borsh::BorshSerialize::serialize(&*self.0, writer)
            }
        }

        impl borsh::BorshDeserialize for $name {
            fn deserialize_reader<R: borsh::io::Read>(reader: &mut R) -> borsh::io::Result<Self> {
                let text = $crate::text::read_text(reader, $max)?;
                text.parse::<Self>().map_err(|error| $crate::codec::invalid(error.to_string()))
            }
        }
    };
}

/// JSON of what has one text form: `Display` out, `FromStr` in.
macro_rules! text_serde {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                text.parse::<Self>().map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use {text_borsh, text_serde};
