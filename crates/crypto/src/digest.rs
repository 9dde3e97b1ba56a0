//! The result of a suite's hash, of whatever length the suite has.
//!
//! A [`Digest`] knows its length but not its suite: whoever takes one from outside asks [`Suite::check_digest`].

use std::fmt;
use std::io::{self, Read, Write};
use std::str::FromStr;

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use subtle::ConstantTimeEq;

#[cfg(doc)]
use crate::Suite;
use crate::inline::{Inline, LengthError, invalid_data};
use crate::limits::DIGEST_LENGTH_MAX;
use crate::text::{self, ParseError};

/// 1 to 64 bytes: 32 in suite `intl`. Text form: lowercase hexadecimal. Encoding: `u8 length ‖ bytes`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(Inline<DIGEST_LENGTH_MAX>);

impl Digest {
    /// Take 1 to 64 bytes as a digest; any other length is refused.
    pub fn new(bytes: &[u8]) -> Result<Self, LengthError> {
        let wrong = LengthError { what: "digest", length: bytes.len(), expected: "1 to 64" };
        if bytes.is_empty() {
            return Err(wrong);
        }
        Inline::new(bytes).map(Self).ok_or(wrong)
    }

    /// The bytes, as many as the suite's hash has.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// Length in bytes.
    #[expect(clippy::len_without_is_empty, reason = "a digest is never empty")]
    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }

    /// Whether both are equal, in a time that does not depend on where they differ: for message authentication.
    pub fn equals_in_constant_time(&self, other: &Self) -> bool {
        self.as_bytes().ct_eq(other.as_bytes()).into()
    }
}

impl AsRef<[u8]> for Digest {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::write_hex(formatter, self.as_bytes())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for Digest {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Ok(Self::new(&text::read_hex(text, DIGEST_LENGTH_MAX)?)?)
    }
}

impl BorshSerialize for Digest {
    fn serialize<W: Write>(&self, writer: &mut W) -> io::Result<()> {
        self.0.write(writer)
    }
}

impl BorshDeserialize for Digest {
    fn deserialize_reader<R: Read>(reader: &mut R) -> io::Result<Self> {
        let bytes = Inline::<DIGEST_LENGTH_MAX>::read(reader)?;
        Self::new(bytes.as_slice()).map_err(invalid_data)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::deserialize(deserializer, "a digest as lowercase hexadecimal")
    }
}
