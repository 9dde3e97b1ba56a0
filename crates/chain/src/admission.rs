//! The way of a transaction into the mempool: read, told from duplicates, checked, in batches, off the consensus path.
//!
//! Organizations in turn ([`crate::backlog`]): a flood of one holds up nobody else. Submissions and gossip go the same way; only submissions get an answer, and only what was submitted here is spread.
//! Every step before the signature is cheaper than the signature, so a flood of junk costs little.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use commonware_runtime::{Spawner as _, Supervisor as _};
use gongxin_types::receipt::{Key, Page};
use gongxin_types::{Height, Transaction, TransactionId};
use tokio::sync::{mpsc, oneshot};

use crate::backlog::Backlog;
use crate::databases::{Databases, PageKey};
use crate::execution;
use crate::limits;
use crate::mempool::{Checked, Inserted, Slot};
use crate::names::Runtime;
use crate::node::Node;
use crate::planted::Bug;
use crate::recent::{self, FinalPosition};
use crate::rules::{self, Freshness, Inadmissible};
use crate::signatures;

/// What became of a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Submission {
    /// The transaction's identifier.
    pub id: TransactionId,
    /// Where it is now.
    pub state: SubmissionState,
}

/// Where a submitted transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubmissionState {
    /// It waits for a block.
    Accepted,
    /// The same bytes were waiting already.
    AlreadyPending,
    /// It became final before.
    AlreadyFinal(FinalPosition),
}

/// Why a submission was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// No room now; nothing was kept.
    #[error("the validator is busy, try again in {retry_after_ms} ms")]
    Busy {
        /// When to try again.
        retry_after_ms: u64,
    },
    /// It can never become final.
    #[error("the transaction is invalid: {reason}")]
    Invalid {
        /// Why.
        reason: String,
    },
    /// Its key is not its sender's, as of the latest block here; it may have been registered in the one that comes.
    #[error("its key is not registered for its sender")]
    UnknownKey,
    /// Another body used its sequence number, or the number is older than the window.
    #[error("its sequence number was used by another transaction or is too old")]
    Conflict,
    /// The node stopped.
    #[error("the validator is stopping")]
    Stopped,
}

/// The answer to a submission.
pub(crate) type Answer = Result<Submission, SubmitError>;

/// Bytes handed in by a client.
pub(crate) struct Submitted {
    pub(crate) bytes: Bytes,
    pub(crate) reply: oneshot::Sender<Answer>,
}

/// Bytes of several transactions from a peer.
pub(crate) struct GossipBatch {
    pub(crate) transactions: Vec<Bytes>,
}

const WRONG_SIGNATURE: &str = "a signature in it is wrong";

/// A busy answer.
pub(crate) fn busy() -> SubmitError {
    SubmitError::Busy { retry_after_ms: limits::RETRY_AFTER_MS }
}

struct Candidate {
    checked: Arc<Checked>,
    reply: Option<oneshot::Sender<Answer>>,
}

impl Candidate {
    fn answer(self, answer: Answer) {
        if let Some(reply) = self.reply {
            // The client may have gone away.
            let _ = reply.send(answer);
        }
    }

    fn state(self, state: SubmissionState) {
        let id = self.checked.id;
        self.answer(Ok(Submission { id, state }));
    }
}

/// The queues that admission empties.
pub(crate) struct Queues {
    pub(crate) submitted: mpsc::Receiver<Submitted>,
    pub(crate) gossip: mpsc::Receiver<GossipBatch>,
}

/// Admits transactions until the node stops.
pub(crate) async fn run(
    runtime: Runtime,
    node: Arc<Node>,
    databases: Databases,
    queues: Arc<tokio::sync::Mutex<Queues>>,
    spread: mpsc::Sender<Arc<Checked>>,
) {
    let mut queues = queues.lock().await;
    let mut backlog = Backlog::default();
    loop {
        let Some(arrived) = gather(&mut queues, backlog.is_empty()).await else {
            return;
        };
        for candidate in read(&runtime, &node, arrived).await {
            let (organization, bytes) =
                (candidate.checked.transaction.body.sender.organization.clone(), candidate.checked.bytes.len());
            if let Err(candidate) = backlog.push(&organization, bytes, candidate) {
                node.metrics.busy_total.add(1);
                candidate.answer(Err(busy()));
            }
        }
        let candidates = backlog.take(limits::ADMISSION_BATCH_MAX);
        let fresh = sift(&runtime, &node, &databases, candidates).await;
        admit(&runtime, &node, fresh, &spread).await;
    }
}

/// What one round of admission takes.
struct Arrived {
    submitted: Vec<Submitted>,
    gossip: Vec<Bytes>,
}

