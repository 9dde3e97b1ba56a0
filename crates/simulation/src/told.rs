//! What gateways told people, held against the final blocks: not against anything that a gateway says of itself.

use std::collections::{BTreeMap, BTreeSet};

use gongxin_client::reading::Opened;
use gongxin_crypto::{Digest, Suite};
use gongxin_service_simulated::port::{Reading, Refused};
use gongxin_types::response::AccessResponse;
use gongxin_types::{
    Access, AccessOutcome, AccessRequest, Action, Decision, Effect, FinalizedBlock, Height, OfficerId, RecordId,
    RequestId, Time, TransactionId,
};

use crate::report::Violation;

/// One reading on the ledger.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// Its block.
    pub height: Height,
    /// The leaf.
    pub access: Access,
    /// What was decided.
    pub decision: Decision,
}

/// An answer that a reader was shown.
#[derive(Clone, Debug)]
pub struct Shown {
    /// What was asked.
    pub request: AccessRequest,
    /// What came out of it.
    pub opened: Opened,
    /// Whether the owner's gateway is honest.
    pub honest: bool,
}

/// What people were told by gateways, and what the ledger says of it.
#[derive(Debug, Default)]
pub struct Told {
    /// Readings on the ledger, by who asked and the identifier chosen.
    readings: BTreeMap<(OfficerId, RequestId), Vec<Leaf>>,
    /// Final transactions with whether their first action took effect.
    transactions: BTreeMap<TransactionId, (Height, bool)>,
    /// Consensus time of the newest block below which none is missing.
    pub time: Option<Time>,
    /// Answers that readers were shown.
    pub shown: Vec<Shown>,
    /// Readings that were refused, as readers were told.
    pub refused: u64,
    /// Lies that readers did not believe.
    pub lies: u64,
    /// Transactions that a gateway said are final, with the block it named.
    pub finals: Vec<(TransactionId, Height)>,
    /// Transactions that a gateway said can no longer become final.
    pub expired: BTreeSet<TransactionId>,
    /// Transactions that a gateway took upon itself.
    pub taken: BTreeMap<TransactionId, Taken>,
    /// Consensus time when the last fault had healed.
    pub healed: Option<Time>,
    /// Records that were ever meant to have a key, as their steward knows.
    pub holders: BTreeMap<String, BTreeSet<RecordId>>,
}

/// A transaction that a gateway keeps, and brings to its end.
#[derive(Clone, Copy, Debug)]
pub struct Taken {
    /// Since when, by consensus time.
    pub at: Time,
    /// Until when it may become final.
    pub valid_until: Time,
}

impl Told {
    /// Takes in the next final block.
    pub(crate) fn learn(&mut self, block: &FinalizedBlock) {
        self.time = Some(block.header.time);
        let height = block.header.height;
        for (transaction, receipts) in block.transactions.iter().zip(&block.receipts.transactions) {
            let allowed = receipts.actions.first().is_some_and(|one| one.receipt.decision.effect == Effect::Allow);
            self.transactions.insert(transaction.id(Suite::Intl), (height, allowed));
            for (action, result) in transaction.body.actions.iter().zip(&receipts.actions) {
                if let Action::RecordAccess(access) = action {
                    let leaf = Leaf { height, access: access.clone(), decision: result.receipt.decision.clone() };
                    self.readings.entry((access.officer, access.request_id)).or_default().push(leaf);
                }
            }
        }
    }

    /// The final transaction: its block, and whether its first action took effect.
    pub(crate) fn found(&self, id: &TransactionId) -> Option<(Height, bool)> {
        self.transactions.get(id).copied()
    }

    /// A gateway gives away the sealed answer to a request: only once its access is final, and allowed.
    pub(crate) fn released(&self, gateway: usize, request: &AccessRequest, reading: &Reading) -> Result<(), Violation> {
        self.allowed(request, &reading.sealed)
            .filter(|leaf| leaf.height == reading.height)
            .map(|_| ())
            .ok_or(Violation::ReleasedEarly { gateway, request: request.request_id })
    }

    /// A gateway says that a request was refused: only once that is final.
    pub(crate) fn refused(
        &mut self,
        gateway: usize,
        request: &AccessRequest,
        refused: &Refused,
    ) -> Result<(), Violation> {
        self.refused += 1;
        let mut leaves = self.leaves(request);
        leaves
            .any(|leaf| leaf.height == refused.height && leaf.decision == refused.decision)
            .then_some(())
            .ok_or(Violation::ReleasedEarly { gateway, request: request.request_id })
    }

    /// A reader is shown the answer to a request.
    pub(crate) fn shown(&mut self, shown: Shown, sealed: &[u8]) -> Result<(), Violation> {
        let request = shown.request.request_id;
        let leaf = self.allowed(&shown.request, sealed);
        let listed = leaf.is_some_and(|leaf| leaf.height == shown.opened.height);
        self.shown.push(shown);
        listed.then_some(()).ok_or(Violation::ShownUnlisted { request })
    }

    /// The final leaf that allows these bytes to be given away.
    fn allowed(&self, request: &AccessRequest, sealed: &[u8]) -> Option<&Leaf> {
        let answered: Digest = AccessResponse::sealed_digest(Suite::Intl, sealed);
        let outcome = AccessOutcome::Answered { response_digest: answered };
        self.leaves(request).find(|leaf| leaf.decision.effect == Effect::Allow && leaf.access.outcome == outcome)
    }

    /// Readings on the ledger for exactly this request.
    fn leaves(&self, request: &AccessRequest) -> impl Iterator<Item = &Leaf> {
        let digest = request.digest(Suite::Intl);
        let found = self.readings.get(&(request.officer, request.request_id));
        found.into_iter().flatten().filter(move |leaf| leaf.access.request_digest == digest)
    }
}
