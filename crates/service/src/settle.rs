//! Settling what the vault holds back until the ledger has decided: bodies that were staged, responses nobody waits for.
//!
//! One row that was damaged, or that contradicts another, holds up none of the others: it is counted, named in the log by
//! its number in the vault, which says nothing about it, and tried again with every block.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use gongxin_types::{Effect, Time};
use gongxin_vault::{Staged, Unfinished, VaultError};

use crate::decided::{self, Decided};
use crate::office::{Office, internal};
use crate::port::OfficeError;
use crate::{limits, reading};

/// Numbers of the staged transactions that cannot be settled.
#[derive(Default)]
pub(crate) struct Stuck(Mutex<BTreeSet<i64>>);

impl Stuck {
    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Replaces them by those of now; the numbers that are new.
    fn replace(&self, now: BTreeSet<i64>) -> Vec<i64> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = now.difference(&known).copied().collect();
        *known = now;
        new
    }
}

/// Settles what was staged and is final now, and forgets what can no longer become final.
pub(crate) fn staged(office: &Office) -> Result<(), OfficeError> {
    let time = office.projection.time().map_err(internal)?;
    let list = office.vault.staged().map_err(internal)?;
    let mut stuck: BTreeSet<i64> = list.unreadable.into_iter().collect();
    for row in &list.rows {
        if !is_settled(office, row, time)? {
            stuck.insert(row.number);
        }
    }
    for number in office.stuck.replace(stuck) {
        tracing::error!(number, "a staged transaction of the vault cannot be settled; restore the vault from a backup");
    }
    Ok(())
}

/// Whether a row is settled or waits, rightly; not, where the row itself is at fault.
fn is_settled(office: &Office, row: &Staged, time: Time) -> Result<bool, OfficeError> {
    let done = match decided::applied(office, row.transaction)? {
        Some(decided) => {
            let place = decided.0.location;
            let effective = effective(&decided);
            office.vault.settle(&row.transaction, place.height, place.transaction, &effective).map(|_| ())
        }
        None if row.valid_until <= time => office.vault.forget(&row.transaction).map(|_| ()),
        None => Ok(()),
    };
    match done {
        Ok(()) => Ok(true),
        Err(VaultError::Contradiction { .. } | VaultError::Damaged { .. }) => Ok(false),
        Err(error) => Err(internal(error)),
    }
}

/// The actions that took effect.
fn effective(decided: &Decided) -> Vec<u16> {
    let allowed = decided.receipts().filter(|receipt| receipt.decision.effect == Effect::Allow);
    allowed.map(|receipt| receipt.index).collect()
}

/// What became of a response whose access was not known to be final.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is concluded or forgotten.
    Done,
    /// Its transaction may still become final.
    Waits,
    /// Its transaction expired; its reader may ask again.
    Expired,
}

/// Concludes a response whose access became final while nobody waited, and forgets one whose transaction expired long ago.
pub(crate) fn response(office: &Office, one: &Unfinished) -> Result<Fate, OfficeError> {
    let time = office.tip().time;
    if let Some(decided) = decided::find(office, one.carrier.transaction)? {
        let expires = reading::lifetime(office, &decided)?;
        office.vault.finish_response(&one.officer, &one.request, expires).map_err(internal)?;
        return Ok(Fate::Done);
    }
    if time < one.carrier.valid_until {
        return Ok(Fate::Waits);
    }
    if time < one.carrier.valid_until.plus_millis(limits::ABANDONED_AFTER_MS) {
        return Ok(Fate::Expired);
    }
    office.vault.forget_response(one).map_err(internal)?;
    Ok(Fate::Done)
}