/// Waits for the first arrival if that is asked for, then takes along what waits in either queue: under load batches grow by
/// themselves, and a signature in a large batch costs half of one in a small batch. Nothing when the node stops.
async fn gather(queues: &mut Queues, waits: bool) -> Option<Arrived> {
    let Queues { submitted, gossip } = queues;
    let mut arrived = Arrived { submitted: Vec::new(), gossip: Vec::new() };
    if waits {
        tokio::select! {
            // Whichever comes first; then both are emptied in turn.
            biased;
            first = submitted.recv() => arrived.submitted.push(first?),
            first = gossip.recv() => arrived.gossip.extend(first?.transactions),
        }
    }
    // In turn, so that neither clients nor peers can shut the other out.
    while arrived.submitted.len() + arrived.gossip.len() < limits::ADMISSION_READ_MAX {
        let own = submitted.try_recv().map(|one| arrived.submitted.push(one)).is_ok();
        let peers = gossip.try_recv().map(|batch| arrived.gossip.extend(batch.transactions)).is_ok();
        if !own && !peers {
            break;
        }
    }
    Some(arrived)
}

/// Decodes what came in; what is not a transaction is answered here.
async fn read(runtime: &Runtime, node: &Arc<Node>, arrived: Arrived) -> Vec<Candidate> {
    let suite = node.rules.suite;
    let node = Arc::clone(node);
    let task = runtime.child("decode").shared(true).spawn(move |_| async move {
        let now = node.clock.steady();
        let own = arrived.submitted.into_iter().map(|one| (one.bytes, Some(one.reply)));
        let peers = arrived.gossip.into_iter().map(|bytes| (bytes, None));
        let mut candidates = Vec::new();
        for (bytes, reply) in own.chain(peers) {
            match Transaction::from_bytes(&bytes) {
                Ok(transaction) => {
                    let (id, weight, origin) = (transaction.id(suite), rules::weight(&transaction), reply.is_some());
                    let checked = Arc::new(Checked { id, bytes, transaction, weight, arrived: now, origin });
                    candidates.push(Candidate { checked, reply });
                }
                Err(error) => {
                    node.metrics.rejected_transactions_total.add(1);
                    if let Some(reply) = reply {
                        let _ = reply.send(Err(SubmitError::Invalid { reason: error.to_string() }));
                    }
                }
            }
        }
        candidates
    });
    task.await.unwrap_or_default()
}

/// Answers duplicates, conflicts and the inadmissible; what is left is new.
async fn sift(
    runtime: &Runtime,
    node: &Arc<Node>,
    databases: &Databases,
    candidates: Vec<Candidate>,
) -> Vec<Candidate> {
    let mut fresh = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        let checked = &candidate.checked;
        let known = {
            let mempool = node.mempool();
            let holder = mempool.holder(&Slot::of(&checked.transaction));
            (mempool.get(&checked.id).is_some(), holder.is_some_and(|holder| holder != checked.id))
        };
        match known {
            (true, _) => candidate.state(SubmissionState::AlreadyPending),
            (false, true) => candidate.answer(Err(SubmitError::Conflict)),
            (false, false) => {
                let inadmissible = inadmissible(node, &checked.transaction);
                if let Some(reason) = inadmissible.as_ref().filter(|reason| !matches!(reason, Inadmissible::Expired(_)))
                {
                    reject(node, candidate, invalid(reason));
                    continue;
                }
                let used = freshness(node, databases, &checked.transaction).await != Freshness::Fresh;
                match (used, inadmissible) {
                    // Whether it was final comes first: a resent transaction may be past its time by now.
                    (true, expired) => answer_used(runtime, node, candidate, expired.map(|reason| reason.to_string())),
                    // What became final used its number: this one did not.
                    (false, Some(reason)) => reject(node, candidate, invalid(reason)),
                    (false, None) if is_registered(node, databases, &checked.transaction).await => {
                        fresh.push(candidate)
                    }
                    (false, None) => reject(node, candidate, SubmitError::UnknownKey),
                }
            }
        }
    }
    fresh
}

