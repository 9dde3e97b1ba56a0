//! What a validator's routes need of a running node. The program implements it over the node; `api` knows no engine.

use std::{future::Future, pin::Pin, time::Duration};

use bytes::Bytes;
use futures::stream::BoxStream;
use gongxin_client::wire::StatusReport;
use gongxin_types::{
    Certificate, Header, Height, Network, TransactionId,
    alert::Finding,
    receipt::{Key, Page},
};

/// An answer that may take a while.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One node, as the routes see it.
pub trait ValidatorPort: Send + Sync + 'static {
    /// Hands in the canonical bytes of a transaction.
    fn submit(&self, bytes: Bytes) -> Answer<'_, Result<Submission, SubmitError>>;
    /// Waits until a transaction is final and durable here, at most for so long.
    fn wait_final(&self, id: TransactionId, patience: Duration) -> Answer<'_, WaitOutcome>;
    /// What this node knows of a transaction of the last minutes.
    fn transaction(&self, id: TransactionId) -> Answer<'_, TransactionState>;
    /// The canonical bytes of a final block.
    fn block(&self, height: Height) -> Answer<'_, Option<Bytes>>;
    /// The lowest height from which on every block is here, if any block is.
    fn first(&self) -> Option<Height> {
        None
    }
    /// The canonical bytes of every final block from a height on, at least 1; ends when the node stops or cannot go on.
    fn follow(&self, from: Height) -> BoxStream<'static, Bytes>;
    /// What stands at a key of the state, proven at one height.
    fn state_proof(&self, key: Key) -> Answer<'_, Result<StateProof, ProofError>>;
    /// The network file, with the changes of the validators that this node knows.
    fn network(&self) -> Network;
    /// How the node is.
    fn status(&self) -> StatusReport;
    /// What it has found out about others and itself.
    fn findings(&self) -> Found;
    /// Whether it takes part: the reason, in words, why not.
    fn ready(&self) -> Result<(), String>;
    /// Metrics in the Prometheus text format.
    fn metrics(&self) -> Answer<'_, String>;
}

/// What a node has found out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Whether it can judge what passes by itself.
    pub watching: bool,
    /// The findings.
    pub findings: Vec<Finding>,
}

/// Where a final transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Its block.
    pub height: Height,
    /// Its place in the block, from 0.
    pub index: u32,
}

/// A transaction that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Submission {
    /// Its identifier.
    pub id: TransactionId,
    /// Where it stands, if it was final before.
    pub position: Option<Position>,
}

/// Why a transaction was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubmitError {
    /// No room now; nothing was kept.
    Busy {
        /// After how long to come back, milliseconds.
        retry_after_ms: u64,
    },
    /// It can never become final.
    Invalid {
        /// Why, in words.
        reason: String,
    },
    /// Its key is not registered for its sender, as of the latest block here.
    UnknownKey,
    /// Another body used its sequence number, or the number is too old.
    Conflict,
    /// The node is stopping.
    Stopped,
}

/// How waiting ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitOutcome {
    /// Final.
    Final(Position),
    /// A final block is past its `valid_until`, and it is in none.
    Expired,
    /// Time is up.
    Timeout,
    /// The node is stopping.
    Stopped,
}

/// What a node knows of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionState {
    /// Nothing.
    Unknown,
    /// It waits for a block.
    Pending,
    /// It is final.
    Final(Position),
    /// It can no longer become final.
    Expired,
}

/// A page of the state, or its absence, with what proves it.
#[derive(Clone, Debug)]
pub struct StateProof {
    /// Headers from the proven height to the first certified one, each the parent of the next; at least one.
    pub headers: Vec<Header>,
    /// Finality of the last of them.
    pub certificate: Certificate,
    /// The key.
    pub key: Key,
    /// Its page; none where its absence is proven.
    pub page: Option<Page>,
    /// The engine's proof.
    pub proof: Vec<u8>,
}

/// Why there is no proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProofError {
    /// The key is not there, and its database proves presence only.
    AbsenceUnprovable,
    /// Not now; later perhaps.
    NotNow {
        /// Why, in words.
        reason: String,
    },
}
