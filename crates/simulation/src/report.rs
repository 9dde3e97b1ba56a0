//! What came of a run, for people and for those who replay it.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use gongxin_types::{Height, ObligationId, RequestId, TransactionId};

use crate::fault::Kind;
use crate::villain::Wrong;

/// A promise that was not kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// Two nodes hold different final blocks of one height.
    #[error("node {node} holds another final block {height} than the others")]
    TwoHistories {
        /// Which height.
        height: Height,
        /// Which node.
        node: usize,
    },
    /// Two nodes hold the same block with different transactions or receipts.
    #[error("node {node} holds other receipts of block {height} than the others")]
    OtherReceipts {
        /// Which height.
        height: Height,
        /// Which node.
        node: usize,
    },
    /// Someone was told two places of one transaction.
    #[error("transaction {id} was acknowledged at two places")]
    TwoPositions {
        /// Which.
        id: TransactionId,
    },
    /// An acknowledged transaction is not where it was said to be.
    #[error("transaction {id} was acknowledged in block {height} and is not there")]
    Lost {
        /// Which.
        id: TransactionId,
        /// Where it was said to be.
        height: Height,
    },
    /// A transaction, or another body under its number, stands in the chain twice.
    #[error("block {height} executes transaction {id}, whose number was used before")]
    Twice {
        /// Which.
        id: TransactionId,
        /// The second time.
        height: Height,
    },
    /// A block is missing between two others.
    #[error("no node showed block {height}")]
    Gap {
        /// Which.
        height: Height,
    },
    /// The verifier does not accept a block.
    #[error("block {height} does not verify: {reason}")]
    Unverified {
        /// Which.
        height: Height,
        /// The verifier's words.
        reason: String,
    },
    /// A block executed again gives something else.
    #[error("block {height} executed again: {reason}")]
    NotReproduced {
        /// Which.
        height: Height,
        /// What differs.
        reason: String,
    },
    /// A validator contradicted itself in its votes.
    #[error("validator {node} {how} in view {view}")]
    Contradiction {
        /// Which.
        node: usize,
        /// Where.
        view: u64,
        /// How.
        how: &'static str,
    },
    /// A node holds a proof against one that is honest, or what it holds proves nothing.
    #[error("node {node} wrote down what convicts no equivocator: {line}")]
    Accused {
        /// Who wrote it down.
        node: usize,
        /// What it wrote.
        line: String,
    },
    /// A validator was told both faces of an equivocator's votes, and nobody holds a proof.
    #[error("an equivocator was caught {caught} times, and nobody holds a proof of it")]
    Unproven {
        /// How often one and the same validator heard both of its votes.
        caught: u64,
    },
    /// An honest validator refuses another one's block.
    #[error("node {node} found a block of an honest validator invalid")]
    Rejected {
        /// Who refuses.
        node: usize,
    },
    /// A node ended though nothing was done to it.
    #[error("node {node} stopped by itself: {reason}")]
    Stopped {
        /// Which.
        node: usize,
        /// Its words.
        reason: String,
    },
    /// The same seed told another story the second time.
    #[error("the same seed tells another story the second time")]
    AnotherStory,
    /// A gateway does not open.
    #[error("gateway {gateway} does not open: {reason}")]
    NoOffice {
        /// Which.
        gateway: usize,
        /// Its words.
        reason: String,
    },
    /// A gateway gave something away, or said that it was refused, before that was final.
    #[error("gateway {gateway} answered request {request} before its access was final and allowed")]
    ReleasedEarly {
        /// Which.
        gateway: usize,
        /// What was asked.
        request: RequestId,
    },
    /// A reader was shown something that no final access allows.
    #[error("the answer to request {request} was shown though no final access allows it")]
    ShownUnlisted {
        /// What was asked.
        request: RequestId,
    },
    /// A reader was shown what the ledger did not have.
    #[error("the answer to request {request} is not what the ledger had of that key")]
    Untrue {
        /// What was asked.
        request: RequestId,
    },
    /// A gateway answered as an honest one never may.
    #[error("gateway {gateway} failed its people: {reason}")]
    OfficeFailed {
        /// Which.
        gateway: usize,
        /// How.
        reason: String,
    },
    /// A gateway said that a transaction had expired, and it is final.
    #[error("transaction {id} was said to have expired, and is final")]
    NotExpired {
        /// Which.
        id: TransactionId,
    },
    /// A gateway took a transaction upon itself, and did not bring it to its end.
    #[error("transaction {id} was taken by a gateway, and is in no block though there was time")]
    Forgotten {
        /// Which.
        id: TransactionId,
    },
    /// A list of readings is not complete.
    #[error("a list of readings is not complete as of block {height}")]
    NotListed {
        /// As of which block.
        height: Height,
    },
    /// A term was not noted as it should be.
    #[error("obligation {id} was {how}, in block {height}")]
    Term {
        /// Which.
        id: ObligationId,
        /// In which block.
        height: Height,
        /// How.
        how: &'static str,
    },
    /// A node does not start.
    #[error("node {node} does not start: {reason}")]
    NoStart {
        /// Which.
        node: usize,
        /// Its words.
        reason: String,
    },
    /// After the last fault healed the network, or one node, does not go on.
    #[error("{waited:?} after the last fault healed: {reason}")]
    NoLife {
        /// How long was waited.
        waited: Duration,
        /// What is missing.
        reason: String,
    },
}

