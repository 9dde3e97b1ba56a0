//! Validators without consensus: they vote for whatever the sandbox puts before them.

use gongxin_crypto::{Digest, SecretKey, Suite};
use gongxin_types::certificate::{Certificate, Vote};
use gongxin_types::{HeaderDigest, Height, NetworkHead};

use crate::cast::{DEPARTMENTS, bytes};
use crate::world::list;

/// Four validators, ascending by key as in genesis. Votes are Ed25519 whatever the network's suite.
#[derive(Debug)]
pub struct Validators {
    members: Vec<(&'static str, SecretKey)>,
}

impl Validators {
    /// The validators of a seed.
    pub fn new(seed: u64) -> Self {
        let secret = |name: &&'static str| (*name, Suite::Intl.secret_from_seed(&bytes(seed, "validator", name)));
        let mut members: Vec<(&'static str, SecretKey)> = DEPARTMENTS.iter().map(secret).collect();
        members.sort_by_key(|(_, secret)| secret.public());
        Self { members }
    }

    /// Names and public keys, ascending by key.
    pub fn keys(&self) -> Vec<(&'static str, [u8; 32])> {
        let key = |secret: &SecretKey| secret.public().as_bytes().try_into().expect("32 bytes");
        self.members.iter().map(|(name, secret)| (*name, key(secret))).collect()
    }

    /// Votes of the first `voters` validators on a header.
    pub fn certify(&self, head: &NetworkHead, height: Height, header: HeaderDigest, voters: usize) -> Certificate {
        let (view, parent_view) = (height.get(), height.get().saturating_sub(1));
        let message = vote_message(&head.id(), 0, view, parent_view, header);
        let votes = self.members.iter().take(voters).zip(0_u16..).map(|((_, secret), validator)| Vote {
            validator,
            signature: secret.sign(&message).as_bytes().try_into().expect("64 bytes"),
        });
        Certificate { epoch: 0, view, parent_view, header, votes: list(votes) }
    }
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
