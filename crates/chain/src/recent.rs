//! Where the transactions of the last minutes became final, so that the same bytes again get the first answer.
//!
//! An entry is 8 bytes of the identifier, height and place; a hit is confirmed against the archived block, so a crafted
//! collision of prefixes costs a look-up and misleads nobody. What is older, or was pushed out by too many, is found in
//! the archive by time: a transaction can only stand in a block of the ten minutes before its `valid_until`.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::Arc;

use gongxin_archive::Archive;
use gongxin_types::{Height, Time, TransactionId, limits as ledger_limits};

use crate::feed::Final;
use crate::limits;
use crate::node::Node;

/// Where a final transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FinalPosition {
    /// Height of its block.
    pub height: Height,
    /// Its place in the block, from 0.
    pub index: u32,
}

/// Final transactions of the last minutes.
#[derive(Default)]
pub(crate) struct Recent {
    places: HashMap<u64, FinalPosition>,
    blocks: VecDeque<(Time, Vec<u64>)>,
}

impl Recent {
    /// Takes a final block in and lets old ones go.
    pub(crate) fn insert(&mut self, height: Height, time: Time, prefixes: Vec<u64>) {
        if !prefixes.is_empty() {
            for (index, prefix) in prefixes.iter().enumerate() {
                let index = u32::try_from(index).unwrap_or(u32::MAX);
                self.places.insert(*prefix, FinalPosition { height, index });
            }
            self.blocks.push_back((time, prefixes));
        }
        let past = |at: &Time| at.plus_millis(ledger_limits::VALID_FOR_MS_MAX) < time;
        while self.blocks.front().is_some_and(|(at, _)| past(at) || self.places.len() > limits::RECENT_TRANSACTIONS_MAX)
        {
            let Some((_, prefixes)) = self.blocks.pop_front() else {
                break;
            };
            for prefix in prefixes {
                self.places.remove(&prefix);
            }
        }
    }

    /// Takes in a block below all those known, as it comes into the archive later; one that is too old goes with the next.
    pub(crate) fn insert_older(&mut self, height: Height, time: Time, prefixes: Vec<u64>) {
        if prefixes.is_empty() || self.places.len() >= limits::RECENT_TRANSACTIONS_MAX {
            return;
        }
        for (index, prefix) in prefixes.iter().enumerate() {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            self.places.entry(*prefix).or_insert(FinalPosition { height, index });
        }
        self.blocks.push_front((time, prefixes));
    }

    /// What the archive holds of the last minutes.
    pub(crate) fn load(archive: &Archive) -> io::Result<Self> {
        let mut recent = Self::default();
        let Some(extent) = archive.extent() else {
            return Ok(recent);
        };
        let newest = archive.time(extent.last)?.unwrap_or(0);
        let oldest = archive.first_at(newest.saturating_sub(ledger_limits::VALID_FOR_MS_MAX))?.unwrap_or(extent.last);
        for height in oldest..=extent.last {
            let time = archive.time(height)?.unwrap_or(newest);
            recent.insert(Height::new(height), Time::from_millis(time), archive.ids(height)?);
        }
        Ok(recent)
    }

    /// Where a transaction with this identifier may stand.
    pub(crate) fn find(&self, id: &TransactionId) -> Option<FinalPosition> {
        self.places.get(&prefix(id)).copied()
    }

    /// How many are remembered.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }
}

/// The first 8 bytes of an identifier.
pub(crate) fn prefix(id: &TransactionId) -> u64 {
    id.0.as_bytes().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// Where a transaction of the last minutes became final, as far as memory tells: no file is read for whoever asks. Once its
/// block has left memory, identifiers are told apart by their first 8 bytes.
pub(crate) fn remembered(node: &Node, id: &TransactionId) -> Option<FinalPosition> {
    let position = node.recent().find(id)?;
    match node.feed.get(position.height) {
        Some(_) => holds(node, position, id).then_some(position),
        None => Some(position),
    }
}

/// Where a transaction became final, if it did: in memory first, then in the blocks that may hold it by time. Reads files.
pub(crate) fn locate(node: &Node, id: &TransactionId, valid_until: Time) -> Option<FinalPosition> {
    let remembered = node.recent().find(id);
    if let Some(position) = remembered.filter(|position| holds(node, *position, id)) {
        return Some(position);
    }
    let valid_until = valid_until.millis();
    let extent = node.archive.extent()?;
    let first = node.archive.first_at(valid_until.saturating_sub(ledger_limits::VALID_FOR_MS_MAX)).ok()??;
    let last = node.archive.first_at(valid_until).ok()?.unwrap_or(extent.last);
    let wanted = prefix(id);
    for height in (first..=last).rev() {
        let prefixes = node.archive.ids(height).ok()?;
        for (index, _) in prefixes.iter().enumerate().filter(|(_, prefix)| **prefix == wanted) {
            let position = FinalPosition { height: Height::new(height), index: u32::try_from(index).ok()? };
            if holds(node, position, id) {
                return Some(position);
            }
        }
    }
    None
}

fn holds(node: &Node, position: FinalPosition, id: &TransactionId) -> bool {
    let block = node.feed.get(position.height).or_else(|| {
        let bytes = node.archive.get(position.height.get()).ok()??;
        Some(Arc::new(Final::new(position.height, bytes.into())))
    });
    let Some(block) = block.and_then(|block| block.block()) else {
        return false;
    };
    let transaction = usize::try_from(position.index).ok().and_then(|index| block.transactions.get(index));
    transaction.is_some_and(|transaction| transaction.id(node.rules.suite) == *id)
}
