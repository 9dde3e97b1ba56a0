//! What a reader was shown, is what the ledger had of that key at the block it was shown as of: no version older, none newer,
//! and, of an honest owner, no record left out.

use std::collections::BTreeMap;

use gongxin_types::{Action, Effect, Genesis, Height, RecordId, RecordOp, record::HistoryEntry};

use crate::report::Violation;
use crate::told::Shown;
use crate::witness::Witness;

/// The operations on each record that took effect, with their blocks, oldest first.
type Histories = BTreeMap<RecordId, Vec<(Height, HistoryEntry)>>;

/// Every answer is the truth as of its block.
pub(super) fn every_answer(_: &Genesis, witness: &Witness) -> Result<(), Violation> {
    let histories = histories(witness);
    let failed = |shown: &Shown| Violation::Untrue { request: shown.request.request_id };
    witness
        .told
        .shown
        .iter()
        .try_for_each(|shown| is_true(witness, &histories, shown).then_some(()).ok_or(failed(shown)))
}

fn is_true(witness: &Witness, histories: &Histories, shown: &Shown) -> bool {
    let (as_of, history) = (shown.opened.as_of, shown.request.history);
    // By the key under which its rows were signed, as the steward knows it.
    let mut expected: BTreeMap<RecordId, Vec<HistoryEntry>> = BTreeMap::new();
    let key = shown.request.key.first().map(ToString::to_string).unwrap_or_default();
    for record in witness.told.holders.get(&key).into_iter().flatten() {
        let lines = histories.get(record).into_iter().flatten().filter(|(height, _)| *height <= as_of);
        let mut entries: Vec<HistoryEntry> = lines.map(|(_, entry)| entry.clone()).collect();
        if !history {
            entries = entries.pop().filter(|last| last.operation.commitment().is_some()).into_iter().collect();
        }
        if !entries.is_empty() {
            expected.insert(*record, entries);
        }
    }
    let found: BTreeMap<RecordId, Vec<HistoryEntry>> = shown
        .opened
        .records
        .iter()
        .map(|record| (record.record, record.versions.iter().map(|version| version.entry.clone()).collect()))
        .collect();
    if shown.honest {
        found == expected
    } else {
        found.iter().all(|(record, lines)| expected.get(record) == Some(lines))
    }
}

fn histories(witness: &Witness) -> Histories {
    let mut histories = Histories::new();
    for (height, block) in &witness.blocks {
        for (transaction, receipts) in block.transactions.iter().zip(&block.receipts.transactions) {
            for (action, result) in transaction.body.actions.iter().zip(&receipts.actions) {
                let (Action::WriteRecords(batch), Effect::Allow) = (action, result.receipt.decision.effect) else {
                    continue;
                };
                for operation in &batch.operations {
                    let version = match operation {
                        RecordOp::Create { .. } => 1,
                        RecordOp::Update { expected_version, .. } | RecordOp::Delete { expected_version, .. } => {
                            expected_version.saturating_add(1)
                        }
                    };
                    let entry = HistoryEntry {
                        version,
                        operation: operation.clone(),
                        legal_basis: batch.legal_basis.clone(),
                        effective: batch.effective,
                    };
                    histories.entry(operation.record()).or_default().push((*height, entry));
                }
            }
        }
    }
    histories
}
