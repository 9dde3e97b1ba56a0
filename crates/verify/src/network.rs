//! The network that a verifier trusts: `network.json`, checked, or the head of a genesis, and the validators since.
//!
//! Trust begins here and nowhere else: whoever hands over this file says which validators count. From the first ones on it
//! is a line: each set of validators is believed because the one before it signed that it comes next (decision 0014). A set
//! that is believed is never exchanged for another one.

use std::collections::BTreeMap;

use gongxin_crypto::{Digest, Suite};
use gongxin_types::bundle::{Bundle, Epoch, Network};
use gongxin_types::genesis::{NetworkHead, Validator, validators_root};
use gongxin_types::validator_set::quorum;
use gongxin_types::{EpochChange, HeaderDigest, Height};

use crate::epoch_change::{self, EpochChangeError};
use crate::jcs::{self, ReadError};

/// A network whose identity was checked.
#[derive(Clone, Debug)]
pub struct TrustedNetwork {
    /// Its identity.
    pub network: Digest,
    /// Its suite of cryptography.
    pub suite: Suite,
    /// How many seconds pass on its calendar in one real second; 1 except in test networks.
    pub time_scale: u32,
    head: NetworkHead,
    sets: BTreeMap<u64, TrustedSet>,
}

/// The validators of one epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedSet {
    /// The validators, ascending by key.
    pub validators: Vec<Validator>,
    /// The root over them, as headers name it.
    pub root: Digest,
    /// The header that announces them, the last before the first one of theirs; none for the validators of the head.
    pub began: Option<Began>,
}

/// The last header of the epoch before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Began {
    /// Its height.
    pub height: Height,
    /// Its digest.
    pub header: HeaderDigest,
}

impl TrustedSet {
    /// Votes that make a header final.
    pub fn quorum(&self) -> usize {
        quorum(self.validators.len())
    }
}

/// Why a network file is not trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// It is not read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A head of an encoding that this version does not know.
    #[error("the head of the network has encoding version {version}, this verifier knows 1")]
    Version {
        /// The version.
        version: u8,
    },
    /// The identity is not that of the head.
    #[error("the file names another network than its head, which is that of network `{found}`")]
    Identity {
        /// What its head hashes to.
        found: Digest,
    },
    /// Validators out of order, twice, or none.
    #[error("the validators are not in ascending order of their keys, or there are none")]
    Validators,
    /// Time that stands still.
    #[error("a time scale of 0 is not a clock")]
    TimeScale,
    /// A change of the validators that is not believed.
    #[error("the network file is not believed: {0}")]
    EpochChange(#[from] LineError),
    /// The file of another network.
    #[error("the file is of network `{found}`, the one at hand of `{known}`")]
    OtherNetwork {
        /// The network of the file.
        found: Box<Digest>,
        /// The network at hand.
        known: Box<Digest>,
    },
    /// A file that knows less.
    #[error("the file knows the validators up to epoch {found}, the one at hand up to epoch {known}: it is older")]
    Older {
        /// The newest epoch of the file.
        found: u64,
        /// The newest epoch at hand.
        known: u64,
    },
    /// A file that tells another story.
    #[error(
        "by the file other validators began epoch {epoch} than by the one at hand: one of the two is forged, or the network has split; ask several members before you believe either"
    )]
    Contradiction {
        /// The first epoch that differs.
        epoch: u64,
    },
}

/// Which change of a list is not believed, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("change {} of the validators: {reason}", place.saturating_add(1))]
pub struct LineError {
    /// Its place in the list, from 0.
    pub place: usize,
    /// Why not.
    pub reason: String,
}

impl TrustedNetwork {
    /// The network that this head names. Its order and identity are not checked here: see [`trust`].
    pub fn from_head(head: &NetworkHead) -> Self {
        Self {
            network: head.id(),
            suite: head.suite,
            time_scale: head.time_scale,
            head: head.clone(),
            sets: BTreeMap::from([(0, first(head))]),
        }
    }

    /// The validators of an epoch, if they are known.
    pub fn set(&self, epoch: u64) -> Option<&TrustedSet> {
        self.sets.get(&epoch)
    }

    /// The validators of all epochs that are known, from those of the head on.
    pub fn sets(&self) -> impl Iterator<Item = (u64, &TrustedSet)> {
        self.sets.iter().map(|(epoch, set)| (*epoch, set))
    }

    /// The newest epoch whose validators are known.
    pub fn newest_epoch(&self) -> u64 {
        self.sets.last_key_value().map_or(0, |(epoch, _)| *epoch)
    }

