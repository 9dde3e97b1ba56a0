//! The calendar against the published notices of twenty years, and against counting day by day.

use expect_test::expect;
use proptest::prelude::*;

use super::notice::{Notice, NoticeError, calendar};
use super::*;
use crate::Time;
use crate::calendar::clock::LegalClock;

const FIRST: u16 = 2007;
const LAST: u16 = 2026;

fn file(year: u16) -> String {
    let path = format!("{}/../../data/holidays/{year}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn known() -> Calendar {
    let notices: Vec<Notice> = (FIRST..=LAST).map(|year| Notice::read(&file(year)).unwrap()).collect();
    let calendar = calendar(&notices).unwrap();
    assert!(calendar.is_sound());
    calendar
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

/// Every day that a published notice names is as the notice says, in all years.
#[test]
fn every_day_of_every_notice() {
    let calendar = known();
    for year in FIRST..=LAST {
        for day in Notice::read(&file(year)).unwrap().days {
            assert_eq!(calendar.is_worked(day.date), !day.is_off, "{}", day.date);
        }
    }
    assert!(!calendar.is_provisional(date("2026-05-01")) && calendar.is_provisional(date("2027-05-01")));
}

/// Terms across Spring Festival, National Day, an extended holiday (2020) and a single commemoration (2015), and their last days.
#[test]
fn terms_across_holidays() {
    let calendar = known();
    let terms = [
        ("2024-02-09", 1),
        ("2024-02-09", 5),
        ("2024-02-10", 5),
        ("2023-09-28", 3),
        ("2020-01-23", 1),
        ("2015-09-02", 1),
        ("2025-09-30", 20),
        ("2025-12-31", 10),
        ("2026-02-13", 10),
        ("2026-09-30", 20),
        ("2026-12-31", 1),
        ("2027-09-30", 1),
    ];
    let told: String = terms
        .iter()
        .map(|(from, days)| {
            let due = calendar.due(date(from), *days);
            let provisional = if calendar.is_provisional(due) { " (provisional)" } else { "" };
            format!("{from} + {days}: {due}{provisional}\n")
        })
        .collect();
    expect![[r#"
        2024-02-09 + 1: 2024-02-18
        2024-02-09 + 5: 2024-02-22
        2024-02-10 + 5: 2024-02-22
        2023-09-28 + 3: 2023-10-09
        2020-01-23 + 1: 2020-02-03
        2015-09-02 + 1: 2015-09-06
        2025-09-30 + 20: 2025-11-04
        2025-12-31 + 10: 2026-01-15
        2026-02-13 + 10: 2026-03-05
        2026-09-30 + 20: 2026-11-03
        2026-12-31 + 1: 2027-01-01 (provisional)
        2027-09-30 + 1: 2027-10-01 (provisional)
    "#]]
    .assert_eq(&told);
}

/// Working days of each year.
#[test]
fn working_days_of_the_years() {
    let calendar = known();
    let count = |year: u16| {
        let (last, before) = (Date::new(year, 12, 31).unwrap(), Date::new(year - 1, 12, 31).unwrap());
        calendar.ordinal(last).since(calendar.ordinal(before))
    };
    let told: String = (FIRST..=LAST).map(|year| format!("{year} {}\n", count(year))).collect();
    expect![[r#"
        2007 249
        2008 251
        2009 250
        2010 250
        2011 250
        2012 249
        2013 250
        2014 250
        2015 249
        2016 250
        2017 249
        2018 250
        2019 250
        2020 249
        2021 250
        2022 249
        2023 249
        2024 251
        2025 248
        2026 248
    "#]]
    .assert_eq(&told);
}

/// The first days since 1970 are counted one by one.
#[test]
fn the_beginning() {
    let plain = Calendar::plain();
    let ordinals: Vec<u32> = (0..9).map(|number| plain.ordinal(Date::of_number(number)).get()).collect();
    // A Thursday, a Friday, a weekend, five weekdays.
    assert_eq!(ordinals, [1, 2, 2, 2, 3, 4, 5, 6, 7]);
    assert_eq!((date("1969-12-31").number(), date("1970-01-02").number()), (0, 1));
    assert_eq!(Date::of_number(u32::MAX), Date::MAX);
}

/// A notice published in the middle of January moves what is to come; the days before stay as the ledger counted them, and
/// are named.
#[test]
fn a_notice_published_late() {
    let notices: Vec<Notice> = (FIRST..LAST).map(|year| Notice::read(&file(year)).unwrap()).collect();
    let before = calendar(&notices).unwrap();
    let today = date("2026-01-15");
    let taken = Notice::read(&file(LAST)).unwrap().take(&before, Some(today)).unwrap();
    let late: Vec<String> = taken.too_late.iter().map(ToString::to_string).collect();
    assert_eq!(late, ["2026-01-01", "2026-01-02", "2026-01-04"]);
    let after = before.with(&taken.years).unwrap();
    assert!(after.is_sound() && before.agrees_until(&after, today));
    assert!(!before.agrees_until(&after, date("2026-02-28")));
    assert!(!before.agrees_until(&known(), today), "whole, it would change days that have begun");
    assert!(after.is_worked(date("2026-01-01")) && !after.is_worked(date("2026-10-01")));
}

/// Files that are no notices are refused with a reason.
#[test]
fn no_notices() {
    let read = |text: &str| Notice::read(text).unwrap_err().to_string();
    assert!(matches!(Notice::read("{}"), Err(NoticeError::Form(_))));
    expect!["the notice for `2026` names no paper that it comes from"]
        .assert_eq(&read(r#"{"year": 2026, "papers": [], "days": []}"#));
    expect!["the notice for `2026` speaks of `2024-12-31`"]
        .assert_eq(&read(r#"{"year": 2026, "papers": ["a"], "days": [{"date": "2024-12-31", "isOffDay": true}]}"#));
}

/// Legal days are those of UTC+08:00; a test network's run faster, from the time of genesis on.
#[test]
fn days_in_shanghai() {
    let clock = LegalClock { origin: "2026-08-01T09:00:00Z".parse().unwrap(), scale: 1 };
    let at = |text: &str| clock.date(text.parse::<Time>().unwrap()).to_string();
    assert_eq!(at("2026-08-01T15:59:59.999Z"), "2026-08-01");
    assert_eq!(at("2026-08-01T16:00:00.000Z"), "2026-08-02");
    assert_eq!(clock.end(date("2026-08-01")).to_string(), "2026-08-01T16:00:00.000Z");
    let fast = LegalClock { scale: 86_400, ..clock };
    assert_eq!(fast.date(clock.origin).to_string(), "2026-08-01");
    assert_eq!(fast.date(clock.origin.plus_millis(10_000)).to_string(), "2026-08-11");
}

/// Soundness: days of another year, out of order, or as the week says anyway, and days without a source.
#[test]
fn unsound_years() {
    let sound = known().year(2026).unwrap().clone();
    let off = |days: &[&str]| List::new(days.iter().map(|day| date(day)).collect()).unwrap();
    assert!(sound.is_sound());
    assert!(!CalendarYear { days_off: off(&["2026-01-03"]), ..sound.clone() }.is_sound());
    assert!(!CalendarYear { days_off: off(&["2025-01-02"]), ..sound.clone() }.is_sound());
    assert!(!CalendarYear { days_off: off(&["2026-01-02", "2026-01-01"]), ..sound.clone() }.is_sound());
    assert!(!CalendarYear { notices: List::empty(), ..sound.clone() }.is_sound());
    assert!(!CalendarYear { version: 2, ..sound }.is_sound());
    assert!(CalendarYear::provisional(2027).is_sound());
}

/// The calendar with one more day off.
fn without(calendar: Calendar, day: Date) -> Calendar {
    let mut year = calendar.year(day.year()).cloned().unwrap_or_else(|| CalendarYear::provisional(day.year()));
    let all: std::collections::BTreeSet<Date> = year.days_off.iter().copied().chain([day]).collect();
    year.days_off = List::new(all.into_iter().collect()).unwrap();
    year.notices = List::new(vec![Title::new("notice").unwrap()]).unwrap();
    calendar.with(&[year]).unwrap()
}

proptest! {
    /// An ordinal grows by one on a working day and stays on another; the day of an ordinal is the working day that has it.
    #[test]
    fn ordinals_count_working_days(number in 1..40_000_u32) {
        let calendar = known();
        let (today, yesterday) = (Date::of_number(number), Date::of_number(number - 1));
        prop_assert_eq!((today.number(), yesterday.next(), today.previous()), (number, today, yesterday));
        let step = calendar.ordinal(today).get() - calendar.ordinal(yesterday).get();
        prop_assert_eq!(step, u32::from(calendar.is_worked(today)));
        let day = calendar.day(calendar.ordinal(today));
        prop_assert!(calendar.is_worked(day) && day <= today);
        prop_assert_eq!(calendar.ordinal(day), calendar.ordinal(today));
    }

    /// A term is counted day by day, the day of receipt not among them.
    #[test]
    fn a_term_is_counted_day_by_day(number in 13_000..21_000_u32, term in 1..260_u16) {
        let calendar = known();
        let received = Date::of_number(number);
        let mut last = received;
        let mut left = term;
        while left > 0 {
            last = last.next();
            left -= u16::from(calendar.is_worked(last));
        }
        prop_assert_eq!(calendar.due(received, term), last);
    }

    /// Whatever becomes of the days to come, every ordinal up to today stays, and so does whatever was overdue.
    #[test]
    fn amending_days_to_come_moves_no_past(
        today in 19_700..20_800_u32,
        off in proptest::collection::btree_set(0..365_u32, 0..30),
        ordinal in 13_600..15_000_u32,
    ) {
        let (calendar, today) = (known(), Date::of_number(today));
        let days = off.iter().map(|offset| Date::of_number(today.number() + 1 + offset));
        let after = days.filter(|day| !day.is_weekend()).fold(calendar.clone(), without);
        prop_assert!(after.is_sound() && calendar.agrees_until(&after, today));
        for number in (0..=today.number()).rev().step_by(97) {
            prop_assert_eq!(calendar.ordinal(Date::of_number(number)), after.ordinal(Date::of_number(number)));
        }
        let due = Ordinal::new(ordinal);
        prop_assert!(after.day(due) >= calendar.day(due));
        let is_over = |calendar: &Calendar| crate::obligation::is_over(due, today, calendar);
        prop_assert_eq!(is_over(&calendar), is_over(&after));
    }

    /// The end of a day is the first instant of the next, whatever the scale.
    #[test]
    fn a_day_ends_where_the_next_begins(
        number in 20_000..60_000_u32,
        scale in prop_oneof![Just(1_u32), 1..864_000_u32],
    ) {
        let clock = LegalClock { origin: Time::from_millis(1_727_000_000_000), scale };
        let date = Date::of_number(number);
        let end = clock.end(date);
        prop_assert!(clock.date(end) > date);
        prop_assert!(clock.date(Time::from_millis(end.millis() - 1)) <= date);
    }
}
