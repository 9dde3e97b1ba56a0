//! A sequence with a bound that is part of its type.

use std::ops::Deref;

use borsh::{BorshDeserialize, BorshSerialize, io};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::codec::invalid;

/// At most `MAX` items; encoded as a `u32` count and the items.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct List<T, const MAX: usize>(Vec<T>);

/// More items than the list may hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{count} items where at most {max} are allowed")]
pub struct TooMany {
    /// How many there were.
    pub count: usize,
    /// How many there may be.
    pub max: usize,
}

impl<T, const MAX: usize> List<T, MAX> {
    /// Takes a vector within the bound.
    ///
    /// # Errors
    /// When it holds more than `MAX` items.
    pub fn new(items: Vec<T>) -> Result<Self, TooMany> {
        if items.len() > MAX { Err(TooMany { count: items.len(), max: MAX }) } else { Ok(Self(items)) }
    }

    /// No items.
    pub const fn empty() -> Self {
        Self(Vec::new())
    }

    /// The items, given away.
    pub fn into_inner(self) -> Vec<T> {
        self.0
    }

    /// Adds an item, unless the list is full.
    ///
    /// # Errors
    /// When the list already holds `MAX` items.
    pub fn push(&mut self, item: T) -> Result<(), TooMany> {
        if self.0.len() >= MAX {
            return Err(TooMany { count: self.0.len().saturating_add(1), max: MAX });
        }
        self.0.push(item);
        Ok(())
    }

    /// The items, to change one in place.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.0.iter_mut()
    }
}

impl<T, const MAX: usize> Default for List<T, MAX> {
    fn default() -> Self {
        Self::empty()
    }
}

impl<T, const MAX: usize> Deref for List<T, MAX> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T, const MAX: usize> TryFrom<Vec<T>> for List<T, MAX> {
    type Error = TooMany;
    fn try_from(items: Vec<T>) -> Result<Self, TooMany> {
        Self::new(items)
    }
}

impl<T, const MAX: usize> IntoIterator for List<T, MAX> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T, const MAX: usize> IntoIterator for &'a List<T, MAX> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<T: BorshSerialize, const MAX: usize> BorshSerialize for List<T, MAX> {
    fn serialize<W: io::Write>(&self, writer: &mut W) -> io::Result<()> {
        BorshSerialize::serialize(&self.0, writer)
    }
}

impl<T: BorshDeserialize, const MAX: usize> BorshDeserialize for List<T, MAX> {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let count = u32::deserialize_reader(reader)? as usize;
        if count > MAX {
            return Err(invalid(TooMany { count, max: MAX }.to_string()));
        }
        // Memory follows the bytes that really arrive, not the count that was claimed.
        let mut items = Vec::with_capacity(count.min(64));
        for _ in 0..count {
            items.push(T::deserialize_reader(reader)?);
        }
        Ok(Self(items))
    }
}

impl<T: Serialize, const MAX: usize> Serialize for List<T, MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Serialize::serialize(&self.0, serializer)
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for List<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(<Vec<T> as Deserialize>::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
