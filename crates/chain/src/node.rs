//! What the parts of one node share: waiting transactions, executed blocks, the tip, and those who wait for it.
//!
//! The engine may be stopped and started again beneath it ([`crate::supervisor`]), so nothing here is the engine's.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gongxin_archive::Archive;
use gongxin_types::receipt::{BlockReceipts, Key, Page};
use gongxin_types::{Certificate, Genesis, Header, Height, Time, ValidatorSet};
use tokio::sync::{Notify, Semaphore, mpsc, watch};

use crate::admission::{GossipBatch, Submitted};
use crate::clock::{Clock, Standing, Watch};
use crate::config::{Caps, Pacing, Peer, Role};
use crate::epochs::Epochs;
use crate::execution::Rules;
use crate::feed::Feed;
use crate::findings::Findings;
use crate::holdings::Holdings;
use crate::keeper::Kept;
use crate::ledger;
use crate::limits;
use crate::load::Load;
use crate::mempool::Mempool;
use crate::metrics::Metrics;
use crate::names::Commitment;
use crate::recent::Recent;
use crate::replay::ReplayCache;
use crate::views::{Position, Views};
use crate::waiters::Waiters;

/// A block that was executed and may become final.
pub(crate) struct Executed {
    /// Its height.
    pub(crate) height: u64,
    /// Its receipts.
    pub(crate) receipts: BlockReceipts,
    /// Everything it wrote.
    pub(crate) writes: BTreeMap<Key, Option<Page>>,
    /// Who validates from the next block on, if others than before.
    pub(crate) validators: Option<ValidatorSet>,
}

/// The newest final block this node has archived.
#[derive(Clone, Debug)]
pub(crate) struct Tip {
    /// Its header.
    pub(crate) header: Arc<Header>,
    /// Its own certificate, if it has one.
    pub(crate) certificate: Option<Arc<Certificate>>,
    /// The consensus view that proposed it.
    pub(crate) view: u64,
}

/// One node.
pub(crate) struct Node {
    pub(crate) genesis_header: Header,
    pub(crate) role: Role,
    pub(crate) pacing: Pacing,
    pub(crate) clock: Clock,
    pub(crate) rules: Arc<Rules>,
    pub(crate) archive: Archive,
    pub(crate) epochs: Epochs,
    pub(crate) metrics: Metrics,
    pub(crate) views: Views,
    /// What it has found out about others and itself.
    pub(crate) findings: Findings,
    pub(crate) feed: Feed,
    /// What peers hold of the archive.
    pub(crate) holdings: Holdings,
    /// What the keeper of the archive knows.
    pub(crate) kept: Kept,
    /// Whether this node keeps every block for good.
    pub(crate) keeps_all: bool,
    /// Rung whenever a transaction begins to wait.
    pub(crate) arrivals: Notify,
    pub(crate) tip: watch::Sender<Tip>,
    /// Why this node cannot go on, once that is known.
    broken: Mutex<Option<String>>,
    broke: Notify,
    /// Whether another process votes with this node's key.
    twin: AtomicBool,
    /// Rung when that is found.
    pub(crate) twin_found: Notify,
    /// Whether the state can be read: false during state sync.
    pub(crate) ready: AtomicBool,
    pub(crate) submissions: mpsc::Sender<Submitted>,
    pub(crate) gossip: mpsc::Sender<GossipBatch>,
    /// Searches of the archive that may still begin.
    pub(crate) searches: Arc<Semaphore>,
    mempool: Mutex<Mempool>,
    executed: Mutex<HashMap<Commitment, Arc<Executed>>>,
    certificates: Mutex<Certificates>,
    recent: Mutex<Recent>,
    replay: Mutex<ReplayCache>,
    waiters: Mutex<Waiters>,
    heads: Mutex<VecDeque<Tip>>,
    clock_watch: Mutex<Watch>,
    load: Mutex<Load>,
    /// Where others are reached.
    peers: Mutex<Vec<Peer>>,
    /// How many others there may be while this node runs.
    pub(crate) peers_max: usize,
}

#[derive(Default)]
struct Certificates {
    of: HashMap<Commitment, Arc<Certificate>>,
    order: VecDeque<Commitment>,
}

/// What a node is made of before it runs.
pub(crate) struct Parts {
    pub(crate) genesis: Genesis,
    pub(crate) role: Role,
    pub(crate) pacing: Pacing,
    pub(crate) caps: Caps,
    pub(crate) clock: Clock,
    pub(crate) rules: Rules,
    pub(crate) archive: Archive,
    pub(crate) epochs: Epochs,
    pub(crate) findings: Findings,
    pub(crate) peers: Vec<Peer>,
    pub(crate) recent: Recent,
    pub(crate) tip: Option<Tip>,
    pub(crate) submissions: mpsc::Sender<Submitted>,
    pub(crate) gossip: mpsc::Sender<GossipBatch>,
}

