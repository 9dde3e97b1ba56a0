//! The policy set that stands on the ledger: Cedar text with its schema, evaluated by every validator at every height.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize, io};
use gongxin_crypto::{Digest, Suite};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{BasisCode, Bilingual, List, PolicyId, codec, codec::invalid, limits, text::read_text};

/// Source text of at most `MAX` bytes: Cedar policies and schemas, official texts that a vote has passed.
#[derive(Clone, PartialEq, Eq)]
pub struct Source<const MAX: usize>(Box<str>);

impl<const MAX: usize> Source<MAX> {
    /// Takes a source within the bound.
    pub fn new(text: &str) -> Option<Self> {
        (text.len() <= MAX).then(|| Self(text.into()))
    }

    /// The source.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> fmt::Debug for Source<MAX> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Source({} bytes)", self.0.len())
    }
}

impl<const MAX: usize> BorshSerialize for Source<MAX> {
    fn serialize<W: io::Write>(&self, writer: &mut W) -> io::Result<()> {
        BorshSerialize::serialize(&*self.0, writer)
    }
}

impl<const MAX: usize> BorshDeserialize for Source<MAX> {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let text = read_text(reader, MAX)?;
        Self::new(&text).ok_or_else(|| invalid("a source above its bound"))
    }
}

impl<const MAX: usize> Serialize for Source<MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Source<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(&<String as Deserialize>::deserialize(deserializer)?)
            .ok_or_else(|| de::Error::custom("a source above its bound"))
    }
}

/// One policy.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Its name in receipts.
    pub id: PolicyId,
    /// One Cedar policy.
    pub source: Source<{ limits::POLICY_BYTES_MAX }>,
    /// The law it carries out.
    pub legal_basis: BasisCode,
    /// What it says, in a sentence.
    pub sentence: Bilingual<{ limits::DESCRIPTION_BYTES_MAX }>,
}

/// The rules of access in force.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicySet {
    /// Encoding version: 1.
    pub version: u8,
    /// Counts its changes, from 1; named in every receipt.
    pub revision: u32,
    /// The Cedar schema.
    pub schema: Source<{ limits::SCHEMA_BYTES_MAX }>,
    /// The policies, ascending by id.
    pub policies: List<Policy, { limits::POLICIES_MAX }>,
}

impl PolicySet {
    /// What names this set: compiled forms are kept by it.
    pub fn digest(&self, suite: Suite) -> Digest {
        codec::digest(suite, "gongxin-policy-set-1", self)
    }
}
