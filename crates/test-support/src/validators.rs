//! Validators without consensus: they vote for whatever the sandbox puts before them.

use gongxin_crypto::{Digest, SecretKey, Suite};
use gongxin_types::certificate::{Certificate, Vote};
use gongxin_types::genesis::{ConsensusKey, Validator};
use gongxin_types::validator_set::quorum;
use gongxin_types::{HeaderDigest, Height, NetworkHead, ValidatorSet};

use crate::cast::{DEPARTMENTS, bytes};
use crate::world::list;

/// Validators that are there and do not serve at first.
pub const NEWCOMERS: [&str; 3] = ["data-bureau", "audit-office", "stranger"];

/// Four validators, ascending by key as in genesis, and those who may serve later. Votes are Ed25519 whatever the
/// network's suite.
#[derive(Debug)]
pub struct Validators {
    pool: Vec<(&'static str, SecretKey)>,
    serving: Vec<ConsensusKey>,
    epoch: u64,
}

impl Validators {
    /// The validators of a seed: those of the departments serve.
    pub fn new(seed: u64) -> Self {
        let secret = |name: &&'static str| (*name, Suite::Intl.secret_from_seed(&bytes(seed, "validator", name)));
        let mut pool: Vec<(&'static str, SecretKey)> = DEPARTMENTS.iter().chain(&NEWCOMERS).map(secret).collect();
        pool.sort_by_key(|(_, secret)| secret.public());
        let serving =
            pool.iter().filter(|(name, _)| DEPARTMENTS.contains(name)).map(|(_, secret)| key(secret)).collect();
        Self { pool, serving, epoch: 0 }
    }

    /// Names and public keys of those who serve, ascending by key.
    pub fn keys(&self) -> Vec<(&'static str, [u8; 32])> {
        self.serving().map(|(name, secret)| (name, key(secret).0)).collect()
    }

    /// The set after the one that serves: of the validators with these names, each its own organization's.
    pub fn next(&self, names: &[&str]) -> ValidatorSet {
        let members = self.pool.iter().filter(|(name, _)| names.contains(name));
        let validator = |(name, secret): &(&'static str, SecretKey)| Validator {
            name: name.parse().expect("a slug"),
            organization: name.parse().expect("an organization's name"),
            key: key(secret),
        };
        ValidatorSet { version: 1, epoch: self.epoch.saturating_add(1), validators: list(members.map(validator)) }
    }

    /// Lets others serve.
    pub fn hand_over(&mut self, set: &ValidatorSet) {
        self.serving = set.validators.iter().map(|validator| validator.key).collect();
        self.epoch = set.epoch;
    }

    /// Votes of the first `voters` validators on a header.
    pub fn certify(&self, head: &NetworkHead, height: Height, header: HeaderDigest, voters: usize) -> Certificate {
        let (view, parent_view) = (height.get(), height.get().saturating_sub(1));
        let message = vote_message(&head.id(), self.epoch, view, parent_view, header);
        let votes = self.serving().take(voters).zip(0_u16..).map(|((_, secret), validator)| Vote {
            validator,
            signature: secret.sign(&message).as_bytes().try_into().expect("64 bytes"),
        });
        Certificate { epoch: self.epoch, view, parent_view, header, votes: list(votes) }
    }

    /// How many votes make a header final.
    pub fn quorum(&self) -> usize {
        quorum(self.serving.len())
    }

    /// Those who serve and are in the pool.
    fn serving(&self) -> impl Iterator<Item = (&'static str, &SecretKey)> {
        let serves = |secret: &SecretKey| self.serving.contains(&key(secret));
        self.pool.iter().filter(move |(_, secret)| serves(secret)).map(|(name, secret)| (*name, secret))
    }
}

fn key(secret: &SecretKey) -> ConsensusKey {
    ConsensusKey(secret.public().as_bytes().try_into().expect("32 bytes"))
}

/// What a vote that finalizes signs:
/// `varint(length) ‖ namespace ‖ varint(epoch) ‖ varint(view) ‖ varint(parent view) ‖ header`.
pub fn vote_message(network: &Digest, epoch: u64, view: u64, parent_view: u64, header: HeaderDigest) -> Vec<u8> {
    let namespace = [b"gongxin-votes-1".as_slice(), network.as_bytes(), b"_FINALIZE"].concat();
    let mut message = Vec::new();
    varint(&mut message, u64::try_from(namespace.len()).unwrap_or(u64::MAX));
    message.extend_from_slice(&namespace);
    for number in [epoch, view, parent_view] {
        varint(&mut message, number);
    }
    message.extend_from_slice(&header.0);
    message
}

/// Unsigned LEB128, minimal.
fn varint(bytes: &mut Vec<u8>, mut number: u64) {
    loop {
        let low = u8::try_from(number & 0x7f).unwrap_or_default();
        number >>= 7;
        if number == 0 {
            return bytes.push(low);
        }
        bytes.push(low | 0x80);
    }
}
