//! Where on the ledger something stands.

use gongxin_types::Height;
use serde::Serialize;

/// A transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Location {
    /// Its block.
    pub height: Height,
    /// Its place in the block, from 0.
    pub transaction: u32,
}

/// An action of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ActionLocation {
    /// Its transaction.
    #[serde(flatten)]
    pub transaction: Location,
    /// Its place in the transaction, from 0.
    pub action: u16,
}

/// An operation of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct OperationLocation {
    /// Its batch.
    #[serde(flatten)]
    pub action: ActionLocation,
    /// Its place in the batch, from 0.
    pub operation: u32,
}

impl Location {
    /// The action of this transaction at a place.
    pub const fn action(self, action: u16) -> ActionLocation {
        ActionLocation { transaction: self, action }
    }
}

impl ActionLocation {
    /// The block.
    pub const fn height(self) -> Height {
        self.transaction.height
    }

    /// The operation of this batch at a place.
    pub const fn operation(self, operation: u32) -> OperationLocation {
        OperationLocation { action: self, operation }
    }
}
