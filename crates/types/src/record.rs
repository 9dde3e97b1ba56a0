//! Record 记录: a row of a resource as the ledger knows it, and the operations that make its history.
//!
//! The ledger holds salted commitments, never rows (PROTOCOL 18, 19). The commitment of a version is
//! `H(tag ‖ H(tag ‖ salt ‖ row) ‖ fields_root)`; see [`crate::row`] for both inner parts.

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::{Digest, Suite, merkle};
use serde::{Deserialize, Serialize};

use crate::{BasisCode, Date, List, RecordId, ResourceId, codec, limits};

/// One operation on one record.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", deny_unknown_fields)]
pub enum RecordOp {
    /// The first version of a new record.
    Create {
        /// A new random identifier.
        record: RecordId,
        /// Commitment to the row.
        commitment: Digest,
    },
    /// A further version.
    Update {
        /// The record.
        record: RecordId,
        /// The version it must have now; another one is refused.
        expected_version: u32,
        /// Commitment to the new row.
        commitment: Digest,
    },
    /// The end of the record.
    Delete {
        /// The record.
        record: RecordId,
        /// The version it must have now; another one is refused.
        expected_version: u32,
    },
}

impl RecordOp {
    /// The record it is about.
    pub const fn record(&self) -> RecordId {
        match self {
            Self::Create { record, .. } | Self::Update { record, .. } | Self::Delete { record, .. } => *record,
        }
    }

    /// The commitment it leaves, none after a deletion.
    pub const fn commitment(&self) -> Option<Digest> {
        match self {
            Self::Create { commitment, .. } | Self::Update { commitment, .. } => Some(*commitment),
            Self::Delete { .. } => None,
        }
    }
}

/// Up to 1,000 operations on one resource: one action whose operations are the leaves of an inner RFC 6962 tree.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordBatch {
    /// The resource all of them change.
    pub resource: ResourceId,
    /// The law they are done under.
    pub legal_basis: BasisCode,
    /// The civil date from which the facts hold.
    pub effective: Date,
    /// The operations, in order; at least one.
    pub operations: List<RecordOp, { limits::BATCH_OPERATIONS_MAX }>,
}

/// What a batch says apart from its operations; its digest is the action's digest, so that a receipt for one
/// operation carries an inner path and never the batch.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchHead {
    /// See [`RecordBatch`].
    pub resource: ResourceId,
    /// See [`RecordBatch`].
    pub legal_basis: BasisCode,
    /// See [`RecordBatch`].
    pub effective: Date,
    /// How many operations there are.
    pub count: u32,
    /// Root of the tree over their canonical bytes.
    pub operations_root: Digest,
}

impl RecordBatch {
    /// The batch without its operations.
    pub fn head(&self, suite: Suite) -> BatchHead {
        let leaves: Vec<Digest> =
            self.operations.iter().map(|operation| merkle::leaf_hash(suite, &codec::encode(operation))).collect();
        BatchHead {
            resource: self.resource.clone(),
            legal_basis: self.legal_basis.clone(),
            effective: self.effective,
            count: u32::try_from(leaves.len()).unwrap_or(u32::MAX),
            operations_root: merkle::root_of_hashes(suite, &leaves),
        }
    }
}

/// One line of a record's history: what the history head chains.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryEntry {
    /// The version this made, from 1; a deletion makes one too.
    pub version: u32,
    /// The operation.
    pub operation: RecordOp,
    /// The law it was done under.
    pub legal_basis: BasisCode,
    /// The civil date from which the fact holds.
    pub effective: Date,
}

impl HistoryEntry {
    /// The history head after this entry: `H(tag ‖ head ‖ entry)`; before the first entry the head is the digest of
    /// the tag alone.
    pub fn chain(&self, suite: Suite, head: &Digest) -> Digest {
        suite.tagged("gongxin-history-1", &[head.as_ref(), &codec::encode(self)])
    }

    /// The history head of a record that has no entry.
    pub fn origin(suite: Suite) -> Digest {
        suite.tagged("gongxin-history-1", &[])
    }
}

/// What the state holds of a record.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordSlot {
    /// The latest version.
    pub version: u32,
    /// Its commitment; none once the record is deleted.
    pub commitment: Option<Digest>,
    /// Head of the chain over its history.
    pub history: Digest,
}
