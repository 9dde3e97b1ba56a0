//! The network that a verifier trusts: `network.json`, checked, or the head of a genesis.
//!
//! Trust begins here and nowhere else: whoever hands over this file says which validators count.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use gongxin_crypto::{Digest, Suite};
use gongxin_types::bundle::{Epoch, Network};
use gongxin_types::genesis::{NetworkHead, Validator, validators_root};
use gongxin_types::validator_set::quorum;
use gongxin_types::{EpochChange, Height};

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
    /// The last header before the first one of theirs: that of genesis, or the one that announces them.
    pub after: Height,
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
    #[error("the change of validators in place {place} of the file is not believed: {reason}")]
    EpochChange {
        /// Its place in the list, from 0.
        place: usize,
        /// Why not.
        reason: String,
    },
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
        let set = TrustedSet {
            validators: change.validators.to_vec(),
            root: change.header.next_validators_root,
            after: change.header.height,
        };
        let epoch = change.epoch();
        match self.sets.entry(epoch) {
            Entry::Occupied(known) if *known.get() == set => Ok(()),
            Entry::Occupied(_) => Err(EpochChangeError::Contradiction { epoch }),
            Entry::Vacant(free) => {
                free.insert(set);
                Ok(())
            }
        }
    }

    /// The head that names it.
    pub const fn head(&self) -> &NetworkHead {
        &self.head
    }
}

fn first(head: &NetworkHead) -> TrustedSet {
    let root = validators_root(head.suite, &head.validators);
    TrustedSet { validators: head.validators.to_vec(), root, after: Height::GENESIS }
}

/// Reads and checks `network.json`.
///
/// # Errors
/// See [`NetworkError`].
pub fn parse(bytes: &[u8]) -> Result<TrustedNetwork, NetworkError> {
    trust(&jcs::read(bytes)?)
}

/// Checks that a network file is consistent with itself and within what this version supports.
///
/// # Errors
/// See [`NetworkError`].
pub fn trust(file: &Network) -> Result<TrustedNetwork, NetworkError> {
    let head = &file.head;
    if head.version != 1 {
        return Err(NetworkError::Version { version: head.version });
    }
    let mut trusted = TrustedNetwork::from_head(head);
    if trusted.network != file.network {
        return Err(NetworkError::Identity { found: trusted.network });
    }
    let ascending = head.validators.is_sorted_by(|one, next| one.key < next.key);
    if head.validators.is_empty() || !ascending {
        return Err(NetworkError::Validators);
    }
    if head.time_scale == 0 {
        return Err(NetworkError::TimeScale);
    }
    follow(&mut trusted, &file.epochs).map_err(|(place, reason)| NetworkError::EpochChange { place, reason })?;
    Ok(trusted)
}

/// Follows the changes of a file, in their order; the place of the first that is not believed, and why.
pub(crate) fn follow(trusted: &mut TrustedNetwork, epochs: &[Epoch]) -> Result<(), (usize, String)> {
    for (place, epoch) in epochs.iter().enumerate() {
        let change = EpochChange::try_from(epoch).map_err(|error| (place, jcs::shorten(&error.to_string())))?;
        trusted.follow(&change).map_err(|error| (place, error.to_string()))?;
    }
    Ok(())
}
