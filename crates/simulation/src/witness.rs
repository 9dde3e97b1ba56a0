//! Sees every final block of every node, and remembers what people were told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use gongxin_chain_simulated::FinalPosition;
use gongxin_types::{FinalizedBlock, Height, TransactionId};

use crate::report::Violation;
use crate::told::Told;

/// What was seen in a run.
#[derive(Debug, Default)]
pub struct Witness {
    /// The final block of each height, as the first node showed it.
    pub blocks: BTreeMap<Height, Arc<FinalizedBlock>>,
    /// Where people were told that their transactions are final.
    pub acknowledged: BTreeMap<TransactionId, FinalPosition>,
    /// Transactions that people gave up, because a final block was past their time.
    pub expired: Vec<TransactionId>,
    /// What gateways told people.
    pub told: Told,
    /// Up to which height the blocks are known without a gap.
    whole: Height,
    /// The first thing that should not have been.
    pub violation: Option<Violation>,
}

/// A witness that many speak to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shared(Arc<Mutex<Witness>>);

impl Shared {
    /// Does something with it.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Witness) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A node shows a final block.
    pub(crate) fn shown(&self, node: usize, block: Arc<FinalizedBlock>) {
        self.with(|witness| {
            let height = block.header.height;
            match witness.blocks.get(&height) {
                None => {
                    witness.blocks.insert(height, block);
                    witness.learn();
                }
                Some(known) if known.header.digest() != block.header.digest() => {
                    witness.object(Violation::TwoHistories { height, node });
                }
                Some(known) if known.receipts != block.receipts || known.transactions != block.transactions => {
                    witness.object(Violation::OtherReceipts { height, node });
                }
                Some(_) => {}
            }
        });
    }

    /// The epoch that the newest block announces.
    pub(crate) fn epoch(&self) -> u64 {
        self.with(|witness| witness.blocks.last_key_value().map_or(0, |(_, block)| block.header.next_epoch()))
    }

    /// Someone was told that a transaction is final.
    pub(crate) fn acknowledged(&self, id: TransactionId, position: FinalPosition) {
        self.with(|witness| {
            let before = witness.acknowledged.insert(id, position);
            if before.is_some_and(|before| before != position) {
                witness.object(Violation::TwoPositions { id });
            }
        });
    }
}

impl Witness {
    /// What was told is held against blocks in their order.
    fn learn(&mut self) {
        while let Some(block) = self.blocks.get(&self.whole.next()) {
            self.told.learn(block);
            self.whole = self.whole.next();
        }
    }

    /// Keeps the first objection.
    pub(crate) fn object(&mut self, violation: Violation) {
        self.violation.get_or_insert(violation);
    }

    /// Height of the newest block anybody showed.
    pub(crate) fn height(&self) -> Height {
        self.blocks.last_key_value().map_or(Height::GENESIS, |(height, _)| *height)
    }
}
