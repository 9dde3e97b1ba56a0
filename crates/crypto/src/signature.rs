//! A signature: an algorithm's number and its bytes, and why one does not verify.

use std::fmt;
use std::io::{self, Read, Write};
use std::str::FromStr;

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::algorithm::signing_by_id;
use crate::inline::{Inline, LengthError, invalid_data, read_array};
use crate::key::{KeyError, as_parse_error, read_with_algorithm, write_with_algorithm};
use crate::limits::SIGNATURE_LENGTH_MAX;
use crate::text::{self, ParseError};

/// A signature does not stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Key or signature belong to another algorithm than the network's suite has.
    #[error("key or signature is of another algorithm than suite `{suite}` uses")]
    WrongAlgorithm {
        /// The suite that was asked.
        suite: &'static str,
    },
    /// The signature was not made over these bytes by this key.
    #[error("signature does not verify")]
    Invalid,
}

/// A signature. Text form: `ed25519:<hex>`. Encoding: `u8 algorithm ‖ u8 length ‖ bytes`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signature {
    algorithm: u8,
    bytes: Inline<SIGNATURE_LENGTH_MAX>,
}

impl Signature {
    /// A signature of the algorithm of this number, which must be known and have signatures of this length.
    pub fn new(algorithm: u8, bytes: &[u8]) -> Result<Self, KeyError> {
        let known = signing_by_id(algorithm).ok_or(KeyError::UnknownAlgorithm(algorithm))?;
        let wrong = LengthError { what: "signature", length: bytes.len(), expected: known.signature_length_words };
        if !known.signature_length.contains(&bytes.len()) {
            return Err(wrong.into());
        }
        let bytes = Inline::new(bytes).ok_or(wrong)?;
        Ok(Self { algorithm, bytes })
    }

    /// The algorithm's number: 1 is Ed25519.
    pub fn algorithm(&self) -> u8 {
        self.algorithm
    }

    /// The signature as its algorithm writes it.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.as_slice()
    }
}

impl AsRef<[u8]> for Signature {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_with_algorithm(formatter, self.algorithm, self.as_bytes())
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for Signature {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (algorithm, bytes) = read_with_algorithm(text, SIGNATURE_LENGTH_MAX)?;
        Self::new(algorithm, &bytes).map_err(|error| as_parse_error(error, text))
    }
}

impl BorshSerialize for Signature {
    fn serialize<W: Write>(&self, writer: &mut W) -> io::Result<()> {
        writer.write_all(&[self.algorithm])?;
        self.bytes.write(writer)
    }
}

impl BorshDeserialize for Signature {
    fn deserialize_reader<R: Read>(reader: &mut R) -> io::Result<Self> {
        let [algorithm] = read_array::<1>(reader)?;
        let bytes = Inline::<SIGNATURE_LENGTH_MAX>::read(reader)?;
        Self::new(algorithm, bytes.as_slice()).map_err(invalid_data)
    }
}

impl Serialize for Signature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Signature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::deserialize(deserializer, "a signature as `ed25519:<hex>`")
    }
}