impl Node {
    pub(crate) fn new(parts: Parts) -> Self {
        let genesis_header = ledger::genesis_header(&parts.genesis);
        let first = Tip { header: Arc::new(genesis_header.clone()), certificate: None, view: 0 };
        let mempool = Mempool::new(parts.caps.mempool_transactions, parts.caps.mempool_bytes);
        Self {
            genesis_header,
            role: parts.role,
            pacing: parts.pacing,
            clock: parts.clock,
            rules: Arc::new(parts.rules),
            archive: parts.archive,
            epochs: parts.epochs,
            peers_max: parts.peers.len().saturating_add(limits::PEERS_TO_COME),
            peers: Mutex::new(parts.peers),
            metrics: Metrics::default(),
            views: Views::default(),
            findings: parts.findings,
            feed: Feed::default(),
            holdings: Holdings::default(),
            kept: Kept::default(),
            keeps_all: parts.caps.archive_for.is_none(),
            arrivals: Notify::new(),
            tip: watch::Sender::new(parts.tip.unwrap_or(first)),
            broken: Mutex::default(),
            broke: Notify::new(),
            twin: AtomicBool::new(false),
            twin_found: Notify::new(),
            ready: AtomicBool::new(false),
            heads: Mutex::default(),
            clock_watch: Mutex::default(),
            load: Mutex::default(),
            submissions: parts.submissions,
            gossip: parts.gossip,
            searches: Arc::new(Semaphore::new(limits::SEARCHES_MAX)),
            mempool: Mutex::new(mempool),
            executed: Mutex::default(),
            certificates: Mutex::default(),
            recent: Mutex::new(parts.recent),
            replay: Mutex::default(),
            waiters: Mutex::default(),
        }
    }

    /// Where others are reached.
    pub(crate) fn peers(&self) -> Vec<Peer> {
        locked(&self.peers).clone()
    }

    /// Others are reached elsewhere from now on; those beyond what the engine has room for are left out.
    pub(crate) fn set_peers(&self, mut peers: Vec<Peer>) {
        if peers.len() > self.peers_max {
            tracing::error!(most = self.peers_max, "more peers than may be added while a node runs: start it again");
            peers.truncate(self.peers_max);
        }
        *locked(&self.peers) = peers;
        self.epochs.wake();
    }

    /// Whether this is the digest of a final block, known here, after which the same validators serve.
    pub(crate) fn is_within_epoch(&self, digest: &Commitment) -> bool {
        let heads = locked(&self.heads);
        let found = heads.iter().rev().find(|head| ledger::commitment(head.header.digest()) == *digest);
        found.is_some_and(|head| !head.header.ends_epoch())
    }

