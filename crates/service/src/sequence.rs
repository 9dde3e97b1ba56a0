//! Lane and sequence numbers of the gateway's own transactions.
//!
//! The vault keeps the highest number that may have been used, and is written before the first of a block of them is. A
//! gateway that starts goes on above it and above its clock: a clock set back does not matter, and neither does a vault
//! restored from a backup, as long as the clock is right.
//!
//! A start leaves a gap, and within one lane the first new transaction that becomes final would push what was under way before
//! out of the replay window. So each start takes a lane by chance; where it is the same again, readings that are caught by it
//! expire within a minute and are asked again under the same request.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use gongxin_crypto::{RandomError, Randomness, random};
use gongxin_types::limits::LANES_MAX;
use gongxin_vault::Vault;

use crate::limits;
use crate::office::internal;
use crate::port::OfficeError;

/// The lanes below are for tools that act with the gateway's key beside it.
const FIRST_LANE: u16 = 8;

/// The numbers that are reserved and not used yet.
pub(crate) struct Sequences {
    /// The lane of this start.
    pub(crate) lane: u16,
    /// The first number of all is not below this.
    floor: u64,
    reserved: Mutex<Range<u64>>,
}

impl Sequences {
    /// None reserved yet, and none below the clock at the start.
    pub(crate) fn from(floor: u64, randomness: &dyn Randomness) -> Result<Self, RandomError> {
        let [chance] = random::array_of::<1>(randomness)?;
        let lane = FIRST_LANE.saturating_add(u16::from(chance) % LANES_MAX.saturating_sub(FIRST_LANE).max(1));
        Ok(Self { lane, floor, reserved: Mutex::new(0..0) })
    }

    /// The next number; never the same twice, whatever happens in between.
    pub(crate) fn next(&self, vault: &Vault) -> Result<u64, OfficeError> {
        let mut reserved = self.reserved.lock().unwrap_or_else(PoisonError::into_inner);
        if reserved.is_empty() {
            // One block follows on the other without a gap, or what is under way would fall out of the replay window.
            let first = vault.reserve_sequences(self.floor, limits::SEQUENCES_RESERVED).map_err(internal)?;
            *reserved = first..first.saturating_add(limits::SEQUENCES_RESERVED);
        }
        let next = reserved.start;
        reserved.start = next.saturating_add(1);
        Ok(next)
    }
}
