//! What the program holds of a running node. No name of the engine appears here.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use gongxin_types::genesis::ConsensusKey;
use gongxin_types::receipt::Key;
use gongxin_types::{EpochChange, FinalizedBlock, Header, Height, Time, TransactionId};
use tokio::sync::{mpsc, oneshot, watch};

use crate::admission::{Answer, SubmitError, Submitted, busy};
use crate::clock::Standing;
use crate::config::{Peer, Role};
use crate::feed::Final;
use crate::findings::{self, Found};
use crate::keeper;
use crate::ledger;
use crate::machine::{self, Thread};
use crate::metrics;
use crate::node::{Node, Tip};
use crate::questions::{ProofError, Question, StateProof};
use crate::recent::{self, FinalPosition};
use crate::supervisor::{StopReason, Verdict};
use crate::waiters::WaitOutcome;

/// A running node; clones speak of the same one. It stops when [`Handle::stop`] is called or the last clone is dropped.
#[derive(Clone)]
pub struct Handle(Arc<Inner>);

struct Inner {
    node: Arc<Node>,
    key: [u8; 32],
    questions: mpsc::Sender<Question>,
    stop: watch::Sender<bool>,
    verdict: Verdict,
    thread: Thread,
}

/// What a node knows of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionState {
    /// Nothing: never seen, or final longer ago than ten minutes.
    Unknown,
    /// It waits for a block.
    Pending,
    /// It is final.
    Final(FinalPosition),
    /// It waited here until its time passed.
    Expired,
}

/// How the archive of a node stands.
#[derive(Clone, Debug, Default)]
pub struct ArchiveStatus {
    /// Lowest height from which on every block is here; none before the first block.
    pub first: Option<Height>,
    /// Whether every block is kept for good.
    pub keeps_all: bool,
    /// Other validators that say they hold every block and keep it.
    pub full_elsewhere: usize,
    /// So many must before a node drops anything: one more than may fail or lie.
    pub full_needed: usize,
    /// Height of the newest snapshot here.
    pub snapshot: Option<Height>,
    /// Why nothing is dropped though the operator wants it, if so.
    pub waits: Option<String>,
}

/// How a node is doing.
#[derive(Clone, Debug)]
pub struct Status {
    /// Height of the newest final block archived here.
    pub height: Height,
    /// Highest consensus view seen.
    pub view: u64,
    /// Which validator set serves.
    pub epoch: u64,
    /// Whether this node proposed last, as far as it knows.
    pub leader: bool,
    /// Key of who proposed last.
    pub leader_key: Option<[u8; 32]>,
    /// This node's key.
    pub key: [u8; 32],
    /// Peers heard in the last seconds.
    pub peers_seen: usize,
    /// Their keys, in order.
    pub heard: Vec<[u8; 32]>,
    /// Transactions waiting.
    pub mempool_transactions: usize,
    /// Their bytes.
    pub mempool_bytes: usize,
    /// Whether it still catches up.
    pub syncing: bool,
    /// Whether it may vote.
    pub voting: bool,
    /// Why it does not, in words for an operator.
    pub not_voting: Option<String>,
    /// Proven faults of validators that it has seen since its start.
    pub faults: u64,
    /// The time of day by its clock.
    pub clock: Time,
    /// Whether final blocks contradict this machine's clock.
    pub clock_fault: bool,
    /// What it was started as.
    pub role: Role,
    /// The newest final header; none before the first block.
    pub last_final: Option<Header>,
    /// What it has of the archive.
    pub archive: ArchiveStatus,
}

impl Handle {
    pub(crate) fn new(
        node: Arc<Node>,
        key: [u8; 32],
        questions: mpsc::Sender<Question>,
        stop: watch::Sender<bool>,
        verdict: Verdict,
        thread: Thread,
    ) -> Self {
        Self(Arc::new(Inner { node, key, questions, stop, verdict, thread }))
    }

    /// Hands in the canonical bytes of a transaction; the answer comes after its signatures were checked.
    ///
    /// # Errors
    /// See [`SubmitError`]; nothing of a refused transaction is kept.
    pub async fn submit(&self, bytes: impl Into<Bytes>) -> Answer {
        let (reply, answer) = oneshot::channel();
        let submitted = Submitted { bytes: bytes.into(), reply };
        if let Err(error) = self.0.node.submissions.try_send(submitted) {
            self.0.node.metrics.busy_total.add(1);
            return Err(match error {
                mpsc::error::TrySendError::Full(_) => busy(),
                mpsc::error::TrySendError::Closed(_) => SubmitError::Stopped,
            });
        }
        tokio::select! {
            biased;
            answer = answer => answer.unwrap_or_else(|_| Err(busy())),
            _ = self.0.verdict.clone() => Err(SubmitError::Stopped),
        }
    }

