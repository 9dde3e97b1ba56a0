//! Calendar 日历: which days are worked, and how many of them have passed.
//!
//! A legal term of working days begins on the day after the receipt and ends at 24:00 of its last working day (Civil Code
//! arts. 201 and 203). Mondays to Fridays are worked, but for the days that the State Council's yearly notice makes days off,
//! and so are the weekends that it makes working days in exchange (调休). A year without a notice has plain weekends: what is
//! said of it is provisional.
//!
//! An [`Ordinal`] counts the working days since 1970, whatever calendar was in force then: only differences mean anything.
//! What falls due is due on an ordinal, so that a notice published late moves it; and since only days to come can be amended
//! (a fixed rule of `state`), the ordinal of a day that has begun never changes.
//!
//! This room is plain arithmetic on whole days. What the time is in Shanghai is said by [`clock`].

pub mod clock;
pub mod notice;

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::{Digest, Suite};
use serde::{Deserialize, Serialize};

use crate::text::Title;
use crate::{Date, List, codec, limits};

/// How many working days there were since 1970, a day's own included where it is one.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    BorshSerialize,
    BorshDeserialize,
    Serialize,
    Deserialize,
)]
#[serde(transparent)]
pub struct Ordinal(u32);

impl Ordinal {
    /// The ordinal with this number.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// So many working days later.
    pub fn plus(self, days: u16) -> Self {
        Self(self.0.saturating_add(days.into()))
    }

    /// Working days from an earlier one to this; 0 if it is not earlier.
    pub fn since(self, earlier: Self) -> u16 {
        u16::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(u16::MAX)
    }
}

/// The days of one year that are not as the week would have them.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarYear {
    /// Encoding version: 1.
    pub version: u8,
    /// The year.
    pub year: u16,
    /// Mondays to Fridays that are days off, ascending.
    pub days_off: List<Date, { limits::DAYS_OFF_MAX }>,
    /// Saturdays and Sundays that are worked, ascending.
    pub days_worked: List<Date, { limits::DAYS_WORKED_MAX }>,
    /// The notices that say so: official title, number, or address. None yet: the year is provisional.
    pub notices: List<Title, { limits::NOTICES_MAX }>,
}

impl CalendarYear {
    /// A year of plain weekends, without a notice.
    pub const fn provisional(year: u16) -> Self {
        Self { version: 1, year, days_off: List::empty(), days_worked: List::empty(), notices: List::empty() }
    }

    /// Whether its days are of this year, ascending, and each of them another than the week says; and whether a notice is named
    /// where there are any.
    pub fn is_sound(&self) -> bool {
        let ascending = |days: &[Date]| days.is_sorted_by(|one, next| one < next);
        let within = |days: &[Date]| days.iter().all(|day| day.year() == self.year);
        let has_days = !self.days_off.is_empty() || !self.days_worked.is_empty();
        self.version == 1
            && ascending(&self.days_off)
            && ascending(&self.days_worked)
            && within(&self.days_off)
            && within(&self.days_worked)
            && self.days_off.iter().all(|day| !day.is_weekend())
            && self.days_worked.iter().all(|day| day.is_weekend())
            && (!has_days || !self.notices.is_empty())
    }
}

/// The calendar in force.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// Encoding version: 1.
    pub version: u8,
    /// The years that are known, ascending.
    pub years: List<CalendarYear, { limits::CALENDAR_YEARS_MAX }>,
}

/// Other days of some years.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarChange {
    /// The revision after the one in force; genesis is revision 1.
    pub revision: u32,
    /// These years, whole, ascending: a notice speaks of its year, and may of the December before.
    pub years: List<CalendarYear, { limits::NOTICE_YEARS_MAX }>,
}

impl Calendar {
    /// A calendar of plain weekends.
    pub const fn plain() -> Self {
        Self { version: 1, years: List::empty() }
    }

    /// What it is named by.
    pub fn digest(&self, suite: Suite) -> Digest {
        codec::digest(suite, "gongxin-calendar-1", self)
    }

