//! No sequence number of a key and lane is used twice, and so no transaction executed twice.

use std::collections::BTreeSet;

use gongxin_types::{Genesis, codec};

use crate::report::Violation;
use crate::witness::Witness;

/// Every number once.
pub(super) fn nothing_is_executed_twice(genesis: &Genesis, witness: &Witness) -> Result<(), Violation> {
    let mut used = BTreeSet::new();
    for (height, block) in &witness.blocks {
        for transaction in &block.transactions {
            let body = &transaction.body;
            if !used.insert((codec::encode(&body.sender.key), body.lane, body.sequence)) {
                return Err(Violation::Twice { id: transaction.id(genesis.head.suite), height: *height });
            }
        }
    }
    Ok(())
}
