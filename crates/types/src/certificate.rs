//! Finality certificate: the votes of a quorum of validators on one header, in a neutral form.
//!
//! A vote signs the engine's canonical proposal (docs/spec/receipt.md gives the bytes); `verify` rebuilds them from
//! epoch, view, parent view and header digest, so that no consensus code is needed to check one.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use crate::{HeaderDigest, List, limits};

/// One validator's vote.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vote {
    /// Place of the validator in the epoch's set, sorted by key.
    pub validator: u16,
    /// Ed25519 signature, 64 bytes.
    #[serde(with = "signature_text")]
    pub signature: [u8; 64],
}

pub(crate) mod signature_text {
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(signature: &[u8; 64], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&crate::json::to_base64(signature))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 64], D::Error> {
        let bytes = crate::json::from_base64(&String::deserialize(deserializer)?).map_err(de::Error::custom)?;
        bytes.try_into().map_err(|_| de::Error::custom("a signature that is not 64 bytes"))
    }
}

/// Votes of at least 2f+1 of 3f+1 validators on one header.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// Which validator set voted.
    #[serde(with = "crate::json::integer")]
    pub epoch: u64,
    /// The engine's view.
    #[serde(with = "crate::json::integer")]
    pub view: u64,
    /// The view of the parent.
    #[serde(with = "crate::json::integer")]
    pub parent_view: u64,
    /// The header voted on.
    pub header: HeaderDigest,
    /// The votes, ascending by validator, each once.
    pub votes: List<Vote, { limits::VALIDATORS_MAX }>,
}
