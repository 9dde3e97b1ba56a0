//! Calendar 日历: the working days in force, and those that were in force at any height. Genesis brings the first, votes amend it.

use gongxin_state::key::Kind;
use gongxin_types::calendar::CalendarChange;
use gongxin_types::{Calendar, Height, LegalClock, OrganizationId};
use rusqlite::Connection;

use crate::noun::{self, Place};
use crate::parameters::{One, present};
use crate::store::{Snapshot, decode, one};
use crate::{Answer, Fact, Noun, Projection, ProjectionError};

/// There is one, under this name.
const ONE: &str = "calendar";

impl Noun for Calendar {
    type Id = One;
    const KIND: u8 = 66;
    const STATE: Option<Kind> = None;
    const NAME: &'static str = "calendar";

    fn id(&self) -> One {
        One(ONE)
    }

    fn owner(&self) -> Option<&OrganizationId> {
        None
    }
}

impl Projection {
    /// The calendar in force.
    ///
    /// # Errors
    /// Those of the database.
    pub fn calendar(&self) -> Result<Answer<Fact<Calendar>>, ProjectionError> {
        present(self.noun(&One(ONE))?)
    }

    /// The calendar that was in force at the end of a block.
    ///
    /// # Errors
    /// Those of the database.
    pub fn calendar_at(&self, height: Height) -> Result<Answer<Fact<Calendar>>, ProjectionError> {
        present(self.noun_at(&One(ONE), height)?)
    }

    /// The clock that it is read by.
    pub const fn clock(&self) -> &LegalClock {
        &self.clock
    }
}

/// The calendar in force.
pub(crate) fn in_force(snapshot: &Snapshot<'_>) -> Result<Calendar, ProjectionError> {
    let latest = noun::latest::<Calendar>(snapshot, &One(ONE))?;
    latest.map(|fact| fact.noun).ok_or(ProjectionError::Damaged { what: "what genesis brought" })
}

/// Puts in the calendar as an accepted change has made it.
pub(crate) fn amend(database: &Connection, change: &CalendarChange, height: Height) -> Result<(), ProjectionError> {
    const ACTION: &str = "amend the calendar";
    let query = "SELECT noun FROM nouns WHERE kind = ?1 AND id = ?2";
    let before: Option<Vec<u8>> =
        one(database, query, (Calendar::KIND, ONE), |row| row.get(0)).map_err(ProjectionError::storage(ACTION))?;
    let before: Option<Calendar> = before.map(|bytes| decode(Calendar::NAME, &bytes)).transpose()?;
    let after = before.and_then(|before| before.with(&change.years));
    let after = after.ok_or(ProjectionError::NotUnderstood { height, what: Calendar::NAME })?;
    noun::put(database, &after, Place::Due(height)).map_err(ProjectionError::storage(ACTION))
}
