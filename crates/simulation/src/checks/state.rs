//! The state as the receipts of the final blocks write it: every write of a block stands in them (PROTOCOL 9).

use std::collections::BTreeMap;

use gongxin_types::receipt::{Key, Page, Write};
use gongxin_types::{FinalizedBlock, Genesis, Height};

use crate::report::Violation;

/// All pages, as of some block.
pub(super) struct State(BTreeMap<Key, Page>);

impl State {
    /// That of genesis.
    pub(super) fn of(genesis: &Genesis) -> Result<Self, Violation> {
        let failed = |reason: String| Violation::NotReproduced { height: Height::GENESIS, reason };
        gongxin_state::genesis(genesis).map(Self).map_err(|error| failed(error.to_string()))
    }

    /// Writes what a block wrote.
    pub(super) fn apply(&mut self, block: &FinalizedBlock) {
        let receipts = &block.receipts;
        self.write(&receipts.due);
        for action in receipts.transactions.iter().flat_map(|transaction| &transaction.actions) {
            self.write(&action.writes);
        }
        self.write(&receipts.writes);
    }

    /// The page under a key.
    pub(super) fn page(&self, key: &Key) -> Option<Page> {
        self.0.get(key).copied()
    }

    /// Writes these.
    pub(super) fn write(&mut self, writes: &[Write]) {
        for write in writes {
            match write.page {
                Some(page) => self.0.insert(write.key, page),
                None => self.0.remove(&write.key),
            };
        }
    }
}
