//! Compare: what a register holds against what the ledger committed to, row by row, in constant memory.
//!
//! Both sides come in key order: the rows of a [snapshot](crate::Snapshot), and for every key that ever had a record what the
//! ledger says of its latest life. A merge finds every row that is changed, missing, added, duplicated or resurrected. One row
//! costs two hashes, as the stored root of its fields is taken as it is (docs/spec/row.md, section 3).

use std::cmp::Ordering;

use gongxin_crypto::{Digest, Suite};
use gongxin_types::row::{Salt, commitment};

use crate::{Key, KeyedRow, RowFault};

/// What the ledger and the vault say of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The key.
    pub key: Key,
    /// Its living record; none where the latest was deleted.
    pub living: Option<Living>,
}

/// The latest version of a living record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Living {
    /// As on the ledger.
    pub commitment: Digest,
    /// From the vault.
    pub salt: Salt,
    /// From the vault.
    pub fields_root: Digest,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The row is not the one that was committed to.
    Changed {
        /// Its key.
        key: Key,
        /// As on the ledger.
        expected: Digest,
        /// Of the row that is there, under the salt and fields root of the version that should be.
        found: Digest,
    },
    /// There is a living record, and no row.
    Missing {
        /// Its key.
        key: Key,
        /// As on the ledger.
        expected: Digest,
    },
    /// There is a row, and never was a record.
    Added {
        /// Its key.
        key: Key,
    },
    /// The row is there though its record was deleted.
    Resurrected {
        /// Its key.
        key: Key,
    },
    /// A second row with this key.
    Duplicated {
        /// Its key.
        key: Key,
    },
    /// A row that has no canonical form. Where its key is known, it is not missing.
    Unreadable(RowFault),
}

/// One side does not come in key order, so that nothing can be concluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{side} do not come in the order of their keys")]
pub struct OutOfOrder {
    side: &'static str,
}

/// A pass over one register.
#[derive(Debug)]
pub struct Comparison<I> {
    suite: Suite,
    expected: I,
    // The next of the other side, already taken from it.
    ahead: Option<Expected>,
    latest_expected: Option<Key>,
    latest_row: Option<Key>,
    compared: u64,
}

impl<I, E> Comparison<I>
where
    I: Iterator<Item = Result<Expected, E>>,
    E: From<OutOfOrder>,
{
    /// Begins a pass. `expected` begins where the rows begin: after the same key.
    pub fn new(suite: Suite, expected: I) -> Self {
        Self { suite, expected, ahead: None, latest_expected: None, latest_row: None, compared: 0 }
    }

    /// Rows compared so far.
    pub fn compared(&self) -> u64 {
        self.compared
    }

    /// The next row of the register.
    ///
    /// # Errors
    /// When a side is out of order, or the other side fails.
    pub fn row(&mut self, row: &Result<KeyedRow, RowFault>, found: &mut impl FnMut(Difference)) -> Result<(), E> {
        self.compared = self.compared.saturating_add(1);
        let key = match row {
            Ok(row) => &row.key,
            Err(fault) => {
                found(Difference::Unreadable(fault.clone()));
                match &fault.key {
                    Some(key) => key,
                    None => return Ok(()),
                }
            }
        };
        match self.latest_row.as_ref().map(|latest| latest.cmp(key)) {
            Some(Ordering::Greater) => return Err(OutOfOrder { side: "the rows of the register" }.into()),
            Some(Ordering::Equal) => {
                found(Difference::Duplicated { key: key.clone() });
                return Ok(());
            }
            Some(Ordering::Less) | None => {}
        }
        let expected = self.take_upto(key, found)?;
        if let Ok(row) = row {
            self.judge(row, expected, found);
        }
        self.latest_row = Some(key.clone());
        Ok(())
    }

    /// There are no more rows: what is left on the other side is missing.
    ///
    /// # Errors
    /// When the other side is out of order or fails.
    pub fn finish(mut self, found: &mut impl FnMut(Difference)) -> Result<u64, E> {
        while let Some(expected) = self.next_expected()? {
            missing(expected, found);
        }
        Ok(self.compared)
    }

    /// What is expected under this key; whatever was expected before it is missing.
    fn take_upto(&mut self, key: &Key, found: &mut impl FnMut(Difference)) -> Result<Option<Expected>, E> {
        while let Some(expected) = self.next_expected()? {
            match expected.key.cmp(key) {
                Ordering::Less => missing(expected, found),
                Ordering::Equal => return Ok(Some(expected)),
                Ordering::Greater => {
                    self.ahead = Some(expected);
                    return Ok(None);
                }
            }
        }
        Ok(None)
    }

    fn next_expected(&mut self) -> Result<Option<Expected>, E> {
        if let Some(expected) = self.ahead.take() {
            return Ok(Some(expected));
        }
        let Some(expected) = self.expected.next().transpose()? else {
            return Ok(None);
        };
        if self.latest_expected.as_ref().is_some_and(|latest| *latest >= expected.key) {
            return Err(OutOfOrder { side: "the commitments" }.into());
        }
        self.latest_expected = Some(expected.key.clone());
        Ok(Some(expected))
    }

    fn judge(&self, row: &KeyedRow, expected: Option<Expected>, found: &mut impl FnMut(Difference)) {
        let key = || row.key.clone();
        match expected {
            None => found(Difference::Added { key: key() }),
            Some(Expected { living: None, .. }) => found(Difference::Resurrected { key: key() }),
            Some(Expected { living: Some(living), .. }) => {
                let is = commitment(self.suite, &row.row.digest(self.suite, &living.salt), &living.fields_root);
                if is != living.commitment {
                    found(Difference::Changed { key: key(), expected: living.commitment, found: is });
                }
            }
        }
    }
}

fn missing(expected: Expected, found: &mut impl FnMut(Difference)) {
    if let Some(living) = expected.living {
        found(Difference::Missing { key: expected.key, expected: living.commitment });
    }
}