    /// Whether its years ascend and are sound.
    pub fn is_sound(&self) -> bool {
        let ascending = self.years.is_sorted_by(|one, next| one.year < next.year);
        self.version == 1 && ascending && self.years.iter().all(CalendarYear::is_sound)
    }

    /// What it says of a year.
    pub fn year(&self, year: u16) -> Option<&CalendarYear> {
        let place = self.years.binary_search_by_key(&year, |known| known.year).ok()?;
        self.years.get(place)
    }

    /// Whether no notice for the year of this day is known: its days off are those of the week.
    pub fn is_provisional(&self, date: Date) -> bool {
        self.year(date.year()).is_none_or(|year| year.notices.is_empty())
    }

    /// Whether a day is worked.
    pub fn is_worked(&self, date: Date) -> bool {
        match self.year(date.year()) {
            Some(year) if date.is_weekend() => year.days_worked.binary_search(&date).is_ok(),
            Some(year) => year.days_off.binary_search(&date).is_err(),
            None => !date.is_weekend(),
        }
    }

    /// How many working days there were since 1970 when this day is over.
    pub fn ordinal(&self, date: Date) -> Ordinal {
        let (mut off, mut worked) = (0_usize, 0_usize);
        for year in self.years.iter().take_while(|year| year.year <= date.year()) {
            let until = |days: &[Date]| days.partition_point(|day| *day <= date);
            off = off.saturating_add(until(&year.days_off));
            worked = worked.saturating_add(until(&year.days_worked));
        }
        let count = |days: usize| u32::try_from(days).unwrap_or(u32::MAX);
        Ordinal(weekdays(date).saturating_add(count(worked)).saturating_sub(count(off)))
    }

    /// The first day at whose end there were so many working days: the working day with this ordinal.
    pub fn day(&self, ordinal: Ordinal) -> Date {
        // Invariant: what is sought lies in low..=high. Ordinals never fall from one day to the next.
        let (mut low, mut high) = (0, Date::MAX.number());
        while low < high {
            let middle = low.midpoint(high);
            if self.ordinal(Date::of_number(middle)) < ordinal {
                low = middle.saturating_add(1);
            } else {
                high = middle;
            }
        }
        Date::of_number(low)
    }

    /// The last day of a term of so many working days that began with a receipt on this day.
    pub fn due(&self, received: Date, term: u16) -> Date {
        self.day(self.ordinal(received).plus(term))
    }

    /// This calendar with other years in the place of those it had; none where there would be too many.
    pub fn with(&self, years: &[CalendarYear]) -> Option<Self> {
        let kept = self.years.iter().filter(|old| years.iter().all(|new| new.year != old.year));
        let mut all: Vec<CalendarYear> = kept.chain(years).cloned().collect();
        all.sort_by_key(|year| year.year);
        Some(Self { years: List::new(all).ok()?, ..self.clone() })
    }

    /// Whether another calendar works the same days as this one, up to a day and including it.
    pub fn agrees_until(&self, other: &Self, last: Date) -> bool {
        // What is sound names exactly the days that the week says otherwise.
        let off = |one: &Self| until(one.years.iter().flat_map(|year| year.days_off.iter()), last);
        let worked = |one: &Self| until(one.years.iter().flat_map(|year| year.days_worked.iter()), last);
        off(self) == off(other) && worked(self) == worked(other)
    }
}

fn until<'a>(days: impl Iterator<Item = &'a Date>, last: Date) -> Vec<Date> {
    days.copied().take_while(|day| *day <= last).collect()
}

/// Mondays to Fridays from 1970-01-01, a Thursday, to this day.
fn weekdays(date: Date) -> u32 {
    // As if counted from the Monday before, 29 December 1969: three weekdays more.
    let days = date.number().saturating_add(4);
    (days / 7).saturating_mul(5).saturating_add((days % 7).min(5)).saturating_sub(3)
}

#[cfg(test)]
mod tests;
