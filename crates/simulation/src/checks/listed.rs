//! Lists of readings are complete: each hashes, from the readings in the final blocks, to the head that the state has.

use std::collections::BTreeMap;

use gongxin_state::{key, page};
use gongxin_types::access::ListSlot;
use gongxin_types::{Action, Effect, Genesis, Height, ListKey};

use super::state::State;
use crate::report::Violation;
use crate::witness::Witness;

/// Every reading that took effect is listed under all of its keys, in order, and nothing else is.
pub(super) fn every_reading(genesis: &Genesis, witness: &Witness) -> Result<(), Violation> {
    if witness.told.time.is_none() {
        return Ok(());
    }
    let (suite, mut state) = (genesis.head.suite, State::of(genesis)?);
    let mut lists: BTreeMap<ListKey, ListSlot> = BTreeMap::new();
    for block in witness.blocks.values() {
        state.apply(block);
        for (transaction, receipts) in block.transactions.iter().zip(&block.receipts.transactions) {
            for (action, result) in transaction.body.actions.iter().zip(&receipts.actions) {
                if let (Action::RecordAccess(access), Effect::Allow) = (action, result.receipt.decision.effect) {
                    let digest = access.digest(suite);
                    for list in &access.lists {
                        let slot = lists.entry(*list).or_insert_with(|| ListSlot::empty(suite));
                        *slot = slot.with(suite, &digest);
                    }
                }
            }
        }
    }
    let height = witness.height();
    lists.iter().try_for_each(|(list, slot)| compare(&state, height, list, slot))
}

fn compare(state: &State, height: Height, list: &ListKey, slot: &ListSlot) -> Result<(), Violation> {
    let found = state.page(&key::list(list)).and_then(|found| page::decode_slot::<ListSlot>(&found));
    if found.as_ref() == Some(slot) { Ok(()) } else { Err(Violation::NotListed { height }) }
}
