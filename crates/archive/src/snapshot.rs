//! Snapshot: the whole state after one final block as one file (docs/spec/snapshot.md).
//!
//! ```text
//! "gongxin-snapshot-1\n"
//! chunks: u8 kind ‖ u32 plain bytes ‖ u32 stored bytes ‖ zstd
//!   1 head · 2 epoch change… · 3 block, with its receipts and a certificate of its own · 4 operations on objects… ·
//!   5 operations on lists… · 0 end (no bytes)
//! SHA-256 of all of the above
//! ```
//! Integers are little-endian, what is inside is canonical encoding.
//!
//! **Operations, not pages.** A header's state roots commit to what was written in which order. So the file holds that, from
//! where the header's range starts; the pages are the last operation on each key. Hashes stand for what lies before.
//!
//! **Promises.** [`check`] reads a file of any size in bounded memory, and refuses by name one that is cut short, changed, of
//! another network, not signed by its validators, or incomplete. What it leaves open, and `chain` answers with the engine's
//! database: whether the operations hash to the roots in the header.

mod chunk;
mod error;
mod operation;
mod reader;
mod writer;

pub use error::SnapshotError;
pub use operation::{Operation, TableKind};
pub use reader::{Contents, Reader, check};
pub use writer::Writer;

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::Digest;
use gongxin_types::List;

use crate::limits;

/// Hashes that stand for what lies before the operations of a table.
pub type Peaks = List<[u8; 32], { limits::PEAKS_MAX }>;

/// What a snapshot begins with.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Head {
    /// Encoding version: 1.
    pub version: u8,
    /// The network.
    pub network: Digest,
    /// How many epoch changes follow.
    pub epochs: u32,
    /// Of the objects.
    pub objects: Peaks,
    /// Of the lists.
    pub lists: Peaks,
}
