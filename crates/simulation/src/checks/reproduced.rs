//! The rules give the same receipts again, from genesis on, in one thread and on another store.

use gongxin_state::{BlockContext, Caches};
use gongxin_test_support::pages;
use gongxin_types::genesis::validators_root;
use gongxin_types::{Genesis, Height};

use crate::report::Violation;
use crate::witness::Witness;

/// Every block executed again has the receipts that it had.
pub(super) fn every_receipt(genesis: &Genesis, witness: &Witness) -> Result<(), Violation> {
    let failed = |height: Height, reason: String| Violation::NotReproduced { height, reason };
    let mut pages = gongxin_state::genesis(genesis).map_err(|error| failed(Height::GENESIS, error.to_string()))?;
    let caches = Caches::default();
    for (height, block) in &witness.blocks {
        let header = &block.header;
        let context = BlockContext {
            suite: genesis.head.suite,
            network: header.network,
            protocol_version: header.protocol_version,
            height: header.height,
            time: header.time,
        };
        let executed = pages::execute(&pages, &caches, &context, &block.transactions);
        let (executed, _) = executed.map_err(|error| failed(*height, error.to_string()))?;
        if executed.receipts != block.receipts {
            return Err(failed(*height, "its receipts are others".to_owned()));
        }
        let next = executed.validators.as_ref().map(|set| validators_root(genesis.head.suite, &set.validators));
        if next.unwrap_or(header.validators_root) != header.next_validators_root {
            return Err(failed(*height, "it announces other validators".to_owned()));
        }
        pages::apply(&mut pages, &executed);
    }
    Ok(())
}
