//! View: the pages a block sees, and what it has written so far.
//!
//! `chain` fills it with pages of the parent's state; the block's writes lie above them. Every write stands in a journal,
//! so that a refused action, or a whole transaction that is all or nothing, is undone exactly. A read of a page that was
//! not loaded is noted, not guessed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_types::codec;
use gongxin_types::receipt::{Key, Page, Write};

use crate::key::{self, ObjectName};
use crate::noun::{Noun, Nouns};
use crate::page;
use crate::stop::Halt;

/// Pages of the parent's state, and writes of the block above them.
#[derive(Debug, Default)]
pub struct View {
    // Keys lead to places in `slots`: the tree stays small, pages are not moved about.
    index: BTreeMap<Key, usize>,
    slots: Vec<Slot>,
    journal: Vec<Entry>,
    missing: BTreeSet<Key>,
    nouns: Nouns,
}

#[derive(Debug)]
struct Slot {
    key: Key,
    /// Nothing where the page was written without having been loaded.
    before: Option<Option<Page>>,
    now: Now,
}

#[derive(Clone, Copy, Debug)]
enum Now {
    Unwritten,
    Written(Option<Page>),
}

#[derive(Debug)]
struct Entry {
    slot: usize,
    undo: Now,
    page: Option<Page>,
}

/// A place in the journal to return to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Savepoint(usize);

impl View {
    /// A view without pages.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in a page of the parent's state, or the fact that there is none.
    pub fn insert(&mut self, key: Key, page: Option<Page>) {
        let next = self.slots.len();
        let place = *self.index.entry(key).or_insert(next);
        match self.slots.get_mut(place) {
            Some(slot) => slot.before = Some(page),
            None => self.slots.push(Slot { key, before: Some(page), now: Now::Unwritten }),
        }
    }

    /// Forgets writes and findings, keeps the pages: a block begins.
    pub(crate) fn reset(&mut self) {
        self.journal.clear();
        self.missing.clear();
        self.nouns = Nouns::default();
        self.slots.iter_mut().for_each(|slot| slot.now = Now::Unwritten);
    }

    /// The pages that were read and are not loaded.
    pub(crate) fn take_missing(&mut self) -> BTreeSet<Key> {
        std::mem::take(&mut self.missing)
    }

    pub(crate) fn is_missing_any(&self) -> bool {
        !self.missing.is_empty()
    }

    /// A page as the block sees it now.
    pub(crate) fn page(&mut self, key: &Key) -> Result<Option<&Page>, Halt> {
        let slot = self.index.get(key).and_then(|place| self.slots.get(*place));
        let known = match slot {
            Some(Slot { now: Now::Written(page), .. } | Slot { before: Some(page), .. }) => Some(page.as_ref()),
            Some(Slot { before: None, .. }) | None => None,
        };
        if known.is_none() {
            self.missing.insert(*key);
        }
        known.ok_or(Halt::Missing)
    }

    /// Writes a page, or deletes it, whatever stood there.
    pub(crate) fn write(&mut self, key: Key, page: Option<Page>) {
        let next = self.slots.len();
        let place = *self.index.entry(key).or_insert(next);
        if place == next {
            self.slots.push(Slot { key, before: None, now: Now::Unwritten });
        }
        if let Some(slot) = self.slots.get_mut(place) {
            let undo = std::mem::replace(&mut slot.now, Now::Written(page));
            self.journal.push(Entry { slot: place, undo, page });
        }
    }

    /// A noun of one page.
    pub(crate) fn slot<T: BorshDeserialize>(&mut self, key: &Key) -> Result<Option<T>, Halt> {
        match self.page(key)? {
            None => Ok(None),
            Some(page) => page::decode_slot(page).map(Some).ok_or(Halt::Corrupt("slot")),
        }
    }

    /// Writes a noun of one page.
    pub(crate) fn put_slot<T: BorshSerialize>(&mut self, key: Key, noun: &T) -> Result<(), Halt> {
        match page::split(&codec::encode(noun)).as_deref() {
            Some([page]) => {
                self.write(key, Some(*page));
                Ok(())
            }
            _ => Err(Halt::Corrupt("a slot longer than its page")),
        }
    }

    /// A noun of any length, kept decoded for the rest of the block.
    pub(crate) fn noun<T: Noun>(&mut self, id: &T::Id) -> Result<Option<Arc<T>>, Halt> {
        if let Some(known) = T::shelf(&mut self.nouns).get(id) {
            return Ok(known.clone());
        }
        let found = match self.bytes(&ObjectName::new(T::KIND, id, T::PAGES))? {
            None => None,
            Some(bytes) => {
                let noun: T = codec::decode(T::NAME, &bytes).map_err(|_| Halt::Corrupt(T::NAME))?;
                Some(Arc::new(noun))
            }
        };
        T::shelf(&mut self.nouns).insert(id.clone(), found.clone());
        Ok(found)
    }

