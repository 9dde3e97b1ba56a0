//! Nouns after an action: what it wrote, put into the pages that were there before.
//!
//! Keys and pages are those of `state`, by its own functions; nothing about the action's meaning has to be known, and the
//! copy cannot differ from the state.

use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_state::key::{self, Kind};
use gongxin_state::page;
use gongxin_types::Write;
use gongxin_types::receipt::{Key, Page};

/// Writes of one action by their keys.
pub(crate) struct Pages(BTreeMap<Key, Option<Page>>);

impl Pages {
    pub(crate) fn new(writes: &[Write]) -> Self {
        Self(writes.iter().map(|write| (write.key, write.page)).collect())
    }

    /// The noun's bytes after the action; `before` are those it had. `Ok(None)` when none of its pages was written,
    /// `Err` when the pages do not make a noun.
    pub(crate) fn noun<T: BorshSerialize>(
        &self,
        kind: Kind,
        id: &T,
        before: Option<&[u8]>,
    ) -> Result<Option<Vec<u8>>, Torn> {
        let old = before.and_then(page::split).unwrap_or_default();
        let written = |index: u32| self.0.get(&key::of(kind, id, index));
        let page = |index: u32| match written(index) {
            Some(page) => *page,
            None => usize::try_from(index).ok().and_then(|index| old.get(index)).copied(),
        };
        let Some(first) = page(0) else {
            return if written(0).is_some() { Err(Torn) } else { Ok(None) };
        };
        let count = u32::try_from(page::count(page::length(&first))).map_err(|_| Torn)?;
        if !(0..count).any(|index| written(index).is_some()) {
            return Ok(None);
        }
        let pages: Vec<Page> = (0..count).map(page).collect::<Option<_>>().ok_or(Torn)?;
        page::join(&pages).map(Some).ok_or(Torn)
    }
}

/// Pages that do not make a noun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Torn;

/// A noun that fits into one page.
pub(crate) fn slot<T: BorshDeserialize>(write: &Write) -> Option<T> {
    write.page.as_ref().and_then(page::decode_slot)
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
                let old = before.as_deref().and_then(page::split).unwrap_or_default();
                let new = page::split(&noun).unwrap();
                let places = 0..old.len().max(new.len());
                let changed = places.filter(|place| old.get(*place) != new.get(*place));
                let writes: Vec<Write> = changed
                    .map(|place| Write { key: key::of(Kind::Duty, "id", place as u32), page: new.get(place).copied() })
                    .collect();
                let after = Pages::new(&writes).noun(Kind::Duty, &"id", before.as_deref());
                let unchanged = before.as_ref() == Some(&noun);
                prop_assert_eq!(after, Ok((!unchanged).then(|| noun.clone())));
                prop_assert_eq!(Pages::new(&writes).noun(Kind::Duty, &"other", None), Ok(None));
                before = Some(noun);
            }
        }
    }

    /// Pages of which one is missing make no noun: the block is not understood rather than guessed.
    #[test]
    fn a_missing_page_is_noticed() {
        let pages = page::split(&[1; 300]).unwrap();
        let writes = [Write { key: key::of(Kind::Duty, "id", 0), page: Some(pages[0]) }];
        assert_eq!(Pages::new(&writes).noun(Kind::Duty, &"id", None), Err(Torn));
        let deleted = [Write { key: key::of(Kind::Duty, "id", 0), page: None }];
        assert_eq!(Pages::new(&deleted).noun(Kind::Duty, &"id", Some(&[1; 300])), Err(Torn));
    }
}
