//! How numbers and bytes look in JSON: integers above 2⁵³−1 as decimal strings, bytes as base64url without padding.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serializer, de};

/// The largest integer that every JSON reader keeps exactly (RFC 8785 §3.2.2.3, RFC 7493 §2.2).
pub const INTEGER_MAX: u64 = (1 << 53) - 1;

/// `#[serde(with = "json::integer")]` for a `u64`.
pub mod integer {
    use super::*;

    /// A number up to 2⁵³−1, a decimal string above.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        if *value <= INTEGER_MAX { serializer.serialize_u64(*value) } else { serializer.collect_str(value) }
    }

    /// Reads either form, each only in the range where it is the canonical one.
    ///
    /// # Errors
    /// When the other form would have been canonical, or the text is no integer.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Number(u64),
            Text(String),
        }
        match Form::deserialize(deserializer)? {
            Form::Number(value) if value <= INTEGER_MAX => Ok(value),
            Form::Text(text) => match text.parse::<u64>() {
                Ok(value) if value > INTEGER_MAX && value.to_string() == text => Ok(value),
                _ => Err(de::Error::custom("not the canonical form of an integer")),
            },
            Form::Number(_) => Err(de::Error::custom("an integer above 2^53-1 is written as a decimal string")),
        }
    }
}

/// `#[serde(with = "json::bytes")]` for a `Vec<u8>`.
pub mod bytes {
    use super::*;

    /// base64url without padding.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(value: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&to_base64(value))
    }

    /// Reads base64url without padding; trailing bits must be zero.
    ///
    /// # Errors
    /// When the text is anything else.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        from_base64(&text).map_err(de::Error::custom)
    }
}

/// `#[serde(with = "json::hex_array")]` for fixed bytes: lower-case hexadecimal.
pub mod hex_array {
    use super::*;

    /// Lower-case hexadecimal.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer, const N: usize>(value: &[u8; N], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(value))
    }

    /// Reads lower-case hexadecimal of exactly that length.
    ///
    /// # Errors
    /// When the text is anything else.
    pub fn deserialize<'de, D: Deserializer<'de>, const N: usize>(deserializer: D) -> Result<[u8; N], D::Error> {
        from_hex(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// Text that is not the lower-case hexadecimal of so many bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not {bytes} bytes in lower-case hexadecimal")]
pub struct HexError {
    bytes: usize,
}

/// Reads lower-case hexadecimal of exactly `N` bytes.
///
/// # Errors
/// When the text is anything else.
pub fn from_hex<const N: usize>(text: &str) -> Result<[u8; N], HexError> {
    let mut value = [0; N];
    let lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
    match hex::decode_to_slice(text, &mut value) {
        Ok(()) if lower => Ok(value),
        _ => Err(HexError { bytes: N }),
    }
}

/// base64url without padding (RFC 4648 §5).
pub fn to_base64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Text that is not canonical base64url without padding.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not base64url without padding: {0}")]
pub struct Base64Error(String);

/// Reads base64url without padding, the one canonical text of those bytes.
///
/// # Errors
/// When there is padding, another alphabet, or trailing bits that are not zero.
pub fn from_base64(text: &str) -> Result<Vec<u8>, Base64Error> {
    URL_SAFE_NO_PAD.decode(text).map_err(|error| Base64Error(error.to_string()))
}
