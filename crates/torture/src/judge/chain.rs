//! The chain as the validators show it: fetched from each, checked with `network.json` alone, and compared.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use gongxin_client::ValidatorClient;
use gongxin_types::{Effect, FinalizedBlock, HeaderDigest, Height, Refusal, TransactionId, codec};
use gongxin_verify::{TrustedNetwork, block, headers};
use tokio::time::timeout;

use crate::report::Violation;
use crate::trouble::Trouble;

/// How long a validator may take for its next block.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where a transaction stands, and what was decided on its first action.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) height: Height,
    pub(crate) index: u32,
    pub(crate) effect: Effect,
    pub(crate) refusal: Option<Refusal>,
}

/// A chain that all validators hold.
#[derive(Debug, Default)]
pub(crate) struct Chain {
    pub(crate) blocks: u64,
    pub(crate) entries: BTreeMap<TransactionId, Entry>,
    pub(crate) violations: Vec<Violation>,
    pub(super) headers: BTreeMap<Height, HeaderDigest>,
    pub(super) numbers: BTreeSet<(Vec<u8>, u16, u64)>,
}

impl Chain {
    /// Fetches all blocks up to this height from every validator. The first one's are checked, the others' compared.
    pub(crate) async fn fetch(
        network: &TrustedNetwork,
        validators: &[ValidatorClient],
        tip: Height,
    ) -> Result<Self, Trouble> {
        let mut chain = Self::default();
        for (node, validator) in validators.iter().enumerate() {
            let mut blocks = validator.follow(Height::GENESIS.next());
            let mut parent = None;
            for _ in 0..tip.get() {
                let block = timeout(PATIENCE, blocks.next()).await;
                let block = block.map_err(|_| Trouble(format!("validator {node} does not show its blocks")))?;
                parent = Some(chain.take(network, node, &block, parent));
            }
        }
        Ok(chain)
    }

    /// Takes one block of a validator; its digest.
    fn take(
        &mut self,
        network: &TrustedNetwork,
        node: usize,
        block: &FinalizedBlock,
        parent: Option<HeaderDigest>,
    ) -> HeaderDigest {
        let (height, digest) = (block.header.height, block.header.digest());
        let wrong =
            |reason: String| Violation::Unverified { what: format!("block {height} of validator {node}"), reason };
        if parent.is_some_and(|parent| parent != block.header.parent) {
            self.violations.push(wrong("it does not name the block before it".to_owned()));
        }
        if let Err(error) = block::check(network, block) {
            self.violations.push(wrong(error.to_string()));
        }
        // A block without a certificate of its own is certified by one that follows it and names it.
        if let Some(certificate) = &block.certificate
            && let Err(error) = headers::check_chain(std::slice::from_ref(&block.header), certificate, network)
        {
            self.violations.push(wrong(error.to_string()));
        }
        match self.headers.insert(height, digest) {
            None => self.enter(network, block),
            Some(first) if first == digest => {}
            Some(_) => self.violations.push(Violation::TwoHistories { node, height: height.get() }),
        }
        digest
    }

    /// Enters the transactions of a block that was not seen before.
    fn enter(&mut self, network: &TrustedNetwork, block: &FinalizedBlock) {
        self.blocks += 1;
        let height = block.header.height;
        for ((transaction, receipts), index) in block.transactions.iter().zip(&block.receipts.transactions).zip(0..) {
            let (id, body) = (transaction.id(network.suite), &transaction.body);
            let number = (codec::encode(&body.sender.key), body.lane, body.sequence);
            let decision = receipts.actions.first().map(|result| &result.receipt.decision);
            let effect = decision.map_or(Effect::Deny, |decision| decision.effect);
            let entry = Entry { height, index, effect, refusal: decision.and_then(|decision| decision.refusal) };
            let is_new = self.numbers.insert(number);
            if self.entries.insert(id, entry).is_some() || !is_new {
                self.violations.push(Violation::Twice { id: id.to_string(), height: height.get() });
            }
        }
    }
}
