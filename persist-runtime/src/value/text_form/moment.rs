//! Dates, times and intervals.

use bytes::{Buf, BufMut, BytesMut};

use super::conversion::shown;

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

const INFINITY: &str = "infinity";
const MINUS_INFINITY: &str = "-infinity";

/// `date` counts days from 2000-01-01, which is this many after 0000-03-01.
const EPOCH: i64 = 730_425;

/// Days of 400 years.
const ERA: i64 = 146_097;

pub(super) fn write_date(days: i32, text: &mut String) {
    match days {
        i32::MAX => text.push_str(INFINITY),
        i32::MIN => text.push_str(MINUS_INFINITY),
        _ => {
            let is_bc = write_day(days.into(), text);
            text.push_str(era(is_bc));
        }
    }
}

pub(super) fn write_timestamp(microseconds: i64, zone: &str, text: &mut String) {
    match microseconds {
        i64::MAX => text.push_str(INFINITY),
        i64::MIN => text.push_str(MINUS_INFINITY),
        _ => {
            let is_bc = write_day(microseconds.div_euclid(DAY), text);
            text.push(' ');
            write_time(microseconds.rem_euclid(DAY), text);
            text.push_str(zone);
            text.push_str(era(is_bc));
        }
    }
}

pub(super) fn write_time(microseconds: i64, text: &mut String) {
    let (hours, minutes) = (microseconds / HOUR, microseconds / MINUTE % 60);
    let (seconds, rest) = (microseconds / SECOND % 60, microseconds % SECOND);
    shown(format_args!("{hours:02}:{minutes:02}:{seconds:02}"), text);
    if rest > 0 {
        shown(format_args!(".{rest:06}"), text);
    }
}

/// Microseconds, days, months.
pub(super) fn write_interval(raw: [u8; 16], text: &mut String) {
    let mut raw = raw.as_slice();
    let (microseconds, days, months) = (raw.get_i64(), raw.get_i32(), raw.get_i32());
    shown(format_args!("{months} mons {days} days "), text);
    text.push_str(if microseconds < 0 { "-" } else { "" });
    // One beyond the largest, where the smallest is turned around.
    let length = microseconds.unsigned_abs();
    let (seconds, rest) = (length / 1_000_000, length % 1_000_000);
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    shown(format_args!("{hours:02}:{minutes:02}:{:02}.{rest:06}", seconds % 60), text);
}

pub(super) fn read_date(text: &str) -> Option<i32> {
    match text {
        INFINITY => Some(i32::MAX),
        MINUS_INFINITY => Some(i32::MIN),
        _ => read_day(text, era_of(text).0).and_then(|days| days.try_into().ok()),
    }
}

pub(super) fn read_timestamp(text: &str, is_zoned: bool) -> Option<i64> {
    match text {
        INFINITY => return Some(i64::MAX),
        MINUS_INFINITY => return Some(i64::MIN),
        _ => {}
    }
    let (is_bc, text) = era_of(text);
    let (day, time) = text.split_once(' ')?;
    let (time, offset) = match is_zoned {
        true => {
            let (time, zone) = time.split_at(time.find(['+', '-'])?);
            (time, read_offset(zone)?)
        }
        false => (time, 0),
    };
    read_day(day, is_bc)?.checked_mul(DAY)?.checked_add(read_time(time)?)?.checked_sub(offset)
}

pub(super) fn read_time(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, ':');
    let hours: i64 = parts.next()?.parse().ok()?;
    let minutes: i64 = parts.next()?.parse().ok()?;
    let (seconds, rest) =
        parts.next()?.split_once('.').unwrap_or_else(|| (text.rsplit(':').next().unwrap_or(""), ""));
    let seconds: i64 = seconds.parse().ok()?;
    (rest.len() <= 6 && (0..60).contains(&minutes) && (0..60).contains(&seconds)).then_some(())?;
    let rest: i64 = format!("{rest:0<6}").parse().ok()?;
    hours.checked_mul(HOUR)?.checked_add(minutes * MINUTE + seconds * SECOND + rest)
}

/// `1 year 2 mons -3 days +04:05:06.789`, of which parts may be missing.
pub(super) fn read_interval(text: &str, raw: &mut BytesMut) -> Option<()> {
    let (mut months, mut days, mut microseconds) = (0_i32, 0_i32, 0_i64);
    let mut words = text.split(' ').filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        if word.contains(':') {
            let (is_negative, time) = match word.split_at_checked(1)? {
                ("-", time) => (true, time),
                ("+", time) => (false, time),
                _ => (false, word),
            };
            let time = read_time(time)?;
            microseconds = if is_negative { -time } else { time };
            continue;
        }
        let number: i32 = word.parse().ok()?;
        match words.next()?.trim_end_matches('s') {
            "year" => months = months.checked_add(number.checked_mul(12)?)?,
            "mon" => months = months.checked_add(number)?,
            "day" => days = number,
            _ => return None,
        }
    }
    raw.put_i64(microseconds);
    raw.put_i32(days);
    raw.put_i32(months);
    Some(())
}

/// Writes year, month and day; is the year before the first?
///
/// The algorithm is Howard Hinnant's `civil_from_days`, in which a year begins in March, so that its last day is the one
/// that may be missing.
fn write_day(days: i64, text: &mut String) -> bool {
    let days = days + EPOCH;
    let (era, day_of_era) = (days.div_euclid(ERA), days.rem_euclid(ERA));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let is_bc = year <= 0;
    let year = if is_bc { 1 - year } else { year };
    shown(format_args!("{year:04}-{month:02}-{day:02}"), text);
    is_bc
}

/// The same the other way, `days_from_civil`.
fn read_day(text: &str, is_bc: bool) -> Option<i64> {
    let mut parts = text.trim_end_matches(" BC").splitn(3, '-');
    let year: i64 = parts.next()?.parse().ok()?;
    let month: i64 = parts.next()?.parse().ok()?;
    let day: i64 = parts.next()?.parse().ok()?;
    ((1..=12).contains(&month) && (1..=31).contains(&day) && (0..1_000_000_000).contains(&year))
        .then_some(())?;
    let year = if is_bc { 1 - year } else { year };
    let year = year - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * ERA + day_of_era - EPOCH)
}

/// `+02`, `-03:30`, `+00:19:32`.
fn read_offset(zone: &str) -> Option<i64> {
    let (sign, length) = zone.split_at_checked(1)?;
    let mut offset = 0;
    for (part, unit) in length.split(':').zip([HOUR, MINUTE, SECOND]) {
        offset += part.parse::<i64>().ok()?.checked_mul(unit)?;
    }
    Some(if sign == "-" { -offset } else { offset })
}

fn era(is_bc: bool) -> &'static str {
    if is_bc { " BC" } else { "" }
}

fn era_of(text: &str) -> (bool, &str) {
    text.strip_suffix(" BC").map_or((false, text), |text| (true, text))
}
