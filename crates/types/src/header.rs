//! Header and finalized block: what consensus votes on, and what is archived, streamed and replayed (PROTOCOL 6, 9).

use std::fmt;
use std::str::FromStr;

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::{Digest, Suite};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{
    Certificate, Height, List, Time, Transaction, codec, codec::text_serde, json, limits, receipt::BlockReceipts,
};

/// SHA-256 of a header, whatever the network's suite: consensus votes stay the engine's (PROTOCOL 4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct HeaderDigest(pub [u8; 32]);

impl fmt::Display for HeaderDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for HeaderDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "HeaderDigest({self})")
    }
}

impl FromStr for HeaderDigest {
    type Err = json::HexError;
    fn from_str(text: &str) -> Result<Self, json::HexError> {
        json::from_hex(text).map(Self)
    }
}

text_serde!(HeaderDigest);

/// Root of one state database after the block, with the range of engine operations it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateRoot {
    /// The canonical root: proofs of presence and absence are checked against it.
    #[serde(with = "crate::json::hex_array")]
    pub root: [u8; 32],
    /// The root over the engine's operations alone: state sync is checked against it.
    #[serde(with = "crate::json::hex_array")]
    pub operations_root: [u8; 32],
    /// First operation that a syncing node needs.
    #[serde(with = "crate::json::integer")]
    pub start: u64,
    /// One past the last operation.
    #[serde(with = "crate::json::integer")]
    pub end: u64,
}

/// What consensus votes on. Its digest is the block's identity.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Encoding version: 1.
    pub version: u8,
    /// The network.
    pub network: Digest,
    /// Version of the rules that executed the block.
    pub protocol_version: u16,
    /// Its number.
    pub height: Height,
    /// The header before.
    pub parent: HeaderDigest,
    /// Consensus time.
    pub time: Time,
    /// RFC 6962 root over the transactions' leaves.
    pub transactions_root: Digest,
    /// RFC 6962 root over the receipts' leaves.
    pub receipts_root: Digest,
    /// Roots of the state databases, in the order of [`crate::receipt::Table`].
    pub state: List<StateRoot, { limits::STATE_ROOTS_MAX }>,
    /// Which validator set serves.
    #[serde(with = "crate::json::integer")]
    pub epoch: u64,
    /// Root over the serving validators.
    pub validators_root: Digest,
    /// Root over those of the next block.
    pub next_validators_root: Digest,
    /// The engine's consensus context, in its own canonical bytes.
    pub engine: EngineContext,
}

/// Opaque bytes of the engine: which view proposed the block, on which parent.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct EngineContext(pub List<u8, { limits::ENGINE_CONTEXT_BYTES_MAX }>);

impl Serialize for EngineContext {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        json::bytes::serialize(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for EngineContext {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        List::new(json::bytes::deserialize(deserializer)?).map(Self).map_err(de::Error::custom)
    }
}

impl Header {
    /// Whether other validators serve from the next block on.
    pub fn ends_epoch(&self) -> bool {
        self.next_validators_root != self.validators_root
    }

    /// The epoch of the next block.
    pub fn next_epoch(&self) -> u64 {
        self.epoch.saturating_add(u64::from(self.ends_epoch()))
    }

    /// The digest that consensus votes on: SHA-256 of `u8 length of tag ‖ tag ‖ header`.
    pub fn digest(&self) -> HeaderDigest {
        let digest = codec::digest(Suite::Intl, "gongxin-header-1", self);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest.as_ref());
        HeaderDigest(bytes)
    }
}

/// A block with everything needed to check it and to replay it. The certificate is absent where a descendant's
/// certifies it (finality certifies recursively).
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct FinalizedBlock {
    /// The header.
    pub header: Header,
    /// Finality of this very block, where there is one.
    pub certificate: Option<Certificate>,
    /// The transactions.
    pub transactions: Vec<Transaction>,
    /// Their receipts.
    pub receipts: BlockReceipts,
}
