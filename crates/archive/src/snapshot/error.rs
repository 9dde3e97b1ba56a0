//! Why a file is no snapshot that one may begin from.

use std::io;

use gongxin_crypto::Digest;

/// What is wrong with a snapshot; nothing of it is used then.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// It cannot be read or written.
    #[error("the snapshot cannot be read or written")]
    Io(#[source] io::Error),
    /// It is something else.
    #[error("this file is no snapshot of this version: it does not begin with `gongxin-snapshot-1`")]
    NotOne,
    /// Bytes are missing at its end.
    #[error("the snapshot is cut short: copy it again")]
    Cut,
    /// Its bytes are not those that were written.
    #[error("the snapshot was changed: it does not have the checksum at its end")]
    Changed,
    /// A part does not read.
    #[error("the snapshot is malformed: {0}")]
    Malformed(&'static str),
    /// It is of another network.
    #[error("the snapshot is of network `{found}`, not of `{expected}`")]
    OtherNetwork {
        /// The network it names.
        found: Box<Digest>,
        /// The network that is trusted.
        expected: Box<Digest>,
    },
    /// Its block is not final by what the network's validators signed.
    #[error("the snapshot is not believed: {0}")]
    Untrusted(String),
    /// It does not hold as many operations as the header says.
    #[error("the snapshot is incomplete: {found} operations on {table} where its header names {expected}")]
    Incomplete {
        /// Of which table.
        table: &'static str,
        /// How many it holds.
        found: u64,
        /// How many it should.
        expected: u64,
    },
    /// Its operations are not the state that the header names.
    #[error("the snapshot is not the state of its block: the {0} hash to another root than the header's")]
    OtherState(&'static str),
    /// The database did not take it.
    #[error("the state cannot be built from the snapshot: {0}")]
    Database(String),
}

impl From<io::Error> for SnapshotError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Cut,
            _ => Self::Io(error),
        }
    }
}
