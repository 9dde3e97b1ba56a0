//! Files that outlive the engine: every final block with its receipts, and the whole state as one file.
//!
//! **Archive** ([`Archive`]). Final blocks by height. New ones go into a plain log, durably, one after the other; a log that
//! is full is sealed: sorted, thinned and compressed, then never written again. Where the operator says so, the oldest sealed
//! files are dropped whole ([`Archive::keep_from`]); a full archive drops nothing.
//!
//! **Snapshot** ([`snapshot`]). The state after one final block with the block, its certificate and the line of validator
//! sets: one file that a stranger checks against `network.json`, and that a node begins from.
//!
//! **Promises.** What [`Archive::put`] has returned from is on disk; after a crash a block is there whole or not at all. A
//! sealed file takes the place of its log only after all of it was read back. What is damaged is not served, and
//! not touched. A snapshot that is cut short, changed or of another network is refused by name.
//!
//! **Leaves to others.** Knows nothing about the consensus engine: whether a snapshot's pages hash to the header's state
//! roots is asked of the engine, by `chain`; so is when to seal, what to drop, and who else holds it.

mod archive;
mod extent;
mod frame;
pub mod limits;
mod read;
mod record;
mod seal;
mod sealed;
mod segment;
pub mod snapshot;
mod thin;

pub use archive::{Archive, Sizes};
pub use extent::Extent;
