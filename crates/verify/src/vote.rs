//! What a vote of a validator signs, byte for byte.
//!
//! It is the consensus engine's subject in its own encoding, rebuilt here by hand from its specification, so that no
//! consensus code is needed to check one (docs/spec/fault.md):
//!
//! `varint(length of namespace) ‖ namespace ‖ varint(epoch) ‖ varint(view) ‖ what it says`, where the namespace is
//! `gongxin-votes-1 ‖ network ‖ suffix`. A vote to notarize or to finalize says `varint(parent view) ‖ header`, one to nullify
//! says nothing more. Numbers are unsigned LEB128.

use gongxin_crypto::Digest;
use gongxin_types::fault::{ConsensusVote, Proposed};

/// Prefix of the namespace of every vote; the network's identity follows.
const NAMESPACE: &[u8] = b"gongxin-votes-1";

/// What the engine adds to the namespace.
const fn suffix(vote: &ConsensusVote) -> &'static [u8] {
    match vote {
        ConsensusVote::Notarize(_) => b"_NOTARIZE",
        ConsensusVote::Nullify => b"_NULLIFY",
        ConsensusVote::Finalize(_) => b"_FINALIZE",
    }
}

/// The bytes that this vote signs with the validator's Ed25519 key.
pub fn message(network: &Digest, epoch: u64, view: u64, vote: &ConsensusVote) -> Vec<u8> {
    let namespace = [NAMESPACE, network.as_bytes(), suffix(vote)].concat();
    let mut message = Vec::with_capacity(namespace.len().saturating_add(64));
    push_varint(&mut message, u64::try_from(namespace.len()).unwrap_or(u64::MAX));
    message.extend_from_slice(&namespace);
    push_varint(&mut message, epoch);
    push_varint(&mut message, view);
    if let ConsensusVote::Notarize(Proposed { parent_view, header })
    | ConsensusVote::Finalize(Proposed { parent_view, header }) = vote
    {
        push_varint(&mut message, *parent_view);
        message.extend_from_slice(&header.0);
    }
    message
}

/// Unsigned LEB128: seven bits per byte, low ones first, the high bit set on all but the last; no more bytes than needed.
fn push_varint(message: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        message.push(u8::try_from(number & 0x7f).unwrap_or(0x7f) | 0x80);
        number >>= 7;
    }
    message.push(u8::try_from(number).unwrap_or(0x7f));
}