/// What an equivocator did in one run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faces {
    /// Votes that it gave two faces.
    pub votes: u64,
    /// How often one and the same node heard both.
    pub caught: u64,
    /// Proofs that honest nodes hold.
    pub proofs: u64,
}

/// What gateways did in one run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Served {
    /// How many gateways there were.
    pub gateways: usize,
    /// How often they were opened.
    pub starts: u64,
    /// Answers that readers were shown.
    pub shown: u64,
    /// Requests that were refused.
    pub refused: u64,
    /// Batches, grants and revocations that came to their end.
    pub written: u64,
    /// From what a gateway took upon itself until it was final, at most, milliseconds of consensus time.
    pub slowest_ms: u64,
    /// Terms that ran out.
    pub noted: u64,
    /// Whether the owner's gateway lied.
    pub stale: bool,
    /// Answers that readers did not believe.
    pub lies: u64,
}

impl fmt::Display for Served {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            " {} gateways ({} starts): {} readings, {} refused, {} written (within {} ms), {} terms noted",
            self.gateways, self.starts, self.shown, self.refused, self.written, self.slowest_ms, self.noted
        )?;
        if self.stale { write!(formatter, ", {} lies not believed;", self.lies) } else { write!(formatter, ";") }
    }
}

/// What happened in one run.
#[derive(Clone, Debug)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// How many validators took part.
    pub validators: usize,
    /// How often others came to validate.
    pub epochs: u64,
    /// What one of them did wrong on purpose.
    pub villain: Option<Wrong>,
    /// What an equivocator did, where there was one.
    pub faces: Option<Faces>,
    /// Whether an office flooded the nodes.
    pub greedy: bool,
    /// Simulated time.
    pub time: Duration,
    /// Final blocks.
    pub blocks: u64,
    /// Transactions in them.
    pub transactions: u64,
    /// Transactions that someone was told are final.
    pub acknowledged: u64,
    /// Transactions that expired.
    pub expired: u64,
    /// How often nodes were started.
    pub starts: u64,
    /// From the healing of the last fault until every node went on.
    pub recovery: Duration,
    /// What gateways did, where there were any.
    pub served: Option<Served>,
    /// Faults, by kind.
    pub faults: BTreeMap<Kind, u64>,
    /// A fingerprint of everything that happened, to the last message: the same seed gives the same.
    pub fingerprint: String,
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "seed {}: {} validators{}{}, {} epoch changes, {} s, {} blocks, {} transactions ({} acknowledged, {} expired), {} starts, alive after {} ms;",
            self.seed,
            self.validators,
            self.villain.map(|wrong| format!(" (one {wrong})")).unwrap_or_default(),
            if self.greedy { ", a greedy office" } else { "" },
            self.epochs,
            self.time.as_secs(),
            self.blocks,
            self.transactions,
            self.acknowledged,
            self.expired,
            self.starts,
            self.recovery.as_millis(),
        )?;
        if let Some(Faces { votes, caught, proofs }) = self.faces {
            write!(formatter, " {votes} votes with two faces, both heard by one {caught} times, {proofs} proofs;")?;
        }
        if let Some(served) = &self.served {
            write!(formatter, "{served}")?;
        }
        for kind in Kind::ALL {
            write!(formatter, " {kind} {}", self.faults.get(&kind).copied().unwrap_or(0))?;
        }
        Ok(())
    }
}
