//! What came of a run, for people and for the process that asked for it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::fault::Kind;

/// A promise that was not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Violation {
    /// No order of the operations explains what clients saw.
    #[error("the history of record {record} is not linearizable ({operations} operations)")]
    NotLinearizable {
        /// Which record.
        record: usize,
        /// How many operations it has.
        operations: usize,
    },
    /// The checker did not come to an end.
    #[error("whether the history of record {record} is linearizable could not be decided ({operations} operations)")]
    Undecided {
        /// Which record.
        record: usize,
        /// How many operations it has.
        operations: usize,
    },
    /// An acknowledged transaction is not where it was said to be.
    #[error("transaction {id} was acknowledged in block {height}, {place}")]
    Lost {
        /// Which.
        id: String,
        /// Where it was said to be.
        height: u64,
        /// Where it is.
        place: String,
    },
    /// A transaction that was called expired stands in a block.
    #[error("transaction {id} was called expired and stands in block {height}")]
    Revived {
        /// Which.
        id: String,
        /// Where.
        height: u64,
    },
    /// A number of a sender was used twice.
    #[error("block {height} executes transaction {id}, whose number was used before")]
    Twice {
        /// The second one.
        id: String,
        /// Its block.
        height: u64,
    },
    /// A read does not show what stands in the chain at its height.
    #[error("a proven read of record {record} at height {height} shows version {version}, the chain has {expected}")]
    OtherRead {
        /// Which record.
        record: usize,
        /// As of when.
        height: u64,
        /// What was shown.
        version: u32,
        /// What the chain has.
        expected: u32,
    },
    /// A proof or a receipt does not verify.
    #[error("{what} does not verify: {reason}")]
    Unverified {
        /// What.
        what: String,
        /// The verifier's words.
        reason: String,
    },
    /// A validator holds another block than the others.
    #[error("validator {node} holds another block {height} than the others")]
    TwoHistories {
        /// Which.
        node: usize,
        /// Where.
        height: u64,
    },
    /// After the last fault healed the network, or one node, does not go on.
    #[error("{seconds} s after the last fault healed: {reason}")]
    NoLife {
        /// How long was waited.
        seconds: u64,
        /// What is missing.
        reason: String,
    },
    /// A process ended that no fault explains, or otherwise than it should.
    #[error("{name} ended with {how}: {words}")]
    Ended {
        /// Which process.
        name: String,
        /// Exit code or signal.
        how: String,
        /// What it said last.
        words: String,
    },
    /// A process that should have ended goes on.
    #[error("{name} goes on: {reason}")]
    WentOn {
        /// Which process.
        name: String,
        /// What it should have ended for.
        reason: String,
    },
    /// An honest validator is accused, with what counts as evidence.
    #[error("validator {node} accuses an honest one")]
    Accused {
        /// Who accuses.
        node: usize,
    },
    /// The forging validator was never refused: nothing was tried.
    #[error("no proposal of the forging validator was refused")]
    NoForgery,
}

/// What happened in one run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// What its first fault is.
    pub theme: String,
    /// Seconds from the first start to the last verdict.
    pub seconds: f64,
    /// Final blocks.
    pub blocks: u64,
    /// Transactions in them.
    pub transactions: u64,
    /// Operations of clients.
    pub operations: u64,
    /// Reads among them.
    pub reads: u64,
    /// Transactions that someone was told are final.
    pub acknowledged: u64,
    /// Transactions that someone was told have expired.
    pub expired: u64,
    /// Operations without an answer.
    pub open: u64,
    /// Writes that took effect, and writes that came too late.
    pub written: (u64, u64),
    /// Receipts that were fetched and verified.
    pub receipts: u64,
    /// Proposals of the forging validator that others refused.
    pub refused_proposals: u64,
    /// Milliseconds from the healing of the last fault until every validator went on.
    pub recovery_ms: u64,
    /// Faults, by kind.
    pub faults: BTreeMap<Kind, u64>,
    /// What was done otherwise than planned, and why.
    pub notes: Vec<String>,
    /// Promises that were not kept.
    pub violations: Vec<Violation>,
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "seed {} ({}): {:.0} s, {} blocks, {} transactions; {} operations ({} reads, {} written, {} too late, {} expired, \
             {} open), {} acknowledged, {} receipts, alive after {} ms;",
            self.seed,
            self.theme,
            self.seconds,
            self.blocks,
            self.transactions,
            self.operations,
            self.reads,
            self.written.0,
            self.written.1,
            self.expired,
            self.open,
            self.acknowledged,
            self.receipts,
            self.recovery_ms,
        )?;
        for (kind, count) in &self.faults {
            write!(formatter, " {kind} {count}")?;
        }
        if self.refused_proposals > 0 {
            write!(formatter, ", {} forged proposals refused", self.refused_proposals)?;
        }
        for note in &self.notes {
            write!(formatter, " [{note}]")?;
        }
        Ok(())
    }
}
