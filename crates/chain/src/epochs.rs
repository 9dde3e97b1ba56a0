//! Epochs: who validates at which height, as far as this node knows.
//!
//! **Promise.** Nothing is believed here that the validators of the epoch before did not sign ([`gongxin_verify`]); what
//! is known is on disk, in the file `epochs`, before a block of the new epoch is. A node may know of epochs that it has
//! not reached: it needs them to verify what peers who are ahead send.
//!
//! The engine asks two things: whose votes count in an epoch ([`Provider`]), and where an epoch ends ([`Epocher`]). An
//! epoch ends with the block whose header announces other validators. Until such a block is final, one that was executed
//! counts as the end for the while: the engine proposes it again and builds nothing on it.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use commonware_consensus::types::{Epoch, EpochInfo, Epocher, Height as EngineHeight};
use commonware_cryptography::certificate::{Provider, Scoped};
use commonware_cryptography::ed25519;
use commonware_utils::ordered::Set;
use gongxin_types::genesis::ConsensusKey;
use gongxin_types::{EpochChange, FaultEvidence, Genesis, Header, codec};
use gongxin_verify::TrustedNetwork;
use gongxin_verify::epoch_change::EpochChangeError;
use gongxin_verify::fault::FaultError;
use tokio::sync::Notify;

use crate::directory::{self, DirectoryError};
use crate::ledger;
use crate::names::{NodeKey, Scheme};

/// Name of the file in the data directory.
pub(crate) const FILE: &str = "epochs";
/// Where an epoch ends that has no end yet.
const OPEN: u64 = u64::MAX - 1;

/// What a node knows of epochs; clones speak of the same.
#[derive(Clone)]
pub(crate) struct Epochs(Arc<Inner>);

struct Inner {
    directory: PathBuf,
    namespace: Vec<u8>,
    line: Mutex<Line>,
    /// The epoch of the next block here.
    reached: AtomicU64,
    /// Rung when an epoch was reached, or one became known.
    news: Notify,
}

struct Line {
    trusted: TrustedNetwork,
    changes: Vec<EpochChange>,
    schemes: BTreeMap<u64, Arc<Scheme>>,
    /// The height of an executed block that ends the newest epoch if it becomes final.
    ending: Option<u64>,
}

/// Why the line of epochs cannot be read or continued.
#[derive(Debug, thiserror::Error)]
pub enum EpochsError {
    /// The file cannot be read or written.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The file is not what this network's validators signed.
    #[error("file `{path}` is damaged or another network's: move it away, and the node learns the epochs from its peers", path = .0.display())]
    Damaged(PathBuf),
    /// A key among the validators is none.
    #[error("a key among the validators is not an Ed25519 key")]
    Key,
}

/// The changes of the validators that a data directory knows, oldest first, each signed by the validators before it; none
/// where there is no such directory. Nothing is written.
///
/// # Errors
/// When they cannot be read, or are not what this network's validators signed.
pub fn epoch_changes(directory: &Path, genesis: &Genesis) -> Result<Vec<EpochChange>, EpochsError> {
    Epochs::load(directory, genesis).map(|epochs| epochs.changes())
}

