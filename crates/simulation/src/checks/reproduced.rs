//! The rules give the same receipts again, from genesis on, in one thread and on another store.

use std::collections::BTreeMap;

use gongxin_state::{BlockContext, Caches, ExecuteError, Executed, View};
use gongxin_types::receipt::{Key, Page};
use gongxin_types::{FinalizedBlock, Genesis, Height};

use crate::report::Violation;
use crate::witness::Witness;

/// More than `state` ever asks for.
const ROUNDS_MAX: usize = 16;

/// Every block executed again has the receipts that it had.
pub(super) fn every_receipt(genesis: &Genesis, witness: &Witness) -> Result<(), Violation> {
    let failed = |height: Height, reason: String| Violation::NotReproduced { height, reason };
    let pages = gongxin_state::genesis(genesis).map_err(|error| failed(Height::GENESIS, error.to_string()))?;
    let mut replay = Replay { pages, caches: Caches::default(), genesis };
    for (height, block) in &witness.blocks {
        let executed = replay.execute(block).map_err(|reason| failed(*height, reason))?;
        if executed.receipts != block.receipts {
            return Err(failed(*height, "its receipts are others".to_owned()));
        }
    }
    Ok(())
}

struct Replay<'a> {
    pages: BTreeMap<Key, Page>,
    caches: Caches,
    genesis: &'a Genesis,
}

impl Replay<'_> {
    fn execute(&mut self, block: &FinalizedBlock) -> Result<Executed, String> {
        let (suite, header) = (self.genesis.head.suite, &block.header);
        let context = BlockContext {
            suite,
            network: header.network,
            protocol_version: header.protocol_version,
            height: header.height,
            time: header.time,
        };
        let mut view = View::new();
        let mut wanted = gongxin_state::needs(suite, &block.transactions);
        for _ in 0..ROUNDS_MAX {
            for key in &wanted {
                view.insert(*key, self.pages.get(key).copied());
            }
            match gongxin_state::execute(&context, &self.caches, &mut view, &block.transactions) {
                Ok(executed) => {
                    for (key, page) in &executed.writes {
                        match page {
                            Some(page) => self.pages.insert(*key, *page),
                            None => self.pages.remove(key),
                        };
                    }
                    return Ok(executed);
                }
                Err(ExecuteError::Missing(more)) => wanted = more,
                Err(error) => return Err(format!("{error:?}")),
            }
        }
        Err(format!("pages are missing after {ROUNDS_MAX} rounds"))
    }
}
