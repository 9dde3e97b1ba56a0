//! How nouns stand in the pages that receipts list: keys and lengths, as docs/spec gives them.
//!
//! `key = SHA-256(u8 length of tag ‖ "gongxin-key-1" ‖ u8 kind ‖ canonical identifier ‖ u32 page)`, whatever the suite. A
//! noun is `u16` length, little-endian, and its canonical bytes, in pages of 128 bytes. So the noun after an action is the
//! noun before it with the written pages put in: nothing about the action's meaning has to be known, and the copy cannot
//! differ from the state.

use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::Suite;
use gongxin_types::limits::PAGE_BYTES;
use gongxin_types::receipt::{Key, Page, Table};
use gongxin_types::{Write, codec};

const LENGTH_BYTES: usize = 2;

/// Numbers of kinds in keys; they keep them for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum StateKind {
    /// An organization.
    Organization = 1,
    /// An officer.
    Officer = 2,
    /// A gateway.
    Gateway = 3,
    /// A duty.
    Duty = 4,
    /// A resource.
    Resource = 5,
    /// The slot of a notarised digest.
    Evidence = 7,
    /// A grant.
    Grant = 8,
}

/// Writes of one action by their keys.
pub(crate) struct Pages(BTreeMap<Key, Option<Page>>);

impl Pages {
    pub(crate) fn new(writes: &[Write]) -> Self {
        Self(writes.iter().map(|write| (write.key, write.page)).collect())
    }

    /// The noun's bytes after the action; `before` are those it had. `Ok(None)` when none of its pages was written,
    /// `Err` when the pages do not make a noun.
    pub(crate) fn noun(&self, kind: StateKind, id: &[u8], before: Option<&[u8]>) -> Result<Option<Vec<u8>>, Torn> {
        let old = before.map(pages_of).unwrap_or_default();
        let written = |index: u32| self.0.get(&key(kind, id, index));
        let page = |index: u32| match written(index) {
            Some(page) => page.as_ref().map(|page| page.0),
            None => usize::try_from(index).ok().and_then(|index| old.get(index)).copied(),
        };
        let Some(first) = page(0) else {
            return if written(0).is_some() { Err(Torn) } else { Ok(None) };
        };
        let [low, high, ..] = first;
        let length = usize::from(u16::from_le_bytes([low, high]));
        let count = length.saturating_add(LENGTH_BYTES).div_ceil(PAGE_BYTES);
        let count = u32::try_from(count).map_err(|_| Torn)?;
        if !(0..count).any(|index| written(index).is_some()) {
            return Ok(None);
        }
        let mut bytes = Vec::with_capacity(length.saturating_add(PAGE_BYTES));
        for index in 0..count {
            bytes.extend_from_slice(&page(index).ok_or(Torn)?);
        }
        let noun = bytes.get(LENGTH_BYTES..).and_then(|rest| rest.get(..length)).ok_or(Torn)?;
        Ok(Some(noun.to_vec()))
    }
}

/// Pages that do not make a noun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Torn;

/// A noun that fits into one page.
pub(crate) fn slot<T: BorshDeserialize>(write: &Write) -> Option<T> {
    let page = write.page.as_ref()?;
    let [low, high, ..] = page.0;
    let end = usize::from(u16::from_le_bytes([low, high])).saturating_add(LENGTH_BYTES);
    codec::decode("slot", page.0.get(LENGTH_BYTES..end)?).ok()
}

fn pages_of(noun: &[u8]) -> Vec<[u8; PAGE_BYTES]> {
    let length = u16::try_from(noun.len()).unwrap_or(u16::MAX).to_le_bytes();
    let bytes = [length.as_slice(), noun].concat();
    let chunks = bytes.chunks(PAGE_BYTES).map(|chunk| {
        let mut page = [0; PAGE_BYTES];
        page.iter_mut().zip(chunk).for_each(|(place, byte)| *place = *byte);
        page
    });
    chunks.collect()
}

fn key(kind: StateKind, id: &[u8], index: u32) -> Key {
    let digest = Suite::Intl.tagged("gongxin-key-1", &[&[kind as u8], id, &index.to_le_bytes()]);
    let mut key = [0; 32];
    key.iter_mut().zip(digest.as_bytes()).for_each(|(place, byte)| *place = *byte);
    Key { table: Table::Objects, key }
}

/// Canonical bytes of an identifier.
pub(crate) fn id_bytes(id: &impl BorshSerialize) -> Vec<u8> {
    codec::encode(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// However a noun grows, shrinks or changes, the pages that differ are enough to follow it.
        #[test]
        fn changed_pages_lead_from_one_version_to_the_next(
            versions in prop::collection::vec(prop::collection::vec(0_u8..3, 1..700), 1..6)
        ) {
            let mut before: Option<Vec<u8>> = None;
            for noun in versions {
                let old = before.as_deref().map(pages_of).unwrap_or_default();
                let new = pages_of(&noun);
                let places = 0..old.len().max(new.len());
                let changed = places.filter(|place| old.get(*place) != new.get(*place));
                let writes: Vec<Write> = changed
                    .map(|place| Write { key: key(StateKind::Duty, b"id", place as u32), page: new.get(place).copied().map(Page) })
                    .collect();
                let after = Pages::new(&writes).noun(StateKind::Duty, b"id", before.as_deref());
                let unchanged = before.as_ref() == Some(&noun);
                prop_assert_eq!(after, Ok((!unchanged).then(|| noun.clone())));
                prop_assert_eq!(Pages::new(&writes).noun(StateKind::Duty, b"other", None), Ok(None));
                before = Some(noun);
            }
        }
    }

    /// Pages of which one is missing make no noun: the block is not understood rather than guessed.
    #[test]
    fn a_missing_page_is_noticed() {
        let pages = pages_of(&[1; 300]);
        let writes = [Write { key: key(StateKind::Duty, b"id", 0), page: Some(Page(pages[0])) }];
        assert_eq!(Pages::new(&writes).noun(StateKind::Duty, b"id", None), Err(Torn));
        let deleted = [Write { key: key(StateKind::Duty, b"id", 0), page: None }];
        assert_eq!(Pages::new(&deleted).noun(StateKind::Duty, b"id", Some(&[1; 300])), Err(Torn));
    }
}
