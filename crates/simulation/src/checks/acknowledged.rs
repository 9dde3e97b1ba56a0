//! What someone was told is final, stands where they were told.

use gongxin_types::Genesis;

use crate::report::Violation;
use crate::witness::Witness;

/// Every acknowledged transaction is at its place.
pub(super) fn nothing_is_lost(genesis: &Genesis, witness: &Witness) -> Result<(), Violation> {
    let suite = genesis.head.suite;
    for (id, position) in &witness.acknowledged {
        let place = usize::try_from(position.index).unwrap_or(usize::MAX);
        let block = witness.blocks.get(&position.height);
        let found = block.and_then(|block| block.transactions.get(place)).map(|transaction| transaction.id(suite));
        if found != Some(*id) {
            return Err(Violation::Lost { id: *id, height: position.height });
        }
    }
    Ok(())
}
