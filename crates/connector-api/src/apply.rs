//! Apply: what is final on the ledger is written into the register, in the ledger's order (PROTOCOL 29).
//!
//! The row and the mark that it was applied are written in one database transaction. What cannot be applied is marked so
//! as well, with its reason: nothing is tried twice, nothing is passed over unseen.

use gongxin_types::Height;
use gongxin_types::row::Row;

use crate::{Key, OperationId};

/// Where an operation stands on the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Its block.
    pub height: Height,
    /// Counts the operations of the block.
    pub index: u32,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// A new row.
    Create {
        /// The row.
        row: Row,
    },
    /// Other values under the same key.
    Update {
        /// The row as it must be now.
        expected: Row,
        /// The row as it will be.
        row: Row,
    },
    /// A row is taken out.
    Delete {
        /// Its key.
        key: Key,
        /// The row as it must be now.
        expected: Row,
    },
}

/// One operation that is final.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ordered {
    /// Where it stands on the ledger.
    pub place: Place,
    /// Its name, under which it waits in the pending table.
    pub operation: OperationId,
    /// The register.
    pub resource: gongxin_types::ResourceId,
    /// What is to be done.
    pub act: Act,
    /// The ticket that the change carries, so that whoever follows the register knows it; canonical bytes.
    pub ticket: Vec<u8>,
}

/// A change that somebody asks for, in the pending table; it waits until it is final on the ledger.
#[derive(Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The bytes of its ticket, which names operation, act and key. They were not looked at yet.
    pub ticket: Vec<u8>,
    /// The canonical bytes of the row as it shall be; none for a deletion.
    pub row: Option<Vec<u8>>,
}

impl std::fmt::Debug for Waiting {
    // Rows may be about people: their values stay out of logs.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Waiting").field("ticket", &self.ticket.len()).finish_non_exhaustive()
    }
}

/// What became of one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is in the register.
    Applied,
    /// It was applied, or marked as not applicable, by an earlier call.
    Earlier,
    /// It is not in the register, and marked so.
    Not(NotApplied),
}

/// Why an operation was not applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotApplied {
    /// A later operation was applied already.
    #[error("a later operation of the ledger was applied before it")]
    OutOfOrder,
    /// The row is not as it must be: the register was changed beside the ledger.
    #[error("the row is not as the ledger has it")]
    Diverged,
    /// The row is not there.
    #[error("the row is not there")]
    Missing,
    /// A row with this key is there.
    #[error("a row with this key is there already")]
    KeyTaken,
    /// The database refuses the row by a rule of its own.
    #[error("the database refuses the row by a rule of its own")]
    Constraint,
    /// A trigger of the database made another row of it.
    #[error("the database made another row of it")]
    Altered,
}

impl NotApplied {
    /// The code that stands in the pending table.
    pub const fn code(self) -> &'static str {
        match self {
            Self::OutOfOrder => "out-of-order",
            Self::Diverged => "diverged",
            Self::Missing => "missing",
            Self::KeyTaken => "key-taken",
            Self::Constraint => "constraint",
            Self::Altered => "altered",
        }
    }
}
