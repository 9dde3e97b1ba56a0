//! What waits for finality in the blocks that a proposal builds on.

use std::collections::HashSet;

use commonware_consensus::marshal::ancestry::Ancestry;
use commonware_cryptography::Digested;
use futures::StreamExt as _;
use gongxin_types::TransactionId;

use crate::block::Block;
use crate::node::Node;

/// Transactions of the ancestors that are not final here yet: they still wait in the mempool, and stand in a block already.
#[derive(Default)]
pub(crate) struct InFlight {
    /// Their identifiers.
    pub(crate) ids: HashSet<TransactionId>,
    /// Height of the newest block that has any; 0 if none has.
    pub(crate) through: u64,
}

impl InFlight {
    /// The block to build on, and what is in flight with it. The blocks themselves are read: others may have certified one
    /// that this node has not executed yet. `None` while consensus is going down.
    pub(crate) async fn of(node: &Node, mut ancestry: impl Ancestry<Block>) -> Option<(Digested<Block>, Self)> {
        let tip = node.final_height();
        let parent = ancestry.next().await?;
        let mut flight = Self::default();
        let mut block = parent.clone();
        while block.inner().number() > tip {
            flight.add(block.inner());
            if block.inner().number() == tip.next() {
                break;
            }
            block = ancestry.next().await?;
        }
        Some((parent, flight))
    }

    fn add(&mut self, block: &Block) {
        if !block.ids().is_empty() {
            self.through = self.through.max(block.number().get());
        }
        self.ids.extend(block.ids().iter().copied());
    }
}
