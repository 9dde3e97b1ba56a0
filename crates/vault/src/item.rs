//! The name of one thing in the vault: what its ciphertext is bound to, and what an error calls it.

use std::fmt;

use borsh::BorshSerialize;
use gongxin_crypto::Digest;
use gongxin_types::{OfficerId, RecordId, RequestId, ResourceId, TransactionId, codec};

/// What an item is. Its canonical bytes are the associated data of its encryption, so that no item passes for another.
/// The order of the variants is part of the encoding.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub enum Item {
    /// Row and salt of one version, as staged with a transaction.
    Body {
        /// The resource.
        resource: ResourceId,
        /// The record.
        record: RecordId,
        /// The version.
        version: u32,
        /// The transaction that brings it to the ledger.
        transaction: TransactionId,
    },
    /// The bytes of a transaction that is under way.
    Transaction {
        /// The transaction.
        transaction: TransactionId,
    },
    /// A response, sealed to its reader.
    Response {
        /// The reader's officer.
        officer: OfficerId,
        /// The reader's request.
        request: RequestId,
    },
    /// What a reading kept to itself.
    SealedPart {
        /// The reader's officer.
        officer: OfficerId,
        /// The reader's request.
        request: RequestId,
    },
    /// The name of a person.
    Name {
        /// The pseudonym.
        officer: OfficerId,
    },
    /// A key of one period.
    PeriodKey {
        /// Its number.
        period: i64,
    },
    /// The key of the blind index.
    IndexKey {
        /// The network the vault belongs to.
        network: Digest,
    },
}

impl Item {
    /// What its ciphertext is bound to.
    pub(crate) fn associated_data(&self) -> Vec<u8> {
        codec::encode(&("gongxin-vault-1", self))
    }
}

impl fmt::Display for Item {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Body { resource, record, version, .. } => {
                write!(formatter, "version {version} of record `{record}` of `{resource}`")
            }
            Self::Transaction { transaction } => write!(formatter, "transaction `{transaction}`"),
            Self::Response { officer, request } => {
                write!(formatter, "the response to request `{request}` of officer `{officer}`")
            }
            Self::SealedPart { officer, request } => {
                write!(formatter, "the sealed part of request `{request}` of officer `{officer}`")
            }
            Self::Name { officer } => write!(formatter, "the name of officer `{officer}`"),
            Self::PeriodKey { period } => write!(formatter, "the key of period {period}"),
            Self::IndexKey { .. } => formatter.write_str("the key of the index"),
        }
    }
}
