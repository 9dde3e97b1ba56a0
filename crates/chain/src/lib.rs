//! Agreement: the only room that names the consensus engine (runtime, p2p, consensus, storage).
#![allow(missing_docs, reason = "drafting")]

pub mod admission;
mod application;
mod archive;
mod backfill;
mod block;
mod clock;
pub mod config;
mod databases;
pub mod directory;
mod engine;
mod execution;
mod feed;
mod finality;
mod gossip;
pub mod handle;
mod ledger;
pub mod limits;
mod mempool;
mod metrics;
mod names;
mod network;
mod node;
pub mod questions;
pub mod recent;
mod replay;
mod rules;
mod signatures;
mod start;
pub mod supervisor;
mod validity;
mod views;
mod waiters;
mod watcher;

pub use admission::{Submission, SubmissionState, SubmitError};
pub use config::{Caps, Pacing, Peer, Role, SyncMode, ValidatorConfig};
pub use directory::{DirectoryError, init};
pub use handle::{Handle, Status, Subscription, TransactionState};
pub use ledger::consensus_public_key;
pub use questions::{ProofError, StateProof};
pub use recent::FinalPosition;
pub use start::{StartError, start};
pub use supervisor::StopReason;
pub use waiters::WaitOutcome;
