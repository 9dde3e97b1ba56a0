//! Transaction: one or more acts of one sender, signed, valid for minutes, applied once (PROTOCOL 1, 2).

use std::fmt;
use std::str::FromStr;

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::{Digest, PublicKey, Signature, Suite};
use serde::{Deserialize, Serialize};

use crate::{
    Action, GatewayId, List, OfficerId, OrganizationId, Time, access::signed_bytes, codec, codec::DecodeError, limits,
};

/// The digest of a transaction's body.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct TransactionId(pub Digest);

impl fmt::Display for TransactionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Debug for TransactionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "TransactionId({})", self.0)
    }
}

impl FromStr for TransactionId {
    type Err = <Digest as FromStr>::Err;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// Who acts: a person or a server.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "id")]
pub enum Actor {
    /// An officer.
    Officer(OfficerId),
    /// A gateway.
    Gateway(GatewayId),
}

/// For whom, who, and with which key.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    /// The organization acted for.
    pub organization: OrganizationId,
    /// Who acts.
    pub actor: Actor,
    /// The key that signed.
    pub key: PublicKey,
}

/// What becomes of the other actions when one is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Atomicity {
    /// One refused action undoes all.
    AllOrNothing,
    /// Every action stands alone, with its own decision, effects and receipt.
    EachOnItsOwn,
}

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Encoding version: 1.
    pub version: u8,
    /// The network.
    pub network: Digest,
    /// Who sends it.
    pub sender: Sender,
    /// One of the key's lanes, so that parallel senders never block each other.
    pub lane: u16,
    /// Used once per key and lane, in any order within a window of 512.
    #[serde(with = "crate::json::integer")]
    pub sequence: u64,
    /// Consensus time from which it can no longer be included; at most 10 minutes ahead.
    pub valid_until: Time,
    /// All or nothing, or each on its own.
    pub atomicity: Atomicity,
    /// The acts; at least one.
    pub actions: List<Action, { limits::ACTIONS_MAX }>,
}

impl Body {
    /// The identifier: the digest of the body without signature.
    pub fn id(&self, suite: Suite) -> TransactionId {
        TransactionId(codec::digest(suite, "gongxin-transaction-1", self))
    }
}

/// A signed body.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transaction {
    /// What is signed.
    pub body: Body,
    /// By the sender's key, over [`Transaction::message`].
    pub signature: Signature,
}

impl Transaction {
    /// The identifier: the digest of the body without signature.
    pub fn id(&self, suite: Suite) -> TransactionId {
        self.body.id(suite)
    }

    /// The bytes under the signature: `u8 length of tag ‖ tag ‖ identifier`.
    pub fn message(id: &TransactionId) -> Vec<u8> {
        signed_bytes("gongxin-transaction-signature-1", id.0.as_ref())
    }

    /// The leaf of the transactions tree: identifier and signature, canonical.
    pub fn leaf(id: &TransactionId, signature: &Signature) -> Vec<u8> {
        codec::encode(&(id, signature))
    }

    /// Reads exactly one transaction within the size limit.
    ///
    /// # Errors
    /// When the bytes are too many or not canonical.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > limits::TRANSACTION_BYTES_MAX {
            return Err(DecodeError {
                expected: "transaction",
                reason: format!("{} bytes where at most {} are allowed", bytes.len(), limits::TRANSACTION_BYTES_MAX),
            });
        }
        codec::decode("transaction", bytes)
    }
}
