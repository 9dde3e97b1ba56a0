//! Linearizability of a record's history, by the algorithm of Wing and Gong as Lowe improved it (`porcupine-rs`).
//!
//! A record is a register with compare-and-set: a write names the version that it expects, and takes effect exactly if the
//! record has that version.

use gongxin_crypto::Digest;
use porcupine_rs::{CheckResult, Model, Operation, check_operations_timeout};

use crate::limits::JUDGE;
use crate::report::Violation;

/// What a client saw of one operation.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Seen {
    /// The first version.
    Created { commitment: Digest },
    /// The write took effect.
    Written { expected: u32, commitment: Digest },
    /// The record had another version.
    TooLate { expected: u32 },
    /// No answer: it takes effect at some time, or never.
    Open { expected: u32, commitment: Digest },
    /// The record was so.
    Read { version: u32, commitment: Digest },
}

/// One operation on a record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) client: u32,
    pub(crate) called: i64,
    pub(crate) answered: i64,
    pub(crate) seen: Seen,
}

/// A record: nothing, or a version with its commitment.
#[derive(Clone, Debug)]
struct Record;

impl Model for Record {
    type State = Option<(u32, Digest)>;
    type Op = Seen;
    type Metadata = ();

    fn init() -> Self::State {
        None
    }

    fn step(state: &Self::State, seen: &Self::Op) -> (bool, Self::State) {
        let version = state.map_or(0, |(version, _)| version);
        match *seen {
            Seen::Created { commitment } => (state.is_none(), Some((1, commitment))),
            Seen::Written { expected, commitment } => (version == expected, Some((expected + 1, commitment))),
            Seen::TooLate { expected } => (version != expected, *state),
            // Where it can no longer take effect it may stand as one that never did.
            Seen::Open { expected, commitment } if version == expected => (true, Some((expected + 1, commitment))),
            Seen::Open { .. } => (true, *state),
            Seen::Read { version, commitment } => (*state == Some((version, commitment)), *state),
        }
    }
}

/// What is wrong with the history of a record, if anything is.
pub(crate) fn check(record: usize, steps: Vec<Step>) -> Option<Violation> {
    let operations = steps.len();
    let history: Vec<Operation<Record>> = steps.into_iter().map(operation).collect();
    match check_operations_timeout(&history, JUDGE) {
        CheckResult::Ok => None,
        CheckResult::Illegal => Some(Violation::NotLinearizable { record, operations }),
        CheckResult::Unknown => Some(Violation::Undecided { record, operations }),
    }
}

fn operation(step: Step) -> Operation<Record> {
    // What has no answer may happen after everything else.
    let return_time = if matches!(step.seen, Seen::Open { .. }) { i64::MAX } else { step.answered };
    Operation { client_id: Some(step.client), call_time: step.called, return_time, op: step.seen, metadata: None }
}
