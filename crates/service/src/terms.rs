//! Terms as the faces show them: the calendar in force, and obligations with what it says of them.

use gongxin_types::{Calendar, Date, LegalClock, Obligation, OrganizationId};
use serde::Serialize;

use crate::port::Known;

/// Which obligations: those that pass every part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObligationFilter {
    /// Only those that this organization owes.
    pub obligor: Option<OrganizationId>,
    /// Only those that this organization is owed.
    pub obligee: Option<OrganizationId>,
    /// Only those that are overdue and not ended.
    pub is_overdue: bool,
}

/// The calendar in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CalendarFact {
    /// Counts the calendars, from 1 for that of genesis.
    pub revision: u32,
    /// The day in Shanghai at the last block.
    pub today: Date,
    /// How consensus time maps to legal days.
    pub clock: LegalClock,
    /// The calendar.
    #[serde(flatten)]
    pub calendar: Known<Calendar>,
}

/// An obligation, and what the calendar says of it at the last block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ObligationFact {
    /// The obligation.
    #[serde(flatten)]
    pub obligation: Known<Obligation>,
    /// The last day of its term, which ends at 24:00; none while it stands still.
    pub due_date: Option<Date>,
    /// Whether no notice is published for that day's year, so that it may become another.
    pub provisional: bool,
    /// Whether the term is over, or was over when it ended: true from that midnight on, noted by the ledger or not.
    pub overdue: bool,
}