    /// Writes those pages of a noun that changed. `Ok(false)` if the noun is longer than a noun may be.
    pub(crate) fn put<T: Noun>(&mut self, id: &T::Id, noun: T) -> Result<bool, Halt> {
        let Some(pages) = page::split(&codec::encode(&noun)) else {
            return Ok(false);
        };
        let name = ObjectName::new(T::KIND, id, T::PAGES);
        let before = self.pages(&name)?;
        for place in 0..pages.len().max(before.len()) {
            let page = pages.get(place).copied();
            if before.get(place).copied() != page {
                self.write(name.key(u32::try_from(place).unwrap_or(u32::MAX)), page);
            }
        }
        T::shelf(&mut self.nouns).insert(id.clone(), Some(Arc::new(noun)));
        Ok(true)
    }

    fn bytes(&mut self, name: &ObjectName) -> Result<Option<Vec<u8>>, Halt> {
        let pages = self.pages(name)?;
        if pages.is_empty() {
            return Ok(None);
        }
        page::join(&pages).map(Some).ok_or(Halt::Corrupt("pages of a noun"))
    }

    /// All pages of a noun; asks for every one that is missing before it gives up.
    pub(crate) fn pages(&mut self, name: &ObjectName) -> Result<Vec<Page>, Halt> {
        let first = match self.page(&name.key(0)) {
            Ok(page) => page.copied(),
            Err(halt) => {
                // Most likely it is there and has its usual length: ask for all of it at once.
                for place in 1..u32::from(name.pages) {
                    // What is missing is noted; that is all this read is for.
                    let _ = self.page(&name.key(place));
                }
                return Err(halt);
            }
        };
        let Some(first) = first else { return Ok(Vec::new()) };
        let count = u32::try_from(page::count(page::length(&first))).unwrap_or(u32::MAX);
        let mut pages = vec![first];
        let mut verdict = Ok(());
        for place in 1..count {
            match self.page(&name.key(place)) {
                Ok(Some(page)) => pages.push(*page),
                Ok(None) => verdict = Err(Halt::Corrupt("a page of a noun is absent")),
                Err(halt) => verdict = Err(halt),
            }
        }
        verdict.map(|()| pages)
    }

    /// Writes the bytes of a blob under its digest.
    pub(crate) fn put_blob(&mut self, digest: &gongxin_crypto::Digest, bytes: &[u8]) {
        for (place, page) in (0_u32..).zip(page::chunks(bytes)) {
            self.write(key::blob(digest, place), Some(page));
        }
    }

    /// The bytes of a blob of so many bytes.
    pub(crate) fn blob(&mut self, digest: &gongxin_crypto::Digest, length: u32) -> Result<Vec<u8>, Halt> {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let count = u32::try_from(length.div_ceil(gongxin_types::limits::PAGE_BYTES)).unwrap_or(u32::MAX);
        let mut bytes = Vec::new();
        let mut verdict = Ok(());
        for place in 0..count {
            match self.page(&key::blob(digest, place)) {
                Ok(Some(page)) => bytes.extend_from_slice(&page.0),
                Ok(None) => verdict = Err(Halt::Corrupt("a page of a blob is absent")),
                Err(halt) => verdict = Err(halt),
            }
        }
        bytes.truncate(length);
        verdict.map(|()| bytes)
    }

    /// Where the journal stands.
    pub(crate) fn savepoint(&self) -> Savepoint {
        Savepoint(self.journal.len())
    }

    /// Undoes everything written since.
    pub(crate) fn roll_back(&mut self, savepoint: Savepoint) {
        if self.journal.len() > savepoint.0 {
            // Nouns changed since may be among those kept decoded; they are read again.
            self.nouns = Nouns::default();
        }
        while self.journal.len() > savepoint.0 {
            let Some(entry) = self.journal.pop() else { return };
            if let Some(slot) = self.slots.get_mut(entry.slot) {
                slot.now = entry.undo;
            }
        }
    }

    /// What was written since, in order.
    pub(crate) fn writes_since(&self, savepoint: Savepoint) -> Vec<Write> {
        let entries = self.journal.get(savepoint.0..).unwrap_or_default().iter();
        entries.filter_map(|entry| Some(Write { key: self.slots.get(entry.slot)?.key, page: entry.page })).collect()
    }

    /// A transaction is over: its writes stay.
    pub(crate) fn commit(&mut self) {
        self.journal.clear();
    }

    /// Everything the block wrote.
    pub(crate) fn writes(&self) -> BTreeMap<Key, Option<Page>> {
        let written = self.slots.iter().filter_map(|slot| match slot.now {
            Now::Unwritten => None,
            Now::Written(page) => Some((slot.key, page)),
        });
        written.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page that was written without having been loaded is unknown again once the write is undone: it is asked for, not taken
    /// for absent.
    #[test]
    fn a_blind_write_teaches_nothing() {
        let (mut view, key) = (View::new(), key::of(key::Kind::Blob, &(), 0));
        let start = view.savepoint();
        view.write(key, Some(Page([1; gongxin_types::limits::PAGE_BYTES])));
        assert!(view.page(&key).is_ok_and(|page| page.is_some()));
        view.roll_back(start);
        assert_eq!(view.page(&key), Err(Halt::Missing));
        assert_eq!(view.take_missing(), BTreeSet::from([key]));
    }
}
