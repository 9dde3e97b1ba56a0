//! The public key a signature is verified with: an algorithm's number and its bytes.
//!
//! Only the algorithm and the length are checked here. Whether the bytes are a point of the curve is found when a
//! signature is verified: ZIP-215 says which encodings count, and a key that is none simply verifies nothing.

use std::fmt;
use std::io::{self, Read, Write};
use std::str::FromStr;

use borsh::{BorshDeserialize, BorshSerialize};
use ed25519_zebra::VerificationKey;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::algorithm::{ALGORITHM_ED25519, signing_by_id, signing_by_name};
use crate::inline::{Inline, LengthError, invalid_data, read_array};
use crate::limits::PUBLIC_KEY_LENGTH_MAX;
use crate::text::{self, ParseError};

/// Bytes are no key or signature of the algorithm they claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No algorithm of this number is known here.
    #[error("algorithm number {0} is not known here")]
    UnknownAlgorithm(u8),
    /// The algorithm's keys or signatures have another length.
    #[error(transparent)]
    Length(#[from] LengthError),
}

/// A public key for signatures. Text form: `ed25519:<hex>`. Encoding: `u8 algorithm ‖ u8 length ‖ bytes`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey {
    algorithm: u8,
    bytes: Inline<PUBLIC_KEY_LENGTH_MAX>,
}

impl PublicKey {
    /// A key of the algorithm of this number, which must be known and have keys of this length.
    pub fn new(algorithm: u8, bytes: &[u8]) -> Result<Self, KeyError> {
        let known = signing_by_id(algorithm).ok_or(KeyError::UnknownAlgorithm(algorithm))?;
        let wrong = LengthError { what: "public key", length: bytes.len(), expected: known.key_length_words };
        if bytes.len() != known.key_length {
            return Err(wrong.into());
        }
        let bytes = Inline::new(bytes).ok_or(wrong)?;
        Ok(Self { algorithm, bytes })
    }

    /// Whether any signature can verify under it: its bytes are a point of the curve, by the rules of ZIP-215.
    pub fn can_verify(&self) -> bool {
        let point: Result<[u8; 32], _> = self.as_bytes().try_into();
        self.algorithm == ALGORITHM_ED25519 && point.is_ok_and(|point| VerificationKey::try_from(point).is_ok())
    }

    /// The algorithm's number: 1 is Ed25519.
    pub fn algorithm(&self) -> u8 {
        self.algorithm
    }

    /// The key as its algorithm writes it.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.as_slice()
    }
}

impl AsRef<[u8]> for PublicKey {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_with_algorithm(formatter, self.algorithm, self.as_bytes())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for PublicKey {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (algorithm, bytes) = read_with_algorithm(text, PUBLIC_KEY_LENGTH_MAX)?;
        Self::new(algorithm, &bytes).map_err(|error| as_parse_error(error, text))
    }
}

impl BorshSerialize for PublicKey {
    fn serialize<W: Write>(&self, writer: &mut W) -> io::Result<()> {
        writer.write_all(&[self.algorithm])?;
        self.bytes.write(writer)
    }
}

impl BorshDeserialize for PublicKey {
    fn deserialize_reader<R: Read>(reader: &mut R) -> io::Result<Self> {
        let [algorithm] = read_array::<1>(reader)?;
        let bytes = Inline::<PUBLIC_KEY_LENGTH_MAX>::read(reader)?;
        Self::new(algorithm, bytes.as_slice()).map_err(invalid_data)
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::deserialize(deserializer, "a public key as `ed25519:<hex>`")
    }
}

/// Write `name:<hex>`.
pub(crate) fn write_with_algorithm(formatter: &mut fmt::Formatter<'_>, algorithm: u8, bytes: &[u8]) -> fmt::Result {
    // Only known algorithms get past `new`, so the fallback is never seen.
    formatter.write_str(signing_by_id(algorithm).map_or("unknown", |known| known.name))?;
    formatter.write_str(":")?;
    text::write_hex(formatter, bytes)
}

/// Read `name:<hex>` into the algorithm's number and the bytes.
pub(crate) fn read_with_algorithm(text: &str, length_max: usize) -> Result<(u8, Vec<u8>), ParseError> {
    let (name, hex) = text.split_once(':').ok_or(ParseError::NoAlgorithm)?;
    let known = signing_by_name(name).ok_or_else(|| unknown_algorithm(name))?;
    Ok((known.id, text::read_hex(hex, length_max)?))
}

/// Name an unknown algorithm, cut short: the text comes from outside.
pub(crate) fn unknown_algorithm(name: &str) -> ParseError {
    const SHOWN_MAX: usize = 32;
    ParseError::UnknownAlgorithm(name.chars().take(SHOWN_MAX).flat_map(char::escape_default).collect())
}

pub(crate) fn as_parse_error(error: KeyError, text: &str) -> ParseError {
    match error {
        KeyError::UnknownAlgorithm(_) => unknown_algorithm(text),
        KeyError::Length(length) => length.into(),
    }
}
