//! Those who wait until a transaction is final.

use std::collections::{BTreeMap, HashSet, VecDeque};

use gongxin_types::TransactionId;
use tokio::sync::oneshot;

use crate::limits;
use crate::recent::FinalPosition;

/// How waiting ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitOutcome {
    /// It is final, durable in this node's archive.
    Final(FinalPosition),
    /// Its time passed: it can never become final.
    Expired,
    /// The caller's patience ended; nothing is known.
    Timeout,
    /// The node stopped.
    Stopped,
}

/// All who wait, and what expired lately.
#[derive(Default)]
pub(crate) struct Waiters {
    waiting: BTreeMap<TransactionId, Vec<oneshot::Sender<WaitOutcome>>>,
    expired: HashSet<TransactionId>,
    order: VecDeque<TransactionId>,
}

impl Waiters {
    /// Begins to wait.
    pub(crate) fn wait(&mut self, id: TransactionId) -> oneshot::Receiver<WaitOutcome> {
        let (sender, receiver) = oneshot::channel();
        let waiting = self.waiting.entry(id).or_default();
        waiting.retain(|sender| !sender.is_closed());
        waiting.push(sender);
        receiver
    }

    /// Ends the waiting of those whose caller went away.
    pub(crate) fn forget_closed(&mut self) {
        self.waiting.retain(|_, senders| {
            senders.retain(|sender| !sender.is_closed());
            !senders.is_empty()
        });
    }

    /// Tells those who wait for the transactions of a final block.
    pub(crate) fn settle(&mut self, position: FinalPosition, ids: &[TransactionId]) {
        if self.waiting.is_empty() {
            return;
        }
        for (index, id) in ids.iter().enumerate() {
            let Some(senders) = self.waiting.remove(id) else {
                continue;
            };
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            for sender in senders {
                let _ = sender.send(WaitOutcome::Final(FinalPosition { index, ..position }));
            }
        }
    }

    /// Tells those who wait for transactions past their time.
    pub(crate) fn expire(&mut self, ids: &[TransactionId]) {
        for id in ids {
            for sender in self.waiting.remove(id).unwrap_or_default() {
                let _ = sender.send(WaitOutcome::Expired);
            }
            if self.expired.insert(*id) {
                self.order.push_back(*id);
            }
        }
        while self.order.len() > limits::MEMPOOL_TRANSACTIONS_MAX {
            self.order.pop_front().map(|id| self.expired.remove(&id));
        }
    }

    /// Whether a transaction expired lately.
    pub(crate) fn is_expired(&self, id: &TransactionId) -> bool {
        self.expired.contains(id)
    }
}
