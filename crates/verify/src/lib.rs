//! Check proofs with bytes and keys alone, never a server: receipts, certificates, header chains, blocks,
//! pages of the state.
//!
//! **Promises.** [`bundle::verify`] decides about `receipt.json` from `network.json` and nothing else, and says step by
//! step what it compared (docs/spec/receipt.md). Bytes that are not the one canonical form are refused, whatever they
//! would mean. Votes follow ZIP-215, so that every verifier reaches the same verdict. Bad input is answered with a
//! report, never a panic; work is bounded by the size of the files.
//!
//! **Leaves to others.** Knows nothing about databases, networks or the consensus engine: what a vote signs is rebuilt
//! by hand from its specification. Whether an officer's key was valid at that height was decided by the validators; the
//! proof shows that a quorum of them stands by it. Builds for `wasm32-unknown-unknown` without a C compiler.

pub mod block;
pub mod bundle;
pub mod certificate;
pub mod epoch_change;
pub mod fault;
pub mod headers;
pub mod jcs;
pub mod limits;
pub mod network;
pub mod report;
pub mod state_proof;
pub mod vote;

pub use network::TrustedNetwork;
pub use report::{Outcome, Report, Step};
