//! Answers, each with the height it is true at; long ones in pages with a cursor that stays valid while blocks arrive.

use std::fmt;
use std::str::FromStr;

use gongxin_types::{Height, Time};
use serde::{Deserialize, Serialize};

use crate::{ActionLocation, Location, limits};

/// An answer and the height it is true at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Answer<T> {
    /// The answer.
    pub value: T,
    /// The last block it takes account of.
    pub height: Height,
    /// Consensus time of that block.
    pub time: Time,
}

impl<T> Answer<T> {
    /// The same answer in another form.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Answer<U> {
        Answer { value: change(self.value), height: self.height, time: self.time }
    }
}

/// Some of the items, in a fixed order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page begins; none after the last item.
    pub next: Option<Cursor>,
    /// The last block it takes account of.
    pub height: Height,
}

/// Which items are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// After which item; from the first if absent.
    pub after: Option<Cursor>,
    /// How many at most; at least 1, at most [`limits::PAGE_ITEMS_MAX`].
    pub limit: usize,
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { after: None, limit: limits::PAGE_ITEMS }
    }
}

impl PageRequest {
    /// The page that begins at a cursor.
    pub fn after(cursor: Cursor) -> Self {
        Self { after: Some(cursor), ..Self::default() }
    }

    /// As many items as one page can hold.
    pub fn largest() -> Self {
        Self { after: None, limit: limits::PAGE_ITEMS_MAX }
    }

    /// How many items to read: one more than asked for tells whether there is a next page.
    pub(crate) fn limit(&self) -> usize {
        self.limit.clamp(1, limits::PAGE_ITEMS_MAX)
    }
}

/// The place after an item: an identifier or a location, as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(String);

/// Text that is no cursor of this list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this list: use the `next` of the page before")]
pub struct CursorError;

impl Cursor {
    /// After the item of this identifier.
    pub(crate) fn of_id(id: &impl fmt::Display) -> Self {
        Self(id.to_string())
    }

    /// After the item at this location.
    pub(crate) fn of_location(at: ActionLocation) -> Self {
        Self(format!("{}-{}-{}", at.height(), at.transaction.transaction, at.action))
    }

    /// The identifier it names.
    pub(crate) fn id(&self) -> &str {
        &self.0
    }

    /// The location it names.
    pub(crate) fn location(&self) -> Option<ActionLocation> {
        let mut parts = self.0.split('-');
        let height = Height::new(parts.next()?.parse().ok()?);
        let transaction = parts.next()?.parse().ok()?;
        let action = parts.next()?.parse().ok()?;
        parts.next().is_none().then(|| Location { height, transaction }.action(action))
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Cursor {
    type Err = CursorError;
    fn from_str(text: &str) -> Result<Self, CursorError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/' | b':');
        let within = !text.is_empty() && text.len() <= limits::CURSOR_BYTES_MAX;
        if within && text.bytes().all(allowed) { Ok(Self(text.into())) } else { Err(CursorError) }
    }
}

/// Cuts a list that was read one item too far, and says where the next page begins.
pub(crate) fn cut<T>(mut items: Vec<T>, limit: usize, height: Height, cursor: impl FnOnce(&T) -> Cursor) -> Page<T> {
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(cursor);
    Page { items, next, height }
}
