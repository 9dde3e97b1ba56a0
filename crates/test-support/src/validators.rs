//! Validators without consensus: they vote for whatever the sandbox puts before them.

use gongxin_crypto::{Digest, SecretKey, Suite};
use gongxin_types::certificate::{Certificate, Vote};
use gongxin_types::fault::{ConsensusVote, Equivocation, Proposed, SignedProposal, SignedVote};
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

    /// The key of the validator with this name, serving or not.
    pub fn key(&self, name: &str) -> ConsensusKey {
        key(self.secret(name))
    }

    /// A vote of the validator with this name.
    pub fn vote(&self, head: &NetworkHead, name: &str, (epoch, view): (u64, u64), vote: ConsensusVote) -> SignedVote {
        let message = consensus_message(&head.id(), epoch, view, vote);
        let signature = self.secret(name).sign(&message).as_bytes().try_into().expect("64 bytes");
        SignedVote { vote, signature }
    }

    /// Two votes of the validator with this name for two blocks in one view.
    pub fn equivocation(&self, head: &NetworkHead, name: &str, round: (u64, u64)) -> Equivocation {
        let vote = |label: &str| self.vote(head, name, round, ConsensusVote::Notarize(proposed(label, round.1)));
        Equivocation::new(head.id(), round, self.key(name), vote("one"), vote("another"))
    }

    /// What the validator with this name proposed in a view.
    pub fn proposal(&self, head: &NetworkHead, name: &str, (epoch, view): (u64, u64), label: &str) -> SignedProposal {
        let proposed = proposed(label, view);
        let SignedVote { signature, .. } = self.vote(head, name, (epoch, view), ConsensusVote::Notarize(proposed));
        SignedProposal { version: 1, network: head.id(), epoch, view, validator: self.key(name), proposed, signature }
    }

    fn secret(&self, name: &str) -> &SecretKey {
        let found = self.pool.iter().find(|(one, _)| *one == name);
        found.map_or_else(|| panic!("no validator `{name}`"), |(_, secret)| secret)
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

/// A block of this name on the parent of the view before.
pub fn proposed(label: &str, view: u64) -> Proposed {
    Proposed { parent_view: view.saturating_sub(1), header: HeaderDigest(bytes(0, "header", label)) }
}

/// What a vote that finalizes signs.
pub fn vote_message(network: &Digest, epoch: u64, view: u64, parent_view: u64, header: HeaderDigest) -> Vec<u8> {
    consensus_message(network, epoch, view, ConsensusVote::Finalize(Proposed { parent_view, header }))
}

/// What a vote signs, written here a second time:
/// `varint(length) ‖ namespace ‖ varint(epoch) ‖ varint(view) ‖ varint(parent view) ‖ header`.
pub fn consensus_message(network: &Digest, epoch: u64, view: u64, vote: ConsensusVote) -> Vec<u8> {
    let (suffix, proposed) = match vote {
        ConsensusVote::Notarize(proposed) => (b"_NOTARIZE".as_slice(), Some(proposed)),
        ConsensusVote::Nullify => (b"_NULLIFY".as_slice(), None),
        ConsensusVote::Finalize(proposed) => (b"_FINALIZE".as_slice(), Some(proposed)),
    };
    let namespace = [b"gongxin-votes-1".as_slice(), network.as_bytes(), suffix].concat();
    let mut message = Vec::new();
    varint(&mut message, u64::try_from(namespace.len()).unwrap_or(u64::MAX));
    message.extend_from_slice(&namespace);
    let numbers = [epoch, view].into_iter().chain(proposed.map(|proposed| proposed.parent_view));
    numbers.for_each(|number| varint(&mut message, number));
    message.extend(proposed.iter().flat_map(|proposed| proposed.header.0));
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
