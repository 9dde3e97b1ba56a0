//! Civil days and instants as text: one form each, whatever zone or style a database session has.
//!
//! A timestamp without a zone is `2024-05-06T07:08:09.123456`, always six digits of fraction. One with a zone is the same
//! instant in UTC, with a `Z`: `2024-05-05T23:08:09.123456Z`. Years 0001 to 9999; a leap second is no instant here, as it is
//! none in the databases. `docs/spec/row.md`, section 6, has the vectors.

/// Microseconds of one day.
const DAY_MICROS: i64 = 86_400_000_000;

/// Days from 0001-01-01 and to 9999-12-31, counted from 1970-01-01.
const DAYS: std::ops::RangeInclusive<i64> = -719_162..=2_932_896;

/// Year, month and day of the day that is so many days after 1970-01-01; none outside the years 1 to 9999.
///
/// Days of the proleptic Gregorian calendar, by H. Hinnant, "chrono-compatible low-level date algorithms", civil_from_days.
pub fn of_days(days: i64) -> Option<(u16, u8, u8)> {
    if !DAYS.contains(&days) {
        return None;
    }
    let shifted = days.checked_add(719_468)?;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Some((u16::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?))
}

/// Days from 1970-01-01 to this day, the inverse of [`of_days`].
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let shifted_month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The text of the instant that is so many microseconds after 1970-01-01T00:00:00, with a `Z` where it is one of UTC.
pub fn instant_text(micros: i64, utc: bool) -> Option<String> {
    let (year, month, day) = of_days(micros.div_euclid(DAY_MICROS))?;
    let of_day = micros.rem_euclid(DAY_MICROS);
    let (seconds, fraction) = (of_day / 1_000_000, of_day % 1_000_000);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    // Written digit by digit: a pass writes millions of them, and the formatter takes five times as long.
    let mut text = String::with_capacity(27);
    let date = [(i64::from(year), 4, '-'), (i64::from(month), 2, '-'), (i64::from(day), 2, 'T')];
    let time = [(hour, 2, ':'), (minute, 2, ':'), (second, 2, '.'), (fraction, 6, 'Z')];
    for (number, width, end) in date.into_iter().chain(time) {
        push_digits(&mut text, number, width);
        text.push(end);
    }
    if !utc {
        text.pop();
    }
    Some(text)
}

/// Appends a number that is not negative, with zeros in front.
fn push_digits(text: &mut String, number: i64, width: u32) {
    for place in (0..width).rev() {
        let digit = number / 10_i64.pow(place) % 10;
        text.push(char::from(b'0' + u8::try_from(digit).unwrap_or(0)));
    }
}

/// Microseconds after 1970-01-01T00:00:00 of an instant written as ISO 8601: `T` or a space between date and time, at most six
/// digits of fraction; with `utc` a zone (`Z`, `+08:00`) must stand behind it, without none may.
pub fn parse_instant(text: &str, utc: bool) -> Option<i64> {
    let (date, time) = (text.get(..10)?, text.get(11..)?);
    if !matches!(text.as_bytes().get(10), Some(b'T' | b' ')) {
        return None;
    }
    let date: gongxin_types::Date = date.parse().ok()?;
    let written = date.to_string();
    let days = days_of(number(written.get(..4)?)?, number(written.get(5..7)?)?, number(written.get(8..)?)?);
    let (time, offset) = if utc { split_zone(time)? } else { (time, 0) };
    let micros = days.checked_mul(DAY_MICROS)?.checked_add(parse_time(time)?)?.checked_sub(offset)?;
    // The zone may carry the instant out of the years that have a text.
    of_days(micros.div_euclid(DAY_MICROS)).map(|_| micros)
}

fn parse_time(time: &str) -> Option<i64> {
    let (whole, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let [hour, minute, second] = <[&str; 3]>::try_from(whole.split(':').collect::<Vec<_>>()).ok()?;
    if [hour, minute, second].iter().any(|part| part.len() != 2) || fraction.is_empty() || fraction.len() > 6 {
        return None;
    }
    let (hour, minute, second) = (number(hour)?, number(minute)?, number(second)?);
    let micros = number(&format!("{fraction:0<6}"))?;
    (hour < 24 && minute < 60 && second < 60).then(|| ((hour * 60 + minute) * 60 + second) * 1_000_000 + micros)
}

/// The time before its zone, and the zone's offset in microseconds.
fn split_zone(time: &str) -> Option<(&str, i64)> {
    if let Some(time) = time.strip_suffix('Z') {
        return Some((time, 0));
    }
    let at = time.rfind(['+', '-'])?;
    let (time, zone) = time.split_at_checked(at)?;
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let (hour, minute) = match zone.get(1..)?.split_once(':') {
        Some((hour, minute)) if minute.len() == 2 => (hour, number(minute)?),
        Some(_) => return None,
        None => (zone.get(1..)?, 0),
    };
    let hour = Some(hour).filter(|hour| hour.len() == 2).and_then(number)?;
    (hour <= 15 && minute < 60).then_some((time, sign * (hour * 60 + minute) * 60_000_000))
}

/// Decimal digits and nothing else.
fn number(digits: &str) -> Option<i64> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}