    /// Believes a change of the validators, if those of the epoch before signed it.
    ///
    /// # Errors
    /// See [`EpochChangeError`]; what was trusted before stays so.
    pub fn follow(&mut self, change: &EpochChange) -> Result<(), EpochChangeError> {
        epoch_change::check(self, change)?;
        // What is known already was compared by its header, which names the validators.
        self.sets.entry(change.epoch()).or_insert_with(|| TrustedSet {
            validators: change.validators.to_vec(),
            root: change.header.next_validators_root,
            began: Some(Began { height: change.header.height, header: change.header.digest() }),
        });
        Ok(())
    }

    /// The network as a newer file knows it: one that stands by itself, and continues what is trusted here.
    ///
    /// # Errors
    /// See [`NetworkError`]; a file that knows as much is none.
    pub fn continued_by(&self, file: &Network) -> Result<Self, NetworkError> {
        let newer = trust(file)?;
        if newer.network != self.network {
            let [found, known] = [newer.network, self.network].map(Box::new);
            return Err(NetworkError::OtherNetwork { found, known });
        }
        let differs = |(epoch, set): &(u64, &TrustedSet)| newer.set(*epoch).is_some_and(|other| other != *set);
        if let Some((epoch, _)) = self.sets().find(differs) {
            return Err(NetworkError::Contradiction { epoch });
        }
        let (found, known) = (newer.newest_epoch(), self.newest_epoch());
        if found < known { Err(NetworkError::Older { found, known }) } else { Ok(newer) }
    }

    /// The head that names it.
    pub const fn head(&self) -> &NetworkHead {
        &self.head
    }
}

fn first(head: &NetworkHead) -> TrustedSet {
    let root = validators_root(head.suite, &head.validators);
    TrustedSet { validators: head.validators.to_vec(), root, began: None }
}

/// Reads and checks `network.json`.
///
/// # Errors
/// See [`NetworkError`].
pub fn parse(bytes: &[u8]) -> Result<TrustedNetwork, NetworkError> {
    trust(&jcs::read(bytes)?)
}

/// Checks that a network file is consistent with itself, and follows its changes of the validators.
///
/// # Errors
/// See [`NetworkError`].
pub fn trust(file: &Network) -> Result<TrustedNetwork, NetworkError> {
    check_head(file)?;
    let mut trusted = TrustedNetwork::from_head(&file.head);
    follow_file(&mut trusted, file)?;
    Ok(trusted)
}

/// The part of [`trust`] that looks at the head alone.
pub(crate) fn check_head(file: &Network) -> Result<(), NetworkError> {
    let head = &file.head;
    if head.version != 1 {
        return Err(NetworkError::Version { version: head.version });
    }
    let found = head.id();
    if found != file.network {
        return Err(NetworkError::Identity { found });
    }
    let ascending = head.validators.is_sorted_by(|one, next| one.key < next.key);
    if head.validators.is_empty() || !ascending {
        return Err(NetworkError::Validators);
    }
    if head.time_scale == 0 {
        return Err(NetworkError::TimeScale);
    }
    Ok(())
}

/// Follows the changes of a network file, the first of which ends epoch 0; those before the first that is not believed count.
pub(crate) fn follow_file(trusted: &mut TrustedNetwork, file: &Network) -> Result<(), LineError> {
    follow(trusted, &file.epochs, Some(0))
}

/// Follows the changes of a receipt, the first of which ends an epoch that is known.
pub(crate) fn follow_receipt(trusted: &mut TrustedNetwork, bundle: &Bundle) -> Result<(), LineError> {
    follow(trusted, &bundle.epochs, None)
}

/// Follows changes, each of which ends the epoch after that of the one before.
fn follow(trusted: &mut TrustedNetwork, epochs: &[Epoch], first: Option<u64>) -> Result<(), LineError> {
    let mut next = first;
    for (place, epoch) in epochs.iter().enumerate() {
        let failed = |reason: String| LineError { place, reason };
        let change = EpochChange::try_from(epoch).map_err(|error| failed(jcs::shorten(&error.to_string())))?;
        let (found, expected) = (change.header.epoch, next.unwrap_or(change.header.epoch));
        if found != expected {
            return Err(failed(EpochChangeError::Sequence { found, expected }.to_string()));
        }
        trusted.follow(&change).map_err(|error| failed(error.to_string()))?;
        next = found.checked_add(1);
    }
    Ok(())
}