    /// The waiting transactions.
    pub(crate) fn mempool(&self) -> MutexGuard<'_, Mempool> {
        locked(&self.mempool)
    }

    /// Where final transactions of the last minutes are.
    pub(crate) fn recent(&self) -> MutexGuard<'_, Recent> {
        locked(&self.recent)
    }

    /// Replay windows as of the tip.
    pub(crate) fn replay(&self) -> MutexGuard<'_, ReplayCache> {
        locked(&self.replay)
    }

    /// How much became final lately.
    pub(crate) fn load(&self) -> MutexGuard<'_, Load> {
        locked(&self.load)
    }

    /// Those who wait for a transaction.
    pub(crate) fn waiters(&self) -> MutexGuard<'_, Waiters> {
        locked(&self.waiters)
    }

    /// Consensus time of the newest final block.
    pub(crate) fn final_time(&self) -> Time {
        self.tip.borrow().header.time
    }

    /// Height of the newest final block.
    pub(crate) fn final_height(&self) -> Height {
        self.tip.borrow().header.height
    }

    /// Publishes the newest final block.
    pub(crate) fn advance(&self, tip: Tip) {
        let mut heads = locked(&self.heads);
        heads.push_back(tip.clone());
        while heads.len() > limits::HEADS_MAX {
            heads.pop_front();
        }
        drop(heads);
        self.tip.send_replace(tip);
    }

    /// The newest final blocks from one that fits on, oldest first; empty if none fits.
    pub(crate) fn heads_from(&self, fits: impl Fn(&Tip) -> bool) -> Vec<Tip> {
        let heads = locked(&self.heads);
        heads.iter().skip_while(|head| !fits(head)).cloned().collect()
    }

    /// Whether this node still catches up with what it hears of consensus.
    pub(crate) fn syncing(&self) -> bool {
        let (Position { epoch, view }, tip) = (self.views.current(), self.tip.borrow());
        let behind = if epoch == tip.header.epoch { view.saturating_sub(tip.view) } else { view };
        drop(tip);
        !self.ready.load(Ordering::Relaxed) || behind > limits::VIEWS_BEHIND_MAX
    }

    /// Takes in what a final block says about this machine's clock; whether it is found to be behind just now.
    pub(crate) fn judge_clock(&self, parent: Time, time: Time) -> bool {
        // Told again of a block after a crash, it would say nothing new.
        if time <= parent {
            return false;
        }
        let following = !self.syncing();
        let mut watch = locked(&self.clock_watch);
        let before = watch.standing();
        let standing = watch.observe(parent, time, self.clock.now(), following);
        drop(watch);
        self.metrics.clock_fault.set(u64::from(standing != Standing::Right));
        let is_news = std::mem::discriminant(&standing) != std::mem::discriminant(&before);
        if let Some(words) = standing.words().filter(|_| is_news) {
            tracing::error!(words, "clock");
        }
        is_news && matches!(standing, Standing::Behind(_))
    }

    /// How this machine's clock stands.
    pub(crate) fn clock_standing(&self) -> Standing {
        locked(&self.clock_watch).standing()
    }

    /// Another process votes with this node's key: seen by a vote in this view, which this node has not come to.
    pub(crate) fn found_twin(&self, position: Position) {
        if !self.twin.swap(true, Ordering::Relaxed) {
            let Position { epoch, view } = position;
            tracing::error!(epoch, view, "another process votes with this validator's key");
        }
        self.twin_found.notify_one();
    }

    /// Whether another process votes with this node's key, in words for an operator.
    pub(crate) fn twin(&self) -> Option<String> {
        let words = "another process votes with this validator's key, so this one does not: end one of the two for good, and then \
                     start the other again";
        self.twin.load(Ordering::Relaxed).then(|| words.to_owned())
    }

    /// Something of this machine failed: the node ends.
    pub(crate) fn breaks(&self, reason: String) {
        locked(&self.broken).get_or_insert(reason);
        self.broke.notify_one();
    }

    /// Resolves to the reason when this node cannot go on.
    pub(crate) async fn broken(&self) -> String {
        loop {
            let reason = locked(&self.broken).take();
            if let Some(reason) = reason {
                return reason;
            }
            self.broke.notified().await;
        }
    }

    /// The clock that was behind has been set right.
    pub(crate) fn forgive_clock(&self) {
        locked(&self.clock_watch).forgive();
        self.metrics.clock_fault.set(0);
    }

    /// Remembers an executed block until it is final or overtaken.
    #[expect(clippy::disallowed_methods, reason = "a block that is forgotten is executed again, whichever it was")]
    pub(crate) fn remember(&self, digest: Commitment, executed: Executed) {
        let mut all = locked(&self.executed);
        if all.len() >= limits::EXECUTED_BLOCKS_MAX {
            let oldest = all.iter().min_by_key(|(_, block)| block.height).map(|(digest, _)| *digest);
            oldest.map(|digest| all.remove(&digest));
        }
        all.insert(digest, Arc::new(executed));
    }

    /// An executed block.
    pub(crate) fn executed(&self, digest: &Commitment) -> Option<Arc<Executed>> {
        locked(&self.executed).get(digest).cloned()
    }

    /// Forgets executed blocks up to a height.
    pub(crate) fn forget(&self, height: u64) {
        locked(&self.executed).retain(|_, block| block.height > height);
    }

    /// Keeps a certificate until its block is archived.
    pub(crate) fn keep_certificate(&self, digest: Commitment, certificate: Certificate) {
        let mut all = locked(&self.certificates);
        if all.of.insert(digest, Arc::new(certificate)).is_none() {
            all.order.push_back(digest);
        }
        while all.order.len() > limits::EXECUTED_BLOCKS_MAX * 4 {
            let oldest = all.order.pop_front();
            oldest.map(|digest| all.of.remove(&digest));
        }
    }

    /// A certificate seen lately.
    pub(crate) fn certificate(&self, digest: &Commitment) -> Option<Arc<Certificate>> {
        locked(&self.certificates).of.get(digest).cloned()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic elsewhere stops the node; until then the data is as consistent as a completed method leaves it.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
