//! The network that a verifier trusts: `network.json`, checked, or the head of a genesis.
//!
//! Trust begins here and nowhere else: whoever hands over this file says which validators count.

use gongxin_crypto::{Digest, Suite};
use gongxin_types::bundle::Network;
use gongxin_types::genesis::{NetworkHead, Validator, validators_root};

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
    /// The validators of epoch 0, ascending by key.
    pub validators: Vec<Validator>,
    /// The root over them, as headers name it.
    pub validators_root: Digest,
    head: NetworkHead,
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
    /// Validators that changed since genesis.
    #[error("the file starts from a checkpoint, which this version of the verifier does not support")]
    Checkpoint,
}

impl TrustedNetwork {
    /// The network that this head names. Its order and identity are not checked here: see [`trust`].
    pub fn from_head(head: &NetworkHead) -> Self {
        Self {
            network: head.id(),
            suite: head.suite,
            time_scale: head.time_scale,
            validators: head.validators.to_vec(),
            validators_root: validators_root(head.suite, &head.validators),
            head: head.clone(),
        }
    }

    /// The head that names it.
    pub const fn head(&self) -> &NetworkHead {
        &self.head
    }

    /// Votes that make a header final: n − ⌊(n − 1) / 3⌋, which is 2f + 1 of 3f + 1.
    pub fn quorum(&self) -> usize {
        let count = self.validators.len();
        count.saturating_sub(count.saturating_sub(1) / 3)
    }
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
    let trusted = TrustedNetwork::from_head(head);
    if trusted.network != file.network {
        return Err(NetworkError::Identity { found: trusted.network });
    }
    let ascending = trusted.validators.is_sorted_by(|one, next| one.key < next.key);
    if trusted.validators.is_empty() || !ascending {
        return Err(NetworkError::Validators);
    }
    if head.time_scale == 0 {
        return Err(NetworkError::TimeScale);
    }
    if file.checkpoint.is_some() {
        return Err(NetworkError::Checkpoint);
    }
    Ok(trusted)
}
