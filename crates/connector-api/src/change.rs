//! Change: what was committed in a register, in the order of the commits, with the ticket it carries.

use std::fmt;

use gongxin_types::row::{Row, Value};
use gongxin_types::{FieldName, ResourceId, Time};

use crate::ticket::TicketAct;
use crate::{Bound, Key, RowFault, Ticket};

/// How far a database's changes have come: a number that only grows. In PostgreSQL a position of the write-ahead log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub u64);

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // As PostgreSQL writes its own, so that an operator can compare.
        write!(formatter, "{:X}/{:X}", self.0 >> 32, self.0 & 0xFFFF_FFFF)
    }
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A database transaction, or a part of a long one.
    Changes(Batch),
    /// Nothing of ours happened up to here. Stored and confirmed like the end of a transaction, it lets the database forget.
    Idle {
        /// Up to where.
        position: Position,
    },
}

/// The changes of one database transaction, or a part of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Where its commit stands: the transaction's name, the same each time it is read.
    pub commit: Position,
    /// The clock of the database at the commit.
    pub committed_at: Option<Time>,
    /// Counts the parts of one transaction from 0. A transaction that was interrupted comes again from part 0.
    pub part: u32,
    /// The changes, in order.
    pub changes: Vec<Change>,
    /// With the last part: from where to go on. Only this may be stored and confirmed.
    pub end: Option<Position>,
    /// With the last part: tickets that no change of the transaction answers to.
    pub unused: Vec<Ticket>,
    /// With the last part: how many messages claimed to be tickets and were none, or came when too many waited.
    pub broken_tickets: u32,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The register.
    pub resource: ResourceId,
    /// What changed.
    pub kind: ChangeKind,
    /// The ticket of its transaction that names resource, act and key. Whether it covers the row and is genuine, is not said.
    pub ticket: Option<Ticket>,
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// A new row.
    Created {
        /// Its key.
        key: Key,
        /// Its values.
        row: NewRow,
    },
    /// Other values under the same key. A changed key comes as [`ChangeKind::Deleted`] and [`ChangeKind::Created`].
    Updated {
        /// Its key.
        key: Key,
        /// Its values.
        row: NewRow,
    },
    /// A row taken out.
    Deleted {
        /// Its key.
        key: Key,
    },
    /// All rows taken out at once. No ticket covers that.
    Truncated,
    /// A row that has no canonical form was written.
    Unreadable(RowFault),
}

impl ChangeKind {
    /// The act and the key that a ticket for it would name.
    pub fn act(&self) -> Option<(TicketAct, &Key)> {
        match self {
            Self::Created { key, .. } => Some((TicketAct::Create, key)),
            Self::Updated { key, .. } => Some((TicketAct::Update, key)),
            Self::Deleted { key } => Some((TicketAct::Delete, key)),
            Self::Truncated | Self::Unreadable(_) => None,
        }
    }
}

/// A row as it is after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewRow {
    /// All of it.
    Whole(Row),
    /// Long values that did not change are not in PostgreSQL's stream, unless the table has `REPLICA IDENTITY FULL`.
    Partial {
        /// In catalogue order; none where the value is that of the version before.
        values: Vec<Option<Value>>,
    },
}

/// The version before does not go with this change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("field `{field}` did not change, and the version before it is not known")]
pub struct Incomplete {
    /// The first such field.
    pub field: FieldName,
}

impl NewRow {
    /// The whole row, with what did not change taken from the version before.
    ///
    /// # Errors
    /// When something did not change and there is no version before.
    pub fn complete(self, previous: Option<&Row>, bound: &Bound) -> Result<Row, Incomplete> {
        let values = match self {
            Self::Whole(row) => return Ok(row),
            Self::Partial { values } => values,
        };
        let mut whole = Vec::with_capacity(values.len());
        for (index, (value, field)) in values.into_iter().zip(&bound.resource.fields).enumerate() {
            let before = || previous.and_then(|row| row.0.get(index)).cloned();
            whole.push(value.or_else(before).ok_or_else(|| Incomplete { field: field.name.clone() })?);
        }
        let field = || bound.resource.fields.first().map(|field| field.name.clone());
        match (gongxin_types::List::new(whole), field()) {
            (Ok(values), _) => Ok(Row(values)),
            (Err(_), Some(field)) => Err(Incomplete { field }),
            (Err(_), None) => Ok(Row(gongxin_types::List::empty())),
        }
    }
}
