//! The rules of the ledger as this room uses them: `state`, and nothing of its own.

use std::collections::BTreeMap;

use gongxin_types::receipt::{Key, Page};
use gongxin_types::{Genesis, Transaction};

pub(crate) use gongxin_state::{
    BlockContext, Caches, ExecuteError, Executed, Freshness, InvalidTransaction as Inadmissible, PROTOCOL_VERSIONS,
    SignatureCheck, View, admissible, execute, is_registered, needs, sender_key, signature_checks, weight,
};

/// The pages that block 1 writes first.
pub(crate) fn genesis(genesis: &Genesis) -> Result<BTreeMap<Key, Page>, gongxin_state::GenesisError> {
    gongxin_state::genesis(genesis)
}

/// Where the replay window of a transaction's key and lane stands.
pub(crate) fn replay_key(transaction: &Transaction) -> Key {
    gongxin_state::replay_key(&transaction.body)
}

/// Whether a transaction's sequence number may still be used, by its window.
pub(crate) fn freshness(page: Option<&Page>, transaction: &Transaction) -> Freshness {
    gongxin_state::freshness(page, transaction.body.sequence)
}
