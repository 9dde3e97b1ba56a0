//! Notice: a year's days off as they are published, in the form of the files in `data/holidays` (the format of
//! `NateScarlet/holiday-cn`: `year`, `papers`, and `days` with `date` and `isOffDay`).
//!
//! A file says everything about its year, and may speak of the December before. Days off that lie on a weekend say nothing new
//! and are left out.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{Calendar, CalendarYear};
use crate::text::Title;
use crate::{Date, List};

/// What a file says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Notice {
    /// Its year.
    pub year: u16,
    /// Where the notices are published.
    pub papers: Vec<Title>,
    /// The days it names.
    pub days: Vec<NoticeDay>,
}

/// A day that a notice names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct NoticeDay {
    /// The day.
    pub date: Date,
    /// Whether it is off; else it is worked.
    #[serde(rename = "isOffDay")]
    pub is_off: bool,
}

/// Why a file is no notice, or cannot be taken into the calendar.
#[derive(Debug, thiserror::Error)]
pub enum NoticeError {
    /// Not of this form.
    #[error("not a holiday notice with `year`, `papers` and `days`")]
    Form(#[from] serde_json::Error),
    /// No source is named.
    #[error("the notice for `{0}` names no paper that it comes from")]
    NoSource(u16),
    /// A day of another year than its own and the one before.
    #[error("the notice for `{year}` speaks of `{date}`")]
    OtherYear {
        /// Of which year it is.
        year: u16,
        /// The day.
        date: Date,
    },
    /// More days, papers or years than a calendar holds.
    #[error("the notice for `{0}` names more days, papers or years than a calendar holds")]
    TooMany(u16),
}

/// A notice taken into a calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The years that are other than before, whole, ascending.
    pub years: Vec<CalendarYear>,
    /// Days that the notice would have made other, and that are no longer to come: they stay as they were.
    pub too_late: Vec<Date>,
}

impl Notice {
    /// Reads a file.
    ///
    /// # Errors
    /// See [`NoticeError`].
    pub fn read(text: &str) -> Result<Self, NoticeError> {
        let notice: Self = serde_json::from_str(text)?;
        if notice.papers.is_empty() {
            return Err(NoticeError::NoSource(notice.year));
        }
        let foreign =
            |day: &&NoticeDay| day.date.year() != notice.year && day.date.year().saturating_add(1) != notice.year;
        match notice.days.iter().find(foreign) {
            Some(day) => Err(NoticeError::OtherYear { year: notice.year, date: day.date }),
            None => Ok(notice),
        }
    }

    /// The years of a calendar as this notice makes them, for days after `today`; all of its days, where none is given. A
    /// notice that is published late leaves the days that have begun as they were.
    ///
    /// # Errors
    /// When there are too many days.
    pub fn take(&self, calendar: &Calendar, today: Option<Date>) -> Result<Taken, NoticeError> {
        let mut years = Vec::new();
        let mut too_late = Vec::new();
        for number in [self.year.saturating_sub(1), self.year] {
            let before = calendar.year(number).cloned().unwrap_or_else(|| CalendarYear::provisional(number));
            let after = self.year_of(&before)?;
            let (after, late) = merge(&before, after, today).ok_or(NoticeError::TooMany(self.year))?;
            too_late.extend(late);
            if after != before {
                years.push(after);
            }
        }
        Ok(Taken { years, too_late })
    }

    /// A year as the notice would have it, from its first day on.
    fn year_of(&self, before: &CalendarYear) -> Result<CalendarYear, NoticeError> {
        let own = before.year == self.year;
        // Of its own year the notice says everything; of the year before, only what it names.
        let kept = |days: &[Date]| if own { BTreeSet::new() } else { days.iter().copied().collect() };
        let (mut off, mut worked) = (kept(&before.days_off), kept(&before.days_worked));
        let mut papers = if own { Vec::new() } else { before.notices.to_vec() };
        for day in self.days.iter().filter(|day| day.date.year() == before.year) {
            let (into, from) = if day.is_off { (&mut off, &mut worked) } else { (&mut worked, &mut off) };
            from.remove(&day.date);
            if day.is_off != day.date.is_weekend() {
                into.insert(day.date);
            }
            papers.extend(self.papers.iter().filter(|paper| !papers.contains(paper)).cloned().collect::<Vec<_>>());
        }
        if own {
            papers.clone_from(&self.papers);
        }
        let too_many = |_| NoticeError::TooMany(self.year);
        Ok(CalendarYear {
            version: 1,
            year: before.year,
            days_off: List::new(off.into_iter().collect()).map_err(too_many)?,
            days_worked: List::new(worked.into_iter().collect()).map_err(too_many)?,
            notices: List::new(papers).map_err(too_many)?,
        })
    }
}

/// The year before up to today, the year after from tomorrow on; and the days on which that makes a difference too late.
fn merge(before: &CalendarYear, after: CalendarYear, today: Option<Date>) -> Option<(CalendarYear, Vec<Date>)> {
    let Some(today) = today else {
        return Some((after, Vec::new()));
    };
    let past = |days: &[Date]| days.iter().copied().filter(|day| *day <= today).collect::<BTreeSet<_>>();
    let join = |old: &[Date], new: &[Date]| {
        let to_come = new.iter().copied().filter(|day| *day > today);
        past(old).into_iter().chain(to_come).collect::<Vec<_>>()
    };
    let late = |old: &[Date], new: &[Date]| past(old).symmetric_difference(&past(new)).copied().collect::<Vec<_>>();
    let mut too_late = late(&before.days_off, &after.days_off);
    too_late.extend(late(&before.days_worked, &after.days_worked));
    too_late.sort_unstable();
    let days_off = List::new(join(&before.days_off, &after.days_off)).ok()?;
    let days_worked = List::new(join(&before.days_worked, &after.days_worked)).ok()?;
    Some((CalendarYear { days_off, days_worked, ..after }, too_late))
}

/// The calendar that notices make one after the other, the oldest first.
///
/// # Errors
/// When there are too many days or years.
pub fn calendar(notices: &[Notice]) -> Result<Calendar, NoticeError> {
    let mut calendar = Calendar::plain();
    for notice in notices {
        let taken = notice.take(&calendar, None)?;
        calendar = calendar.with(&taken.years).ok_or(NoticeError::TooMany(notice.year))?;
    }
    Ok(calendar)
}
