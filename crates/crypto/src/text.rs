//! Write bytes as text and read them back: one spelling for every value.
//!
//! Lowercase hexadecimal only, so that two different texts never name the same key or digest.

use std::fmt;
use std::str::FromStr;

use serde::de::{Deserializer, Error as _, Visitor};

/// A text does not name a digest, key or signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// A character other than `0-9a-f`, or an odd number of them.
    #[error("not lowercase hexadecimal of whole bytes")]
    NotHex,
    /// More bytes than the longest value of this kind has.
    #[error("{length} bytes of hexadecimal, at most {length_max} are allowed")]
    TooLong {
        /// Bytes given.
        length: usize,
        /// Bytes allowed.
        length_max: usize,
    },
    /// No `algorithm:` before the bytes.
    #[error("no algorithm before a colon, as in `ed25519:…`")]
    NoAlgorithm,
    /// An algorithm that this program does not know, or not for this use.
    #[error("algorithm `{0}` is not known here")]
    UnknownAlgorithm(String),
    /// The bytes are not as many as the algorithm demands.
    #[error(transparent)]
    Length(#[from] crate::LengthError),
}

/// Write bytes as lowercase hexadecimal.
pub(crate) fn write_hex(formatter: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
}

/// Read lowercase hexadecimal of at most `length_max` bytes.
pub(crate) fn read_hex(text: &str, length_max: usize) -> Result<Vec<u8>, ParseError> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return Err(ParseError::NotHex);
    }
    if pairs.len() > length_max {
        return Err(ParseError::TooLong { length: pairs.len(), length_max });
    }
    pairs
        .iter()
        .map(|[high, low]| Some(nibble(*high)? << 4 | nibble(*low)?))
        .collect::<Option<_>>()
        .ok_or(ParseError::NotHex)
}

fn nibble(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        _ => None,
    }
}

/// Read a value from the text form that a person sees, in JSON or TOML.
pub(crate) fn deserialize<'de, T, D>(deserializer: D, expected: &'static str) -> Result<T, D::Error>
where
    T: FromStr<Err: fmt::Display>,
    D: Deserializer<'de>,
{
    struct Text<T>(&'static str, std::marker::PhantomData<T>);

    impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for Text<T> {
        type Value = T;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str(self.0)
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
            text.parse().map_err(E::custom)
        }
    }

    deserializer.deserialize_str(Text(expected, std::marker::PhantomData)).map_err(D::Error::custom)
}
