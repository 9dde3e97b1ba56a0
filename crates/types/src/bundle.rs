//! `receipt.json` and `network.json`: what a stranger needs to check a receipt, and nothing else (docs/spec/receipt.md).
//!
//! Both are JCS (RFC 8785) bytes. Ledger nouns inside are their canonical bytes in base64url, because those are what
//! the hashes are over; everything else is plain JSON.

use gongxin_crypto::Digest;
use serde::{Deserialize, Serialize};

use crate::{
    Certificate, EpochChange, List,
    codec::{self, DecodeError},
    genesis::{NetworkHead, Validator},
    limits,
};

/// The format's name in `receipt.json`.
pub const BUNDLE_FORMAT: &str = "gongxin-receipt-1";
/// The format's name in `network.json`.
pub const NETWORK_FORMAT: &str = "gongxin-network-1";

/// An RFC 6962 inclusion path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Path {
    /// Place of the leaf, from 0.
    #[serde(with = "crate::json::integer")]
    pub index: u64,
    /// Leaves in the tree.
    #[serde(with = "crate::json::integer")]
    pub size: u64,
    /// Hashes from the leaf's sibling up.
    pub hashes: List<Digest, { limits::PATH_MAX }>,
}

/// Canonical bytes in base64url.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Encoded(#[serde(with = "crate::json::bytes")] pub Vec<u8>);

/// What the receipt is about, beside the leaf itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", deny_unknown_fields)]
pub enum Subject {
    /// A whole action: its canonical bytes, whose digest the leaf names.
    Action {
        /// Canonical [`crate::Action`].
        action: Encoded,
    },
    /// One operation of a batch: the batch's head, the operation and its path; and its write and that one's path.
    Operation {
        /// Canonical [`crate::record::BatchHead`].
        batch: Encoded,
        /// Canonical [`crate::RecordOp`].
        operation: Encoded,
        /// Path of the operation to the batch's `operations_root`.
        operation_path: Path,
        /// Canonical [`crate::Write`] it made; absent where the batch was refused.
        write: Option<Encoded>,
        /// Path of the write to the leaf's `writes_root`; absent where the batch was refused.
        write_path: Option<Path>,
    },
}

/// A proof bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// [`BUNDLE_FORMAT`].
    pub format: String,
    /// The network.
    pub network: Digest,
    /// Canonical [`crate::ReceiptLeaf`] of the action.
    pub leaf: Encoded,
    /// What it is about.
    pub subject: Subject,
    /// Path of the leaf to the first header's receipts root.
    pub path: Path,
    /// Canonical headers, from the entry's block to the first certified one, each the parent of the next.
    pub headers: List<Encoded, { limits::BUNDLE_HEADERS_MAX }>,
    /// Finality of the last header.
    pub certificate: Certificate,
    /// The changes of the validator set before the first header, the newest of them; empty while the first set serves.
    pub epochs: List<Epoch, { limits::BUNDLE_EPOCHS_MAX }>,
}

/// A change of the validator set: an [`EpochChange`] in the form of these files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Epoch {
    /// The last header of the epoch before, which names the set by its root.
    pub header: Encoded,
    /// Its finality.
    pub certificate: Certificate,
    /// The set that serves from the next block on.
    pub validators: List<Validator, { limits::VALIDATORS_MAX }>,
}

/// `network.json`: what names a network and checks its certificates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// [`NETWORK_FORMAT`].
    pub format: String,
    /// The identity: the digest of the canonical head.
    pub network: Digest,
    /// The head, as JSON.
    pub head: NetworkHead,
    /// The changes of the validator set since genesis, as far as this file knows: a newer point to start from, which
    /// nobody can forge who does not hold the keys of an earlier set.
    pub epochs: List<Epoch, { limits::NETWORK_EPOCHS_MAX }>,
}

impl Network {
    /// The file of a network whose first validators serve.
    pub fn of(head: &NetworkHead) -> Self {
        Self { format: NETWORK_FORMAT.into(), network: head.id(), head: head.clone(), epochs: List::empty() }
    }
}

impl From<&EpochChange> for Epoch {
    fn from(change: &EpochChange) -> Self {
        Self {
            header: Encoded(codec::encode(&change.header)),
            certificate: change.certificate.clone(),
            validators: change.validators.clone(),
        }
    }
}

impl TryFrom<&Epoch> for EpochChange {
    type Error = DecodeError;

    /// Reads the canonical header inside.
    fn try_from(epoch: &Epoch) -> Result<Self, DecodeError> {
        let header = codec::decode("header", &epoch.header.0)?;
        Ok(Self { header, certificate: epoch.certificate.clone(), validators: epoch.validators.clone() })
    }
}
