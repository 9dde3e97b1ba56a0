//! Finding: what a check of a database found, and what to do about it.

use std::fmt;

use gongxin_types::ResourceId;

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// It works, and could be better.
    Advice,
    /// The register cannot be followed, or not completely.
    Fault,
}

/// What kind of thing is wrong; a stable code for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Problem {
    /// No such table or view.
    TableMissing,
    /// A bound column is not there: dropped or renamed.
    ColumnMissing,
    /// A column of another type than its field.
    ColumnType,
    /// A key column that may be NULL.
    KeyNullable,
    /// No unique index over exactly the key columns.
    KeyNotUnique,
    /// Changes would not carry the key.
    ReplicaIdentity,
    /// A privilege that we need is missing.
    PrivilegeMissing,
    /// A privilege that we do not need is there.
    PrivilegeExcess,
    /// The server keeps no log that can be followed.
    ServerSetting,
    /// The table is not published, or not all of its changes.
    Publication,
    /// The slot is missing, lost, of another kind, or not ours.
    Slot,
    /// The slot, or the outbox, holds more than its limit.
    Backlog,
    /// Triggers or outbox are missing or not as installed.
    Outbox,
    /// A text encoding that can hold what is not UTF-8.
    Encoding,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub weight: Weight,
    /// What kind of thing.
    pub problem: Problem,
    /// The register; none where it is the database as a whole.
    pub resource: Option<ResourceId>,
    /// What is so, in words.
    pub what: String,
    /// What to do, in words or SQL.
    pub todo: String,
}

impl Finding {
    /// A fault.
    pub fn fault(problem: Problem, resource: Option<&ResourceId>, what: String, todo: String) -> Self {
        Self { weight: Weight::Fault, problem, resource: resource.cloned(), what, todo }
    }

    /// An advice.
    pub fn advice(problem: Problem, resource: Option<&ResourceId>, what: String, todo: String) -> Self {
        Self { weight: Weight::Advice, problem, resource: resource.cloned(), what, todo }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(resource) = &self.resource {
            write!(formatter, "`{resource}`: ")?;
        }
        write!(formatter, "{}; {}", self.what, self.todo)
    }
}
