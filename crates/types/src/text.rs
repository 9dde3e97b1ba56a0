//! Texts that may stand on the ledger: official public texts, bounded, in both languages.
//!
//! PROTOCOL 3: no text about a person and no person's name in a transaction. What is allowed is listed in the house's
//! tidy check; names of people and free text live in an organization's vault, where they can be erased.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize, io};
use serde::{Deserialize, Serialize, Serializer};

use crate::{codec::invalid, limits};

/// An official text of at most `MAX` bytes: no control characters, no bidirectional overrides, no outer white space.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicText<const MAX: usize>(Box<str>);

/// A short official name.
pub type Title = PublicText<{ limits::TITLE_BYTES_MAX }>;
/// An official description.
pub type Description = PublicText<{ limits::DESCRIPTION_BYTES_MAX }>;

/// Why a text may not stand on the ledger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Longer than its place allows.
    #[error("{bytes} bytes where at most {max} are allowed")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The bound.
        max: usize,
    },
    /// A character that hides or reorders what a reader sees.
    #[error("character U+{code:04X} is not allowed in an official text")]
    Character {
        /// The code point.
        code: u32,
    },
    /// White space at the beginning or the end.
    #[error("white space at the beginning or the end")]
    OuterSpace,
}

impl<const MAX: usize> PublicText<MAX> {
    /// Takes a text that may stand here.
    ///
    /// # Errors
    /// See [`TextError`].
    pub fn new(text: &str) -> Result<Self, TextError> {
        if text.len() > MAX {
            return Err(TextError::TooLong { bytes: text.len(), max: MAX });
        }
        if let Some(character) = text.chars().find(|character| hides_or_reorders(*character)) {
            return Err(TextError::Character { code: character.into() });
        }
        if text.trim() != text {
            return Err(TextError::OuterSpace);
        }
        Ok(Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Control characters, bidirectional controls (UAX #9 §2), zero-width and other invisible format characters, and tags.
pub(crate) fn hides_or_reorders(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

impl<const MAX: usize> fmt::Display for PublicText<MAX> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl<const MAX: usize> BorshSerialize for PublicText<MAX> {
    fn serialize<W: io::Write>(&self, writer: &mut W) -> io::Result<()> {
        BorshSerialize::serialize(&*self.0, writer)
    }
}

impl<const MAX: usize> BorshDeserialize for PublicText<MAX> {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let text = read_text(reader, MAX)?;
        Self::new(&text).map_err(|error| invalid(error.to_string()))
    }
}

impl<const MAX: usize> Serialize for PublicText<MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for PublicText<MAX> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(&<String as Deserialize>::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// Reads a borsh string of at most `max` bytes without allocating more than that.
pub(crate) fn read_text<R: io::Read>(reader: &mut R, max: usize) -> io::Result<String> {
    let length = <u32 as BorshDeserialize>::deserialize_reader(reader)? as usize;
    if length > max {
        return Err(invalid(format!("a text of {length} bytes where at most {max} are allowed")));
    }
    let mut bytes = vec![0; length];
    reader.read_exact(&mut bytes)?;
    String::from_utf8(bytes).map_err(|_| invalid("a text that is not UTF-8"))
}

/// One official text in Chinese and English; Chinese first, as on every page.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct Bilingual<const MAX: usize> {
    /// Simplified Chinese (zh-CN).
    pub zh: PublicText<MAX>,
    /// English.
    pub en: PublicText<MAX>,
}

impl<const MAX: usize> Bilingual<MAX> {
    /// Takes both texts.
    ///
    /// # Errors
    /// When either may not stand on the ledger.
    pub fn new(zh: &str, en: &str) -> Result<Self, TextError> {
        Ok(Self { zh: PublicText::new(zh)?, en: PublicText::new(en)? })
    }
}
