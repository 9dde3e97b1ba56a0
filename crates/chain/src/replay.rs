//! Replay windows as of the tip, kept in memory for admission.
//!
//! The windows themselves are pages of the state; every final block's writes keep those here current. A page that is not
//! here is read from the state.

use std::collections::{BTreeMap, HashMap};

use gongxin_types::receipt::{Key, Page};

use crate::limits;

/// Cached pages of replay windows.
#[derive(Default)]
pub(crate) struct ReplayCache {
    pages: HashMap<Key, Option<Page>>,
}

impl ReplayCache {
    /// A cached page; `None` if it is not cached.
    pub(crate) fn get(&self, key: &Key) -> Option<Option<Page>> {
        self.pages.get(key).copied()
    }

    /// Caches what was read.
    pub(crate) fn insert(&mut self, key: Key, page: Option<Page>) {
        if self.pages.len() >= limits::REPLAY_CACHE_MAX {
            self.pages.clear();
        }
        self.pages.insert(key, page);
    }

    /// Brings cached pages to the state after a final block.
    pub(crate) fn apply(&mut self, writes: &BTreeMap<Key, Option<Page>>) {
        if self.pages.len() < writes.len() {
            for (key, cached) in &mut self.pages {
                if let Some(page) = writes.get(key) {
                    *cached = *page;
                }
            }
            return;
        }
        for (key, page) in writes {
            if let Some(cached) = self.pages.get_mut(key) {
                *cached = *page;
            }
        }
    }
}
