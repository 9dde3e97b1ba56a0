//! What clients did and what they were told, in the order of real time.
//!
//! Calls and answers are numbered from one counter: an answer with a smaller number than a call was there before the call
//! was made. That is all that linearizability asks of time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

use gongxin_crypto::Digest;
use gongxin_types::{Height, TransactionId};

use crate::report::Violation;

/// What a client was told of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Final at this place.
    Final { height: Height, index: Option<u32> },
    /// Past its time and in no block.
    Expired,
    /// Nothing that counts: it may have happened, and may happen yet.
    Open,
}

/// One operation of one client.
#[derive(Clone, Copy, Debug)]
pub(crate) enum What {
    /// The first version of a record.
    Create { record: usize, commitment: Digest, id: TransactionId, answer: Answer },
    /// A further version of a record, if it has the expected one.
    Write { record: usize, expected: u32, commitment: Digest, id: TransactionId, answer: Answer },
    /// What a record was, proven, at a height that was not final when the client asked.
    Read { record: usize, version: u32, commitment: Option<Digest>, height: Height },
    /// A transaction that writes no record.
    Other { id: TransactionId, answer: Answer },
}

impl What {
    /// The transaction, and what the client was told of it.
    pub(crate) const fn transaction(&self) -> Option<(TransactionId, Answer)> {
        match self {
            Self::Create { id, answer, .. } | Self::Write { id, answer, .. } | Self::Other { id, answer } => {
                Some((*id, *answer))
            }
            Self::Read { .. } => None,
        }
    }
}

/// An operation with its times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    pub(crate) client: u32,
    pub(crate) called: i64,
    /// When the answer was there.
    pub(crate) answered: i64,
    pub(crate) what: What,
}

/// The history of a run.
#[derive(Debug, Default)]
pub(crate) struct History {
    clock: AtomicI64,
    operations: Mutex<Vec<Operation>>,
    violations: Mutex<Vec<Violation>>,
}

impl History {
    /// The next number.
    pub(crate) fn now(&self) -> i64 {
        self.clock.fetch_add(1, Ordering::SeqCst)
    }

    /// Adds an operation that was called then and is answered now.
    pub(crate) fn add(&self, client: u32, called: i64, what: What) {
        let operation = Operation { client, called, answered: self.now(), what };
        self.operations.lock().unwrap_or_else(PoisonError::into_inner).push(operation);
    }

    /// Adds what a client found wrong by itself.
    pub(crate) fn object(&self, violation: Violation) {
        self.violations.lock().unwrap_or_else(PoisonError::into_inner).push(violation);
    }

    /// All operations so far, in the order of their answers.
    pub(crate) fn operations(&self) -> Vec<Operation> {
        self.operations.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What clients found wrong.
    pub(crate) fn violations(&self) -> Vec<Violation> {
        self.violations.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