/// Tells a client what became of a transaction whose sequence is used: it is final, or another one is.
///
/// Blocks are searched only for those who signed what they ask about, a few at a time, and beside admission: the search
/// reads files, and everyone knows the keys and numbers of what is final.
fn answer_used(runtime: &Runtime, node: &Arc<Node>, candidate: Candidate, expired: Option<String>) {
    if candidate.reply.is_none() {
        return;
    }
    let Ok(turn) = Arc::clone(&node.searches).try_acquire_owned() else {
        node.metrics.busy_total.add(1);
        candidate.answer(Err(busy()));
        return;
    };
    let node = Arc::clone(node);
    node.metrics.verified_signatures_total.add(1);
    runtime.child("locate").shared(true).spawn(move |_| async move {
        let transaction = &candidate.checked.transaction;
        let is_signed = signatures::check_each(&node.rules, [transaction]).into_iter().all(|good| good);
        let found = is_signed.then(|| recent::locate(&node, &candidate.checked.id, transaction.body.valid_until));
        match (found, expired) {
            (None, _) => reject(&node, candidate, invalid(WRONG_SIGNATURE)),
            (Some(Some(position)), _) => candidate.state(SubmissionState::AlreadyFinal(position)),
            (Some(None), Some(reason)) => reject(&node, candidate, invalid(reason)),
            (Some(None), None) => candidate.answer(Err(SubmitError::Conflict)),
        }
        drop(turn);
    });
}

fn invalid(reason: impl fmt::Display) -> SubmitError {
    SubmitError::Invalid { reason: reason.to_string() }
}

/// Tells a client that a transaction is no good.
fn reject(node: &Node, candidate: Candidate, error: SubmitError) {
    node.metrics.rejected_transactions_total.add(1);
    candidate.answer(Err(error));
}

/// Why a transaction could not stand in the next block, by itself; no state is read for it.
fn inadmissible(node: &Node, transaction: &Transaction) -> Option<Inadmissible> {
    let context = execution::context(&node.rules, node.final_height().next(), node.final_time());
    rules::admissible(transaction, &context).err()
}

/// Whether its key is its sender's. Before the first block nothing is registered in the state yet, but in genesis.
async fn is_registered(node: &Node, databases: &Databases, transaction: &Transaction) -> bool {
    let key = rules::sender_key(&transaction.body.sender);
    let page = match node.final_height() == Height::GENESIS {
        true => node.rules.genesis.get(&key).copied(),
        false => page(node, databases, key).await,
    };
    rules::is_registered(page.as_ref(), &transaction.body.sender)
}

/// Whether a sequence number is unused as of the tip.
async fn freshness(node: &Node, databases: &Databases, transaction: &Transaction) -> Freshness {
    if node.rules.planted.has(Bug::DoubleExecution) {
        return Freshness::Fresh;
    }
    let page = page(node, databases, rules::replay_key(transaction)).await;
    rules::freshness(page.as_ref(), transaction)
}

/// A page of the state as of the tip, through the cache.
async fn page(node: &Node, databases: &Databases, key: Key) -> Option<Page> {
    let cached = node.replay().get(&key);
    if let Some(page) = cached {
        return page;
    }
    let database = databases.0.read().await;
    // A failed read fails the engine too; here the page simply counts as absent.
    let page = database.get(&PageKey::from(key.key)).await.ok().flatten().map(Page);
    // Cached under the read lock: a block applied later updates it.
    node.replay().insert(key, page);
    page
}

/// Verifies signatures in one batch, and lets the good ones wait.
async fn admit(runtime: &Runtime, node: &Arc<Node>, fresh: Vec<Candidate>, spread: &mpsc::Sender<Arc<Checked>>) {
    if fresh.is_empty() {
        return;
    }
    let rules = Arc::clone(&node.rules);
    node.metrics.verified_signatures_total.add(fresh.len() as u64);
    let checked: Vec<Arc<Checked>> = fresh.iter().map(|candidate| Arc::clone(&candidate.checked)).collect();
    let task = runtime.child("signatures").shared(true).spawn(move |_| async move {
        signatures::check_each(&rules, checked.iter().map(|checked| &checked.transaction))
    });
    let verdicts = task.await.unwrap_or_default();
    for (candidate, good) in fresh.into_iter().zip(verdicts) {
        if !good {
            reject(node, candidate, invalid(WRONG_SIGNATURE));
            continue;
        }
        let checked = Arc::clone(&candidate.checked);
        let position = node.recent().find(&checked.id);
        if let Some(position) = position {
            candidate.state(SubmissionState::AlreadyFinal(position));
            continue;
        }
        let inserted = node.mempool().insert(Arc::clone(&checked));
        match inserted {
            Inserted::New => {
                node.arrivals.notify_waiters();
                if checked.origin {
                    // A full queue of gossip is made good by the later resend.
                    let _ = spread.try_send(checked);
                }
                candidate.state(SubmissionState::Accepted);
            }
            Inserted::Known => candidate.state(SubmissionState::AlreadyPending),
            Inserted::Conflict => candidate.answer(Err(SubmitError::Conflict)),
            Inserted::Full => {
                node.metrics.busy_total.add(1);
                candidate.answer(Err(busy()));
            }
        }
    }
}