impl Epochs {
    /// Reads what is known in this directory.
    pub(crate) fn load(directory: &Path, genesis: &Genesis) -> Result<Self, EpochsError> {
        let path = directory.join(FILE);
        let damaged = || EpochsError::Damaged(path.clone());
        let known: Vec<EpochChange> = match std::fs::read(&path) {
            Ok(bytes) => codec::decode("epoch changes", &bytes).map_err(|_| damaged())?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(source) => return Err(DirectoryError::Io { action: "read", path, source }.into()),
        };
        let namespace = ledger::vote_namespace(genesis);
        let trusted = TrustedNetwork::from_head(&genesis.head);
        let mut line = Line { trusted, changes: Vec::new(), schemes: BTreeMap::new(), ending: None };
        line.learn_scheme(&namespace, 0)?;
        for change in known {
            line.trusted.follow(&change).map_err(|_| damaged())?;
            line.learn_scheme(&namespace, change.epoch())?;
            line.changes.push(change);
        }
        Ok(Self(Arc::new(Inner {
            directory: directory.to_path_buf(),
            namespace,
            line: Mutex::new(line),
            reached: AtomicU64::new(0),
            news: Notify::new(),
        })))
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.0.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The newest epoch whose validators are known.
    pub(crate) fn newest(&self) -> u64 {
        self.line().changes.len() as u64
    }

    /// The epoch of the next block here.
    pub(crate) fn reached(&self) -> u64 {
        self.0.reached.load(Ordering::Relaxed)
    }

    /// The next block is of this epoch.
    pub(crate) fn reach(&self, epoch: u64) {
        if self.0.reached.fetch_max(epoch, Ordering::Relaxed) < epoch {
            self.0.news.notify_one();
        }
    }

    /// Has whoever waits for news look again.
    pub(crate) fn wake(&self) {
        self.0.news.notify_one();
    }

    /// Resolves when something became known or was reached since it was asked last.
    pub(crate) async fn news(&self) {
        self.0.news.notified().await;
    }

    /// The change with which an epoch ended, if it is known.
    pub(crate) fn end_of(&self, epoch: u64) -> Option<EpochChange> {
        self.line().changes.get(usize::try_from(epoch).ok()?).cloned()
    }

    /// All changes that are known, oldest first.
    pub(crate) fn changes(&self) -> Vec<EpochChange> {
        self.line().changes.clone()
    }

    /// The last block before an epoch, which every vote of it builds on; none for the first epoch.
    pub(crate) fn before(&self, epoch: u64) -> Option<EpochChange> {
        self.end_of(epoch.checked_sub(1)?)
    }

    /// The validators of an epoch, in their order; none while they are not known.
    pub(crate) fn validators(&self, epoch: u64) -> Option<Set<NodeKey>> {
        self.line().keys(epoch)
    }

    /// The key of the validator at a place of an epoch's set; none while they are not known.
    pub(crate) fn key_of(&self, epoch: u64, place: u32) -> Option<ConsensusKey> {
        let place = usize::try_from(place).ok()?;
        self.line().trusted.set(epoch)?.validators.get(place).map(|validator| validator.key)
    }

    /// Checks what validators are said to have signed, with those that are known; the keys that it convicts.
    ///
    /// # Errors
    /// See [`FaultError`].
    pub(crate) fn check(&self, evidence: &FaultEvidence) -> Result<Vec<ConsensusKey>, FaultError> {
        gongxin_verify::fault::check(&self.line().trusted, evidence)
    }

    /// A scheme that votes with this key, if it is one of the epoch's validators; otherwise one that only verifies.
    pub(crate) fn scheme_of(&self, epoch: u64, voter: Option<ed25519::PrivateKey>) -> Option<Scheme> {
        let validators = self.validators(epoch)?;
        let verifier = || Scheme::verifier(&self.0.namespace, validators.clone());
        let signer = voter.and_then(|key| Scheme::signer(&self.0.namespace, validators.clone(), key));
        Some(signer.unwrap_or_else(verifier))
    }

    /// Takes in the change with which the newest known epoch ended; false if it is known already. On disk when this
    /// returns.
    ///
    /// # Errors
    /// When it is not believed, or not the next, or cannot be written.
    pub(crate) fn learn(&self, change: &EpochChange) -> Result<bool, LearnError> {
        let mut line = self.line();
        let next = line.changes.len() as u64 + 1;
        if change.epoch() < next {
            return Ok(false);
        }
        if change.epoch() > next {
            let (epoch, before) = (change.epoch(), change.header.epoch);
            return Err(EpochChangeError::Missing { epoch, before }.into());
        }
        line.trusted.follow(change)?;
        line.learn_scheme(&self.0.namespace, change.epoch())?;
        line.changes.push(change.clone());
        line.ending = None;
        let written = directory::write_durably(&self.0.directory, FILE, &codec::encode(&line.changes));
        written.map_err(EpochsError::from)?;
        drop(line);
        self.0.news.notify_one();
        Ok(true)
    }

    /// A block was executed, or is built on: if it ends the newest epoch, that ends with it for the while; if it does not,
    /// the epoch goes on, whatever another block at its height said before. Blocks of an epoch whose end is known say
    /// nothing: a node that catches up executes them when it knows later epochs already.
    pub(crate) fn executed(&self, header: &Header) {
        let (mut line, height) = (self.line(), header.height.get());
        if header.epoch == line.changes.len() as u64 {
            if header.ends_epoch() {
                line.ending = Some(height);
            } else if line.ending.is_some_and(|ending| ending <= height) {
                line.ending = None;
            }
        }
    }

    /// A block became final that ends no epoch: others at its height, and below, cannot.
    pub(crate) fn goes_on(&self, height: u64) {
        let mut line = self.line();
        if line.ending.is_some_and(|ending| ending <= height) {
            line.ending = None;
        }
    }
}

/// Why a change is not taken in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LearnError {
    /// It is not believed.
    #[error(transparent)]
    Untrusted(#[from] EpochChangeError),
    /// It cannot be kept.
    #[error(transparent)]
    Store(#[from] EpochsError),
}

impl Line {
    fn keys(&self, epoch: u64) -> Option<Set<NodeKey>> {
        let set = self.trusted.set(epoch)?;
        let keys: Option<Vec<NodeKey>> = set.validators.iter().map(|one| ledger::node_key(&one.key.0)).collect();
        Set::try_from(keys?).ok()
    }

    fn learn_scheme(&mut self, namespace: &[u8], epoch: u64) -> Result<(), EpochsError> {
        let keys = self.keys(epoch).ok_or(EpochsError::Key)?;
        self.schemes.insert(epoch, Arc::new(Scheme::verifier(namespace, keys)));
        Ok(())
    }

    /// The last height of an epoch.
    fn last(&self, epoch: u64) -> u64 {
        let ended = usize::try_from(epoch).ok().and_then(|epoch| self.changes.get(epoch));
        let open = self.ending.filter(|_| epoch == self.changes.len() as u64);
        ended.map(|change| change.header.height.get()).or(open).unwrap_or(OPEN)
    }

    /// The first height of an epoch, genesis included; none if it is not known to begin.
    fn first(&self, epoch: u64) -> Option<u64> {
        match epoch.checked_sub(1) {
            None => Some(0),
            Some(before) => {
                let change = self.changes.get(usize::try_from(before).ok()?)?;
                Some(change.header.height.get().saturating_add(1))
            }
        }
    }
}

impl Provider for Epochs {
    type Scope = Epoch;
    type Scheme = Scheme;

    fn scoped(&self, epoch: Epoch) -> Option<Scoped<Scheme>> {
        self.line().schemes.get(&epoch.get()).cloned().map(Scoped::scheme)
    }
}

impl Epocher for Epochs {
    fn containing(&self, height: EngineHeight) -> Option<EpochInfo> {
        let line = self.line();
        let epoch = line.changes.partition_point(|change| change.header.height.get() < height.get()) as u64;
        let (first, last) = (line.first(epoch)?, line.last(epoch));
        let info = EpochInfo::new(Epoch::new(epoch), height, EngineHeight::new(first), EngineHeight::new(last));
        (height.get() <= last).then_some(info)
    }

    fn first(&self, epoch: Epoch) -> Option<EngineHeight> {
        self.line().first(epoch.get()).map(EngineHeight::new)
    }

    fn last(&self, epoch: Epoch) -> Option<EngineHeight> {
        let line = self.line();
        line.first(epoch.get()).map(|_| EngineHeight::new(line.last(epoch.get())))
    }
}
