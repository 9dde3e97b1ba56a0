//! Epoch change: how one validator set hands over to the next.
//!
//! The last header of an epoch announces the next set by its root (PROTOCOL 6), and its own validators make it final: it
//! always has a certificate of its own, because no block of its epoch follows it. So whoever trusts one set can follow
//! all later ones by these, from bytes alone (`verify`).

use borsh::{BorshDeserialize, BorshSerialize};

use crate::{Certificate, Header, List, Validator, limits};

/// The end of one epoch and the beginning of the next.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct EpochChange {
    /// The last header of the epoch that ends.
    pub header: Header,
    /// Its finality, by the validators of that epoch.
    pub certificate: Certificate,
    /// The validators that serve from the next block on, ascending by key.
    pub validators: List<Validator, { limits::VALIDATORS_MAX }>,
}

impl EpochChange {
    /// The epoch that begins.
    pub const fn epoch(&self) -> u64 {
        self.header.epoch.saturating_add(1)
    }
}
