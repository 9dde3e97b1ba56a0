//! What was done to a state database, in an engine's order and nobody's format.

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_types::receipt::Page;

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableKind {
    /// Objects: presence can be proven.
    Objects,
    /// Lists, ordered: absence too.
    Lists,
}

impl TableKind {
    /// Both, in the order of headers.
    pub const ALL: [Self; 2] = [Self::Objects, Self::Lists];

    /// Its place in a header.
    pub const fn place(self) -> usize {
        match self {
            Self::Objects => 0,
            Self::Lists => 1,
        }
    }

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Objects => "objects",
            Self::Lists => "lists",
        }
    }
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Operation {
    /// A key was removed.
    Removed {
        /// The key.
        key: [u8; 32],
    },
    /// A page was written.
    Written {
        /// Its key.
        key: [u8; 32],
        /// The page.
        page: Page,
    },
    /// A page was written in a table whose keys have an order.
    Linked {
        /// Its key.
        key: [u8; 32],
        /// The page.
        page: Page,
        /// The key after it; after the last one comes the first.
        next: [u8; 32],
    },
    /// A block ended.
    Committed {
        /// Below this operation none counts any more.
        floor: u64,
    },
}
