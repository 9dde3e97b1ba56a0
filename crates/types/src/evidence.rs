//! Evidence 存证: a digest notarised with consensus time.

use std::fmt;
use std::str::FromStr;

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::Digest;
use serde::{Deserialize, Serialize};

use crate::{
    BasisCode, OfficerId, Time,
    codec::{text_borsh, text_serde},
    limits,
};

/// A media type in lower case without parameters (RFC 6838 §4.2), such as `application/pdf`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MediaType(Box<str>);

/// Text that is no media type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a media type such as `application/pdf` (lower case, no parameters)")]
pub struct MediaTypeError;

impl FromStr for MediaType {
    type Err = MediaTypeError;
    fn from_str(text: &str) -> Result<Self, MediaTypeError> {
        let name = |part: &str| {
            part.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit())
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"!#$&-^_.+".contains(&byte))
        };
        match text.split_once('/') {
            Some((kind, subtype)) if text.len() <= limits::MEDIA_TYPE_BYTES_MAX && name(kind) && name(subtype) => {
                Ok(Self(text.into()))
            }
            _ => Err(MediaTypeError),
        }
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

text_borsh!(MediaType, limits::MEDIA_TYPE_BYTES_MAX);
text_serde!(MediaType);

/// What is notarised.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Digest of the document, by the network's hash over its bytes.
    pub digest: Digest,
    /// What kind of document it is.
    pub media_type: MediaType,
    /// The law it is notarised under.
    pub legal_basis: BasisCode,
}

/// What the state holds of it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceSlot {
    /// Consensus time of the block that notarised it first.
    pub time: Time,
    /// Who did.
    pub officer: OfficerId,
}
