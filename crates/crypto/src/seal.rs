//! Encrypt to a public key so that only its owner can read (HPKE, RFC 9180, base mode).
//!
//! DHKEM(X25519, HKDF-SHA-256), HKDF-SHA-256, AES-256-GCM. A sealed message is the encapsulated key (32 bytes) followed
//! by the ciphertext (16 bytes longer than the plaintext). It does not say who sealed it: a signature does.
//! All suites seal this way until one brings its own.

use std::fmt;
use std::io::{self, Read, Write};
use std::str::FromStr;

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::algorithm::ALGORITHM_X25519;
use crate::inline::{Inline, LengthError, invalid_data, read_array};
use crate::key::{KeyError, unknown_algorithm};
use crate::limits::PUBLIC_KEY_LENGTH_MAX;
use crate::text::{self, ParseError};

#[cfg(feature = "signing")]
mod hybrid;
#[cfg(feature = "signing")]
pub use hybrid::{OVERHEAD_LENGTH, SealError, SealingSecret, open, seal, seal_of};

const X25519_NAME: &str = "x25519";
const X25519_LENGTH: usize = 32;

/// A public key for sealing. Text form: `x25519:<hex>`. Encoding: `u8 algorithm ‖ u8 length ‖ bytes`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SealingPublic {
    algorithm: u8,
    bytes: Inline<PUBLIC_KEY_LENGTH_MAX>,
}

impl SealingPublic {
    /// A key of the sealing algorithm of this number, which must be known and have keys of this length.
    pub fn new(algorithm: u8, bytes: &[u8]) -> Result<Self, KeyError> {
        if algorithm != ALGORITHM_X25519 {
            return Err(KeyError::UnknownAlgorithm(algorithm));
        }
        let wrong = LengthError { what: "sealing key", length: bytes.len(), expected: "32" };
        if bytes.len() != X25519_LENGTH {
            return Err(wrong.into());
        }
        let bytes = Inline::new(bytes).ok_or(wrong)?;
        Ok(Self { algorithm, bytes })
    }

    /// The algorithm's number: 1 is X25519 with AES-256-GCM.
    pub fn algorithm(&self) -> u8 {
        self.algorithm
    }

    /// The key as its algorithm writes it.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.as_slice()
    }
}

impl AsRef<[u8]> for SealingPublic {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl fmt::Display for SealingPublic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{X25519_NAME}:")?;
        text::write_hex(formatter, self.as_bytes())
    }
}

impl fmt::Debug for SealingPublic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for SealingPublic {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (name, hex) = text.split_once(':').ok_or(ParseError::NoAlgorithm)?;
        if name != X25519_NAME {
            return Err(unknown_algorithm(name));
        }
        let bytes = text::read_hex(hex, PUBLIC_KEY_LENGTH_MAX)?;
        Self::new(ALGORITHM_X25519, &bytes).map_err(|error| crate::key::as_parse_error(error, name))
    }
}

impl BorshSerialize for SealingPublic {
    fn serialize<W: Write>(&self, writer: &mut W) -> io::Result<()> {
        writer.write_all(&[self.algorithm])?;
        self.bytes.write(writer)
    }
}

impl BorshDeserialize for SealingPublic {
    fn deserialize_reader<R: Read>(reader: &mut R) -> io::Result<Self> {
        let [algorithm] = read_array::<1>(reader)?;
        let bytes = Inline::<PUBLIC_KEY_LENGTH_MAX>::read(reader)?;
        Self::new(algorithm, bytes.as_slice()).map_err(invalid_data)
    }
}

impl Serialize for SealingPublic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SealingPublic {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::deserialize(deserializer, "a sealing key as `x25519:<hex>`")
    }
}
