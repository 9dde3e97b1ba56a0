//! Check how one validator set handed over to the next (PROTOCOL 7): by the votes of the set before, from bytes alone.
//!
//! **Promise.** A change is believed only by the keys of a set that is trusted already, and never in the place of another
//! one. Whether the new validators may serve was decided when the change was executed; here it is enough that those before
//! them signed it.

use gongxin_types::genesis::validators_root;
use gongxin_types::{EpochChange, Height};

use crate::TrustedNetwork;
use crate::headers::{self, HeadersError};

/// Why a change of the validators is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EpochChangeError {
    /// A change after one that is missing.
    #[error(
        "the change to epoch {epoch} is to be signed by the validators of epoch {before}, which are not known: take a newer network file"
    )]
    Missing {
        /// The epoch that begins.
        epoch: u64,
        /// The epoch before it.
        before: u64,
    },
    /// A change in the place of another one of a list.
    #[error("it ends epoch {found}, but epoch {expected} is the next to end here")]
    Sequence {
        /// The epoch that it ends.
        found: u64,
        /// The epoch that is next.
        expected: u64,
    },
    /// Its header does not lead to other validators.
    #[error("header {height} announces no other validators")]
    NoChange {
        /// The height of the header.
        height: Height,
    },
    /// Other validators than those announced.
    #[error("the validators of epoch {epoch} are not those that the last header before it announces")]
    Announced {
        /// The epoch that begins.
        epoch: u64,
    },
    /// Validators out of order, twice, or none.
    #[error("the validators of epoch {epoch} are not in ascending order of their keys, or there are none")]
    Order {
        /// The epoch that begins.
        epoch: u64,
    },
    /// Another change to the same epoch is trusted.
    #[error(
        "epoch {epoch} began otherwise by what is trusted already: one of the two is forged, or the network has split"
    )]
    Contradiction {
        /// The epoch that begins.
        epoch: u64,
    },
    /// A header or votes that do not count.
    #[error(transparent)]
    Headers(#[from] HeadersError),
}

/// Checks a change by the validators of the epoch that it ends, which must be known, and by what is known of the epoch that
/// it begins.
///
/// # Errors
/// See [`EpochChangeError`].
pub fn check(network: &TrustedNetwork, change: &EpochChange) -> Result<(), EpochChangeError> {
    let EpochChange { header, certificate, validators } = change;
    let (epoch, before) = (change.epoch(), header.epoch);
    if network.set(before).is_none() || epoch == before {
        return Err(EpochChangeError::Missing { epoch, before });
    }
    let digest = header.digest();
    if network.set(epoch).and_then(|known| known.began).is_some_and(|began| began.header != digest) {
        return Err(EpochChangeError::Contradiction { epoch });
    }
    headers::check_chain(std::slice::from_ref(header), certificate, network)?;
    if !header.ends_epoch() {
        return Err(EpochChangeError::NoChange { height: header.height });
    }
    if validators.is_empty() || !validators.is_sorted_by(|one, next| one.key < next.key) {
        return Err(EpochChangeError::Order { epoch });
    }
    if validators_root(network.suite, validators) != header.next_validators_root {
        return Err(EpochChangeError::Announced { epoch });
    }
    Ok(())
}
