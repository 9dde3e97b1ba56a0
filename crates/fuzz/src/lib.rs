//! Fuzz: one target per decoder of bytes that somebody else wrote.
//!
//! A target takes any bytes and asserts what its decoder promises: it never panics, what it takes is bounded, and what it
//! accepts it writes again, the same bytes or the same value. It says whether it accepted, so that every entry of the
//! corpus has a verdict in its name: `good-…` or `bad-…`.
//!
//! `tests/corpora.rs` replays `corpus/TARGET/*` and some mutations of each entry in every `./test`. `cargo xtask fuzz` looks
//! for new entries, guided by coverage; only its build knows the engine, by the feature `engine`.
//!
//! What the consensus engine decodes itself (its votes, its state proofs) is left to the engine's own fuzzing: nothing
//! here links `chain`. What only we write and read back (archive, vault, projection, genesis' layout) is not untrusted.
#![expect(clippy::expect_used, reason = "a target stops at a broken promise: that is what it is for")]

mod answers;
mod files;
mod ledger;
mod office;
mod peers;
mod policies;
mod proofs;
mod registers;
mod requests;
mod validator;
mod words;

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_types::codec;
use serde::{Serialize, de::DeserializeOwned};

pub use files::PASSPHRASE;
pub use office::{CLOCK, ORIGIN, officer_key};
pub use policies::SEPARATOR;
pub use words::{SEALING_CONTEXT, resource, sealing_secret};

/// What became of the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// They are what the decoder reads.
    Accepted,
    /// They are not.
    Refused,
}

impl Outcome {
    fn of(accepted: bool) -> Self {
        if accepted { Self::Accepted } else { Self::Refused }
    }
}

impl<T> From<Option<T>> for Outcome {
    fn from(decoded: Option<T>) -> Self {
        Self::of(decoded.is_some())
    }
}

/// Takes any bytes; panics when the decoder breaks a promise.
pub type Target = fn(&[u8]) -> Outcome;

/// Every target, by the name of its corpus.
pub const TARGETS: &[(&str, Target)] = &[
    ("access_response", words::access_response),
    ("backup", files::backup),
    ("block", ledger::block),
    ("block_frames", answers::block_frames),
    ("certificate", proofs::certificate),
    ("epoch_change", proofs::epoch_change),
    ("gateway_answer", answers::gateway_answer),
    ("gateway_call", requests::gateway_call),
    ("gateway_config", files::gateway_config),
    ("genesis", ledger::genesis),
    ("header", ledger::header),
    ("http_signature", requests::http_signature),
    ("key_file", files::key_file),
    ("network", proofs::network),
    ("network_plan", files::network_plan),
    ("node_config", files::node_config),
    ("noun_json", files::noun_json),
    ("peer_message", peers::peer_message),
    ("pgoutput", registers::pgoutput),
    ("policy_files", policies::policy_files),
    ("policy_set", policies::policy_set),
    ("policy_source", policies::policy_source),
    ("problem", answers::problem),
    ("proposed_block", peers::proposed_block),
    ("receipt", proofs::receipt),
    ("receipt_leaf", ledger::receipt_leaf),
    ("registers", registers::registers),
    ("row", words::row),
    ("row_json", words::row_json),
    ("sealed_response", words::sealed_response),
    ("state_pages", ledger::state_pages),
    ("state_proof", answers::state_proof),
    ("text_forms", words::text_forms),
    ("ticket", registers::ticket),
    ("transaction", ledger::transaction),
    ("validator_answer", answers::validator_answer),
    ("validator_call", requests::validator_call),
];

/// The target of this name.
pub fn find(name: &str) -> Option<Target> {
    TARGETS.iter().find(|(own, _)| *own == name).map(|(_, target)| *target)
}

/// Decodes a noun and asserts that it has no second encoding.
fn canonical<T: BorshSerialize + BorshDeserialize>(expected: &'static str, bytes: &[u8]) -> Option<T> {
    let noun = codec::decode::<T>(expected, bytes).ok()?;
    assert_eq!(codec::encode(&noun), bytes, "`{expected}` has two encodings");
    Some(noun)
}

/// Asserts that a noun can be shown to people: it has canonical JSON.
fn shown<T: Serialize>(noun: &T) -> Vec<u8> {
    let json = gongxin_verify::jcs::to_bytes(noun).expect("a noun has JSON");
    assert_eq!(gongxin_verify::jcs::check(&json), Ok(()));
    json
}

/// Reads JSON and asserts that what was read is written so that it reads the same again.
fn stable_json<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let value: T = serde_json::from_slice(bytes).ok()?;
    let written = shown(&value);
    let again: T = serde_json::from_slice(&written).expect("what we wrote, we read");
    assert_eq!(shown(&again), written);
    Some(value)
}
