//! Calendar 日历: the working days in force, the legal day of a block, and amendments of days to come.
//!
//! The calendar stands whole under its digest, as parameters do; a head names it and holds the network's legal clock, which
//! genesis sets for ever. A day that has begun is never amended (PROTOCOL 17): whatever was counted stays counted, and
//! everybody who looks at a past block counts the same.

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_types::calendar::CalendarChange;
use gongxin_types::{Calendar, LegalClock, Ordinal, Refusal, codec};

use crate::admission::BlockContext;
use crate::caches::Head;
use crate::key::{self, Kind};
use crate::stop::{Halt, Judged, ensure};
use crate::view::View;

/// Which calendar is in force, and the clock that it is read by.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct CalendarHead {
    pub(crate) set: Head,
    pub(crate) clock: LegalClock,
}

impl CalendarHead {
    /// What is in force.
    pub(crate) fn of(view: &mut View) -> Result<Self, Halt> {
        view.slot(&key::of(Kind::Calendar, &(), 0))?.ok_or(Halt::Corrupt("head of the calendar"))
    }
}

/// The legal day of a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Today {
    /// Working days until its end: what is received today begins after it.
    pub(crate) ordinal: Ordinal,
    /// Working days that are over: what was due on one of them is overdue.
    pub(crate) over: Ordinal,
}

impl Today {
    pub(crate) fn new(block: &BlockContext, clock: &LegalClock, calendar: &Calendar) -> Self {
        let date = clock.date(block.time);
        Self { ordinal: calendar.ordinal(date), over: calendar.ordinal(date.previous()) }
    }
}

/// Refuses an amendment that does not fit, or that would make a day another that has begun.
pub(crate) fn check(block: &BlockContext, view: &mut View, change: &CalendarChange) -> Judged {
    amended(block, view, change).map(|_| ())
}

/// Lets an amendment take effect.
pub(crate) fn enact(block: &BlockContext, view: &mut View, change: &CalendarChange) -> Judged {
    let (head, calendar) = amended(block, view, change)?;
    let (digest, bytes) = (calendar.digest(block.suite), codec::encode(&calendar));
    let set = Head::new(change.revision, digest, &bytes);
    view.put_slot(key::of(Kind::Calendar, &(), 0), &CalendarHead { set, clock: head.clock })?;
    view.put_blob(&digest, &bytes);
    Ok(())
}

fn amended(block: &BlockContext, view: &mut View, change: &CalendarChange) -> Judged<(CalendarHead, Calendar)> {
    let head = CalendarHead::of(view)?;
    ensure(change.revision == head.set.revision.saturating_add(1), Refusal::RevisionMismatch)?;
    ensure(!change.years.is_empty(), Refusal::Malformed)?;
    let bytes = view.blob(&head.set.digest, head.set.length)?;
    let before: Calendar = codec::decode("calendar", &bytes).map_err(|_| Halt::Corrupt("calendar"))?;
    let after = before.with(&change.years).ok_or(Refusal::Malformed)?;
    ensure(after.is_sound(), Refusal::Malformed)?;
    ensure(before.agrees_until(&after, head.clock.date(block.time)), Refusal::PastDay)?;
    Ok((head, after))
}
