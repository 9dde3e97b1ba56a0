//! Terms that run out are noted once each, by the first block after their midnight, and by none before it.

use std::collections::BTreeMap;

use gongxin_state::{key, page};
use gongxin_types::obligation::{ObligationStatus, is_over};
use gongxin_types::{Action, Effect, FinalizedBlock, Genesis, LegalClock, Obligation, ObligationId, codec};

use super::state::State;
use crate::report::Violation;
use crate::witness::Witness;

/// Every term once, in time.
pub(super) fn every_term(genesis: &Genesis, witness: &Witness) -> Result<(), Violation> {
    if witness.told.time.is_none() {
        return Ok(());
    }
    let (clock, calendar) = (LegalClock::of(&genesis.head), &genesis.objects.calendar);
    let mut state = State::of(genesis)?;
    // Of each: whether it was noted.
    let mut known: BTreeMap<ObligationId, bool> = BTreeMap::new();
    for (height, block) in &witness.blocks {
        let today = clock.date(block.header.time);
        let is_over = |obligation: &Obligation| is_over(obligation.due, today, calendar);
        let failed = |id: &ObligationId, how| Err(Violation::Term { id: *id, height: *height, how });
        let before = &state;
        for (id, noted) in &mut known {
            if is_written(block, id) {
                let ran =
                    obligation(before, id).is_some_and(|one| one.status == ObligationStatus::Running && is_over(&one));
                if std::mem::replace(noted, true) {
                    return failed(id, "noted twice");
                }
                if !ran {
                    return failed(id, "noted though its term was not over");
                }
            }
        }
        state.apply(block);
        for id in opened(block) {
            known.insert(id, false);
        }
        for id in known.keys() {
            let late =
                obligation(&state, id).is_some_and(|one| one.status == ObligationStatus::Running && is_over(&one));
            if late {
                return failed(id, "not noted though its term is over");
            }
        }
    }
    Ok(())
}

/// How many terms were noted.
pub(crate) fn count(witness: &Witness) -> u64 {
    let ids: Vec<ObligationId> = witness.blocks.values().flat_map(|block| opened(block)).collect();
    let noted = witness.blocks.values().map(|block| ids.iter().filter(|id| is_written(block, id)).count());
    u64::try_from(noted.sum::<usize>()).unwrap_or(u64::MAX)
}

/// Whether the block noted this one, before its transactions.
fn is_written(block: &FinalizedBlock, id: &ObligationId) -> bool {
    !block.receipts.due.is_empty() && block.receipts.due.iter().any(|write| write.key == key::obligation(id))
}

/// What the block's transactions opened.
fn opened(block: &FinalizedBlock) -> Vec<ObligationId> {
    let mut opened = Vec::new();
    for (transaction, receipts) in block.transactions.iter().zip(&block.receipts.transactions) {
        for (action, result) in transaction.body.actions.iter().zip(&receipts.actions) {
            if let (Action::OpenObligation(new), Effect::Allow) = (action, result.receipt.decision.effect) {
                opened.push(new.id);
            }
        }
    }
    opened
}

/// As the state has it.
fn obligation(state: &State, id: &ObligationId) -> Option<Obligation> {
    let key = |number| key::of(key::Kind::Obligation, id, number);
    let pages: Vec<_> = (0..).map_while(|number| state.page(&key(number))).collect();
    codec::decode("obligation", &page::join(&pages)?).ok()
}
