//! What an owner's gateway seals for a reader: the granted fields, with what proves them against the commitment.

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::{Digest, Suite, merkle};

use crate::{
    FieldName, Height, List, RecordId, RequestId, codec, limits,
    record::HistoryEntry,
    row::{self, Value},
};

/// One column of a disclosed version, in catalogue order.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum FieldDisclosure {
    /// A granted field.
    Shown {
        /// Its salt.
        salt: Digest,
        /// Its name.
        name: FieldName,
        /// Its value.
        value: Value,
    },
    /// Another one: its leaf hash, which says nothing about it.
    Hidden(Digest),
}

/// One version of a record as far as the reader may see it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct VersionDisclosure {
    /// The operation that made the version.
    pub entry: HistoryEntry,
    /// Digest of salt and whole row; absent after a deletion.
    pub row: Option<Digest>,
    /// The columns; none after a deletion.
    pub fields: List<FieldDisclosure, { limits::FIELDS_MAX }>,
}

/// A version that does not hash to what the ledger holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("version {version} of the record does not hash to the commitment on the ledger")]
pub struct DisclosureError {
    /// Which version.
    pub version: u32,
}

impl VersionDisclosure {
    /// Checks the shown fields against the commitment of the operation.
    ///
    /// # Errors
    /// When they do not hash to it.
    pub fn check(&self, suite: Suite) -> Result<(), DisclosureError> {
        let error = DisclosureError { version: self.entry.version };
        let leaves: Vec<Digest> = self.fields.iter().map(|field| field.leaf(suite)).collect();
        let shown = self.row.map(|row| row::commitment(suite, &row, &merkle::root_of_hashes(suite, &leaves)));
        if shown == self.entry.operation.commitment() { Ok(()) } else { Err(error) }
    }
}

impl FieldDisclosure {
    fn leaf(&self, suite: Suite) -> Digest {
        match self {
            Self::Shown { salt, name, value } => row::field_hash(suite, salt, name, value),
            Self::Hidden(leaf) => *leaf,
        }
    }
}

/// One life of a key: a record, with the disclosed versions, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct RecordDisclosure {
    /// The record.
    pub record: RecordId,
    /// The latest version alone, or all of them where history was asked for.
    pub versions: Vec<VersionDisclosure>,
}

/// What the sealed bytes open to.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct AccessResponse {
    /// Encoding version: 1.
    pub version: u8,
    /// The request it answers.
    pub request_id: RequestId,
    /// The request it answers, whole.
    pub request_digest: Digest,
    /// The height at which the owner's gateway checked the record against the ledger.
    pub height: Height,
    /// The record, every life of the key in order where history was asked for; empty where nothing was found.
    pub records: Vec<RecordDisclosure>,
}

impl AccessResponse {
    /// The digest of sealed bytes, as in the leaf.
    pub fn sealed_digest(suite: Suite, sealed: &[u8]) -> Digest {
        suite.tagged("gongxin-access-response-1", &[sealed])
    }

    /// Associated data of the sealing: the request's digest.
    pub fn sealing_context(request_digest: &Digest) -> Vec<u8> {
        codec::encode(request_digest)
    }
}

/// The `info` of the sealing (RFC 9180 §5.1).
pub const SEALING_INFO: &[u8] = b"gongxin-access-response-1";
