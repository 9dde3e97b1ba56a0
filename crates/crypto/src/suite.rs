//! The set of algorithms a network fixes at genesis.
//!
//! What a suite does stands with its subject: hashing in [`hash`](crate::hash), verifying in [`verify`](crate::verify),
//! making keys in `secret`, ciphering in `cipher`.

use std::fmt;
use std::io::{self, Read, Write};
use std::str::FromStr;

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::inline::{LengthError, invalid_data, read_array};
use crate::{ALGORITHM_ED25519, Digest, PublicKey, Signature, SignatureError, text};

/// No suite has this number or name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cryptographic suite `{0}` is not known here")]
pub struct UnknownSuite(pub String);

/// A signature algorithm, a hash and a cipher that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum Suite {
    /// Ed25519 by ZIP-215, SHA-256, AES-256-GCM, HMAC-SHA-256.
    Intl = 1,
    /// Other lengths everywhere: 33-byte keys, 48-byte digests, signatures of 64 to 71 bytes. Never for use.
    #[cfg(feature = "test-suite")]
    Test = 255,
}

impl Suite {
    /// Every suite this program knows.
    pub const ALL: &'static [Self] = &[
        Self::Intl,
        #[cfg(feature = "test-suite")]
        Self::Test,
    ];

    /// The suite of this number.
    pub fn from_id(id: u8) -> Result<Self, UnknownSuite> {
        Self::ALL.iter().copied().find(|suite| suite.id() == id).ok_or_else(|| UnknownSuite(id.to_string()))
    }

    /// The number written in encodings.
    pub fn id(self) -> u8 {
        self as u8
    }

    /// The suite of this name.
    pub fn from_name(name: &str) -> Result<Self, UnknownSuite> {
        const SHOWN_MAX: usize = 32;
        Self::ALL
            .iter()
            .copied()
            .find(|suite| suite.name() == name)
            .ok_or_else(|| UnknownSuite(name.chars().take(SHOWN_MAX).flat_map(char::escape_default).collect()))
    }

    /// The name a person sees.
    pub fn name(self) -> &'static str {
        match self {
            Self::Intl => "intl",
            #[cfg(feature = "test-suite")]
            Self::Test => "test",
        }
    }

    /// Length of this suite's digests in bytes.
    pub fn digest_length(self) -> usize {
        match self {
            Self::Intl => 32,
            #[cfg(feature = "test-suite")]
            Self::Test => 48,
        }
    }

    /// The number of this suite's signature algorithm.
    pub fn algorithm(self) -> u8 {
        match self {
            Self::Intl => ALGORITHM_ED25519,
            #[cfg(feature = "test-suite")]
            Self::Test => crate::ALGORITHM_TEST,
        }
    }

    /// Refuse a digest that this suite's hash cannot have made.
    pub fn check_digest(self, digest: &Digest) -> Result<(), LengthError> {
        if digest.len() == self.digest_length() {
            return Ok(());
        }
        let expected = match self {
            Self::Intl => "32",
            #[cfg(feature = "test-suite")]
            Self::Test => "48",
        };
        Err(LengthError { what: "digest", length: digest.len(), expected })
    }

    /// Refuse a key of another suite's algorithm. (Its length was checked when it was read.)
    pub fn check_key(self, key: &PublicKey) -> Result<(), SignatureError> {
        self.check_algorithm(key.algorithm())
    }

    /// Refuse a signature of another suite's algorithm. (Its length was checked when it was read.)
    pub fn check_signature(self, signature: &Signature) -> Result<(), SignatureError> {
        self.check_algorithm(signature.algorithm())
    }

    fn check_algorithm(self, algorithm: u8) -> Result<(), SignatureError> {
        if algorithm == self.algorithm() { Ok(()) } else { Err(SignatureError::WrongAlgorithm { suite: self.name() }) }
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Suite {
    type Err = UnknownSuite;

    fn from_str(text: &str) -> Result<Self, UnknownSuite> {
        Self::from_name(text)
    }
}

impl BorshSerialize for Suite {
    fn serialize<W: Write>(&self, writer: &mut W) -> io::Result<()> {
        writer.write_all(&[self.id()])
    }
}

impl BorshDeserialize for Suite {
    fn deserialize_reader<R: Read>(reader: &mut R) -> io::Result<Self> {
        let [id] = read_array::<1>(reader)?;
        Self::from_id(id).map_err(invalid_data)
    }
}

impl Serialize for Suite {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Suite {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::deserialize(deserializer, "the name of a cryptographic suite")
    }
}