    /// Reaches others where these say from now on, at most [`crate::limits::PEERS_TO_COME`] more than at the start: a member
    /// who joins is let in by those who serve, without any of them starting again.
    pub fn set_peers(&self, peers: Vec<Peer>) {
        self.0.node.set_peers(peers);
    }

    /// The changes of the validator set that this node knows, oldest first.
    pub fn epoch_changes(&self) -> Vec<EpochChange> {
        self.0.node.epochs.changes()
    }

    /// Waits until a transaction is final and in this node's archive, until it expires here, or for `patience`.
    pub async fn wait_final(&self, id: TransactionId, patience: Duration) -> WaitOutcome {
        let waiting = self.0.node.waiters().wait(id);
        // Registered first, looked up second: what becomes final in between is seen by one of the two.
        if let Some(position) = self.recent(id) {
            return WaitOutcome::Final(position);
        }
        if self.0.node.waiters().is_expired(&id) {
            return WaitOutcome::Expired;
        }
        tokio::select! {
            biased;
            outcome = waiting => outcome.unwrap_or(WaitOutcome::Stopped),
            () = self.0.node.clock.sleep(patience) => WaitOutcome::Timeout,
            _ = self.0.verdict.clone() => WaitOutcome::Stopped,
        }
    }

    /// What this node knows of a transaction of the last ten minutes.
    pub fn transaction(&self, id: TransactionId) -> TransactionState {
        // Looked up in this order, and final first: a block is published a moment before its transactions stop waiting.
        let pending = self.0.node.mempool().get(&id).is_some();
        match self.recent(id) {
            Some(position) => TransactionState::Final(position),
            None if pending => TransactionState::Pending,
            None if self.0.node.waiters().is_expired(&id) => TransactionState::Expired,
            None => TransactionState::Unknown,
        }
    }

    /// A final block with its receipts.
    pub async fn block(&self, height: Height) -> Option<Arc<FinalizedBlock>> {
        self.archived(height).await?.block()
    }

    /// The canonical bytes of a final block, as archived.
    pub async fn block_bytes(&self, height: Height) -> Option<Bytes> {
        Some(self.archived(height).await?.bytes.clone())
    }

    /// The heights whose blocks are here without a gap, if there are any: the first is 1 except after a state
    /// sync or a restore, until what lies below was fetched, and where older blocks were dropped.
    pub fn archive_range(&self) -> Option<(Height, Height)> {
        let extent = self.0.node.archive.extent()?;
        Some((Height::new(extent.first), Height::new(extent.last)))
    }

    /// Final blocks from a height on, then live.
    pub fn subscribe(&self, from: Height) -> Subscription {
        let next = from.max(Height::GENESIS.next());
        Subscription { handle: self.clone(), next, tip: self.0.node.tip.subscribe() }
    }

    /// A proof of a page of the state, or of its absence, against a certified header of the present.
    ///
    /// # Errors
    /// See [`ProofError`].
    pub async fn state_proof(&self, key: Key) -> Result<StateProof, ProofError> {
        let (reply, answer) = oneshot::channel();
        self.0.questions.try_send(Question::Proof(key, reply)).map_err(|_| ProofError::Unavailable)?;
        answer.await.unwrap_or(Err(ProofError::Unavailable))
    }

    /// How the node is doing.
    pub fn status(&self) -> Status {
        let node = &self.0.node;
        let load = node.mempool().load();
        let header = node.tip.borrow().header.clone();
        let leader_key = node.views.leader().map(|leader| ledger::key_bytes(&leader));
        let heard = node.views.heard_of(node.clock.steady());
        let not_voting = self.not_voting();
        Status {
            height: header.height,
            view: node.views.current().view,
            epoch: node.epochs.reached(),
            leader: leader_key == Some(self.0.key),
            leader_key,
            key: self.0.key,
            peers_seen: heard.len(),
            heard: heard.iter().map(ledger::key_bytes).collect(),
            mempool_transactions: load.transactions,
            mempool_bytes: load.bytes,
            syncing: node.syncing(),
            voting: not_voting.is_none(),
            not_voting,
            faults: node.metrics.faults_total.get(),
            clock: node.clock.now(),
            clock_fault: node.metrics.clock_fault.get() == 1,
            role: node.role,
            last_final: (header.height > Height::GENESIS).then(|| (*header).clone()),
            archive: self.archive(),
        }
    }

    fn archive(&self) -> ArchiveStatus {
        let node = &self.0.node;
        let (full_elsewhere, full_needed) = keeper::full_archives(node, &self.0.key);
        ArchiveStatus {
            first: node.archive.extent().map(|extent| Height::new(extent.first)),
            keeps_all: node.keeps_all,
            full_elsewhere,
            full_needed,
            snapshot: node.kept.snapshot().map(Height::new),
            waits: node.kept.waits(),
        }
    }

