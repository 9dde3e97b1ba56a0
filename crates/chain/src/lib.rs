//! Agreement: the only room that names the consensus engine (runtime, p2p, consensus, storage).
//!
//! # Promise
//!
//! [`start`] runs one node of the network on its own threads and gives a [`Handle`] without a name of the engine in it.
//! What the handle reports as final is agreed on by a quorum, executed, and durable in this node's archive; no
//! acknowledged transaction is lost while at most f of 3f+1 validators fail. What cannot be taken is refused with a word.
//! A validator never votes twice in one view, not even one that was wiped or restored ([`directory`], `views`).
//!
//! # Design
//!
//! ```text
//! Handle::submit ─ admission (read, sift, check signatures in batches) ─ mempool ─┬─ gossip to all nodes
//!                                                                                  └─ pacing ─ application: propose
//! simplex (Ed25519) ─ marshal (orders final blocks, repairs gaps) ─ glue::stateful ─ application: process
//!                          execution: prefetch pages ─ state::execute ─ merkleize two databases
//! finality: archive (fsync) ─ tip, feed, waiters, replay windows, mempool
//! ```
//!
//! * **Blocks** (`block`): consensus votes on the digest of the header alone; a decoded block is known to carry the
//!   transactions its header commits to, so a digest stands for the whole. Encoded once, by the proposer.
//! * **Time** (`clock`): PROTOCOL 8. Blocks come at once when transactions wait, at a heartbeat when none do.
//! * **Execution** (`execution`): once per node and block; the proposer keeps what it computed, a validator what it
//!   verified. `state` runs on a loaded view, away from the engine's threads.
//! * **Epochs** (`epochs`, `consensus`): the validators are those that the header before names. Where they change, the old
//!   ones make one last block final, and a new instance of consensus begins on it; everything else goes on.
//! * **Archive** (`archive`): final blocks with receipts in plain files of our own, from which [`rebuild`] restores any
//!   state, and from which followers and gateways read.
//! * **Coming back**: a restarted node replays what it missed from its peers; an empty one replays everything
//!   ([`SyncMode::Replay`]) or fetches the state of a recent final block ([`SyncMode::State`]) and fills its archive
//!   downwards afterwards (`backfill`), every block checked by the hash above it.
//! * **Ends** (`supervisor`): when any part of a node ends, the node ends, and [`Handle::wait`] says why. A full disk
//!   ends it before anything is half-written.
//!
//! # Limitations
//!
//! * State proofs exist for the present only (PROTOCOL 10), and absence only for lists.
//! * The archive is not pruned. The engine's own store of recent blocks is; a node that was away for longer than
//!   [`limits::RETAINED_BLOCKS`] comes back by state sync into an empty `engine/`, as a validator without the right to
//!   vote at first.
//! * An identifier alone finds transactions of the last ten minutes; older ones are found by those who know their block.
//! * A snapshot of a whole disk that is put back is told from the disk only while certificates of after it, with its vote in them,
//!   are still heard: restore backups, not snapshots.
//! * Absence of a validator is visible (nobody hears it), never proven; contradiction is proven and written to
//!   `faults.log`.

pub mod admission;
mod application;
mod archive;
mod backfill;
mod backlog;
mod block;
mod clock;
pub mod config;
mod consensus;
mod databases;
pub mod directory;
mod engine;
mod epochs;
mod execution;
mod feed;
mod finality;
mod flight;
mod gossip;
pub mod handle;
mod ledger;
pub mod limits;
mod load;
#[cfg(not(feature = "simulated"))]
mod machine;
#[cfg(feature = "simulated")]
#[path = "simulated.rs"]
mod machine;
mod mempool;
mod metrics;
mod names;
mod network;
mod node;
mod pacing;
mod planted;
pub mod questions;
#[cfg(not(feature = "simulated"))]
pub mod rebuild;
pub mod recent;
mod remedy;
mod replay;
mod rules;
mod signatures;
mod start;
mod supervisor;
mod validity;
mod views;
mod waiters;
mod watcher;

pub use admission::{Submission, SubmissionState, SubmitError};
pub use clock::{Clock, TimeSource};
pub use config::{Caps, Pacing, Peer, Role, SyncMode, ValidatorConfig};
pub use directory::{DirectoryError, VoteMemory, examine, init, vote_memory};
pub use epochs::{EpochsError, epoch_changes};
pub use handle::{Handle, Status, Subscription, TransactionState};
pub use ledger::consensus_public_key;
#[cfg(feature = "simulated")]
pub use machine::{SimulatedTime, Votes, World, message_bytes_max};
#[cfg(any(feature = "simulated", feature = "planted"))]
pub use planted::Bug;
pub use questions::{ProofError, StateProof};
#[cfg(not(feature = "simulated"))]
pub use rebuild::{RebuildError, Rebuilt, rebuild};
pub use recent::FinalPosition;
pub use start::{StartError, start};
pub use supervisor::StopReason;
pub use waiters::WaitOutcome;
