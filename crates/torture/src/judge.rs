//! What must hold of a run, whatever went wrong in it.
//!
//! * The history of every record is linearizable: some order of the operations, each between its call and its answer,
//!   explains all answers. Operations without an answer may have happened at any time since, or never.
//! * What was acknowledged stands in the chain where it was said to be, once; what was called expired stands nowhere.
//! * All validators hold the same chain, and every block of it verifies with `network.json` alone.
//! * What was read stands in the chain at that height.

pub(crate) mod chain;
mod linear;

use std::collections::BTreeMap;

use gongxin_crypto::Digest;
use gongxin_types::{Effect, Height, Refusal, TransactionId};

use crate::history::{Answer, Operation, What};
use crate::limits::RECORDS;
use crate::report::Violation;

pub(crate) use chain::{Chain, Entry};
pub(crate) use linear::{Seen, Step};

/// All that is wrong with this history, given the chain that the validators agree on.
pub(crate) fn judge(operations: &[Operation], chain: &Chain) -> Vec<Violation> {
    let mut violations = chain.violations.clone();
    violations.extend(operations.iter().filter_map(|operation| promised(&operation.what, chain)));
    violations.extend(read(operations, chain));
    for record in 0..RECORDS {
        let steps: Vec<Step> = operations.iter().filter_map(|operation| step(operation, record, chain)).collect();
        violations.extend(linear::check(record, steps));
    }
    violations
}

/// Whether what a client was told of a transaction is true.
fn promised(what: &What, chain: &Chain) -> Option<Violation> {
    let (id, answer) = what.transaction()?;
    let found = chain.entries.get(&id);
    match (answer, found) {
        (Answer::Final { height, index }, found) => {
            let right =
                found.is_some_and(|entry| entry.height == height && index.is_none_or(|index| index == entry.index));
            let place = found.map_or_else(
                || "and is nowhere".to_owned(),
                |entry| format!("place {index:?}, and is in block {}, place {}", entry.height, entry.index),
            );
            (!right).then(|| Violation::Lost { id: id.to_string(), height: height.get(), place })
        }
        (Answer::Expired, Some(entry)) => Some(Violation::Revived { id: id.to_string(), height: entry.height.get() }),
        (Answer::Expired, None) | (Answer::Open, _) => None,
    }
}

/// Reads that show something else than the chain has at their height.
fn read(operations: &[Operation], chain: &Chain) -> Vec<Violation> {
    let mut versions: BTreeMap<(usize, u64), (u32, Digest)> = BTreeMap::new();
    for operation in operations {
        let (record, version, commitment, id) = match operation.what {
            What::Create { record, commitment, id, .. } => (record, 1, commitment, id),
            What::Write { record, expected, commitment, id, .. } => (record, expected + 1, commitment, id),
            What::Read { .. } | What::Other { .. } => continue,
        };
        if let Some(entry) = chain.entries.get(&id).filter(|entry| entry.is_allowed()) {
            // The last write of a block counts.
            let place = versions.entry((record, entry.height.get())).or_insert((version, commitment));
            if version > place.0 {
                *place = (version, commitment);
            }
        }
    }
    let shown = operations.iter().filter_map(|operation| match operation.what {
        What::Read { record, version, commitment, height } => Some((record, version, commitment, height.get())),
        _ => None,
    });
    shown
        .filter_map(|(record, version, commitment, height)| {
            let expected = versions.range((record, 0)..=(record, height)).next_back().map(|(_, slot)| *slot);
            let right = expected.is_some_and(|slot| slot.0 == version && Some(slot.1) == commitment);
            let expected = expected.map_or(0, |slot| slot.0);
            (!right).then_some(Violation::OtherRead { record, height, version, expected })
        })
        .collect()
}

/// The operation as the checker sees it, if it is about this record.
fn step(operation: &Operation, record: usize, chain: &Chain) -> Option<Step> {
    let seen = match operation.what {
        What::Create { record: of, commitment, .. } if of == record => Seen::Created { commitment },
        What::Read { record: of, version, commitment: Some(commitment), .. } if of == record => {
            Seen::Read { version, commitment }
        }
        What::Write { record: of, expected, commitment, id, answer } if of == record => match answer {
            Answer::Expired => return None,
            Answer::Open => Seen::Open { expected, commitment },
            Answer::Final { .. } => match chain.entries.get(&id).map(|entry| (entry.effect, entry.refusal)) {
                Some((Effect::Deny, Some(Refusal::VersionMismatch))) => Seen::TooLate { expected },
                // Refused for another reason, it says nothing about the record.
                Some((Effect::Deny, _)) => return None,
                // One that is nowhere was acknowledged all the same: the client believes that it has written.
                Some((Effect::Allow, _)) | None => Seen::Written { expected, commitment },
            },
        },
        _ => return None,
    };
    Some(Step { client: operation.client, called: operation.called, answered: operation.answered, seen })
}

/// The place and the decision of what stands in the chain.
impl Entry {
    /// Whether it took effect.
    pub(crate) fn is_allowed(&self) -> bool {
        self.effect == Effect::Allow
    }
}

/// What the chain says of a run, for its report.
pub(crate) fn outcome(operations: &[Operation], entries: &BTreeMap<TransactionId, Entry>) -> (u64, u64) {
    let (mut written, mut late) = (0, 0);
    for operation in operations {
        if let What::Write { id, answer: Answer::Final { .. }, .. } = operation.what {
            match entries.get(&id).map(|entry| (entry.effect, entry.refusal)) {
                Some((Effect::Allow, _)) => written += 1,
                Some((Effect::Deny, Some(Refusal::VersionMismatch))) => late += 1,
                _ => {}
            }
        }
    }
    (written, late)
}

/// The height up to which all is judged: whatever any validator has, and whatever anybody was told of.
pub(crate) fn tip(heights: &[Height], operations: &[Operation]) -> Height {
    let told = operations.iter().filter_map(|operation| match (operation.what, operation.what.transaction()) {
        (What::Read { height, .. }, _) | (_, Some((_, Answer::Final { height, .. }))) => Some(height),
        _ => None,
    });
    told.chain(heights.iter().copied()).max().unwrap_or(Height::GENESIS)
}

#[cfg(test)]
mod tests;