    /// What this node has found out about others and itself, for its organization.
    pub fn findings(&self) -> Found {
        findings::found(&self.0.node, ConsensusKey(self.0.key))
    }

    /// Why this node does not vote, if it does not: what an operator can do about it, or what it waits for.
    fn not_voting(&self) -> Option<String> {
        let node = &self.0.node;
        let twin = node.twin().filter(|_| node.role == Role::Validator);
        if twin.is_some() {
            return twin;
        }
        let words = match (node.role, node.clock_standing(), node.metrics.voting.get()) {
            (Role::Follower, ..) => "it was started to follow only".to_owned(),
            (Role::Validator, standing @ Standing::Behind(_), _) => standing.words()?,
            (Role::Validator, _, 1) if node.ready.load(Ordering::Relaxed) => return None,
            (Role::Validator, _, 1) => "it reads its state, or fetches one".to_owned(),
            (Role::Validator, ..) if !self.serves() => {
                let epoch = node.epochs.reached();
                format!("it is not among the validators of epoch {epoch}: it follows, and votes once members vote it in")
            }
            (Role::Validator, ..) => {
                "it was wiped or restored and may have forgotten votes: it follows until it has seen a finalization above \
                 what more than two thirds of its peers report"
                    .to_owned()
            }
        };
        Some(words)
    }

    /// Whether this node is a validator of the epoch that serves.
    fn serves(&self) -> bool {
        let epochs = &self.0.node.epochs;
        let own = ledger::node_key(&self.0.key);
        let validators = epochs.validators(epochs.reached());
        own.zip(validators).is_some_and(|(own, validators)| validators.position(&own).is_some())
    }

    /// Whether this node takes part as it should.
    ///
    /// # Errors
    /// Why not, and what to do about it, for an operator.
    pub fn ready(&self) -> Result<(), String> {
        let node = &self.0.node;
        match (node.clock_standing().words().or_else(|| node.twin()), node.final_height(), node.syncing()) {
            (Some(words), ..) => Err(words),
            (None, Height::GENESIS, _) => Err("no block is final yet".to_owned()),
            (None, _, true) => Err("still catching up".to_owned()),
            (None, _, false) => Ok(()),
        }
    }

    /// This node's metrics, Prometheus text.
    pub fn metrics(&self) -> String {
        metrics::render(&self.0.node)
    }

    /// The engine's own metrics, Prometheus text: for those who look into it.
    pub async fn engine_metrics(&self) -> Option<String> {
        let (reply, answer) = oneshot::channel();
        self.0.questions.try_send(Question::Metrics(reply)).ok()?;
        answer.await.ok()
    }

    /// Waits until the node has ended.
    ///
    /// # Errors
    /// Why it ended, if nobody asked it to.
    pub async fn wait(&self) -> Result<(), StopReason> {
        self.0.verdict.clone().await
    }

    /// Stops the node in order and waits until it has ended.
    pub async fn stop(&self) {
        self.0.stop.send_replace(true);
        let _ = self.wait().await;
        self.0.thread.join().await;
    }

    fn recent(&self, id: TransactionId) -> Option<FinalPosition> {
        recent::remembered(&self.0.node, &id)
    }

    async fn archived(&self, height: Height) -> Option<Arc<Final>> {
        if let Some(block) = self.0.node.feed.get(height) {
            return Some(block);
        }
        let node = Arc::clone(&self.0.node);
        let read = machine::blocking(move || node.archive.get(height.get())).await?;
        match read {
            Ok(bytes) => bytes.map(|bytes| Arc::new(Final::new(height, bytes.into()))),
            Err(error) => {
                tracing::error!(%error, %height, "an archived block cannot be read");
                None
            }
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

/// Final blocks in order, pulled one by one: a slow reader costs the node nothing and misses nothing.
pub struct Subscription {
    handle: Handle,
    next: Height,
    tip: watch::Receiver<Tip>,
}

impl Subscription {
    /// The next final block; waits for it. `None` when the node stopped or does not have the block.
    pub async fn next(&mut self) -> Option<Arc<FinalizedBlock>> {
        self.advance().await?.block()
    }

    /// The next final block as archived bytes, with its height.
    pub async fn next_bytes(&mut self) -> Option<(Height, Bytes)> {
        let block = self.advance().await?;
        Some((block.height, block.bytes.clone()))
    }

    async fn advance(&mut self) -> Option<Arc<Final>> {
        let next = self.next;
        let verdict = self.handle.0.verdict.clone();
        tokio::select! {
            biased;
            reached = self.tip.wait_for(|tip| tip.header.height >= next) => { reached.ok()?; }
            _ = verdict => return None,
        }
        let block = self.handle.archived(next).await?;
        self.next = next.next();
        Some(block)
    }
}
