//! Numbers of any length.

use bytes::{Buf, BufMut, BytesMut};

use crate::error::BoxError;

// The signs of `numeric.c`.
const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xC000;
const INFINITE: u16 = 0xD000;
const NEGATIVE_INFINITE: u16 = 0xF000;

/// Decimal digits of a group.
const DIGITS: usize = 4;

/// A numeric travels as the number of its groups of four decimal digits, the weight of the first, the sign and the number of
/// decimal places (`numeric_send` of PostgreSQL).
pub(super) fn write(mut raw: &[u8], text: &mut String) -> Result<(), BoxError> {
    let (_, weight) = (raw.try_get_u16()?, i32::from(raw.try_get_i16()?));
    let (sign, places) = (raw.try_get_u16()?, usize::from(raw.try_get_u16()?));
    text.push_str(match sign {
        NAN => "NaN",
        INFINITE => "Infinity",
        NEGATIVE_INFINITE => "-Infinity",
        NEGATIVE => "-",
        _ => "",
    });
    if matches!(sign, NAN | INFINITE | NEGATIVE_INFINITE) {
        return Ok(());
    }
    let (groups, _) = raw.as_chunks::<2>();
    let group = |weight_of: i32| {
        let index = usize::try_from(weight - weight_of).ok();
        index.and_then(|index| groups.get(index)).map_or(0, |group| u16::from_be_bytes(*group))
    };
    let whole: String = (0..=weight.max(0)).rev().map(|weight| format!("{:04}", group(weight))).collect();
    let whole = whole.trim_start_matches('0');
    text.push_str(if whole.is_empty() { "0" } else { whole });
    if places > 0 {
        let count = i32::try_from(places.div_ceil(DIGITS))?;
        let fraction: String = (1..=count).map(|place| format!("{:04}", group(-place))).collect();
        text.push('.');
        text.push_str(&fraction[..places]);
    }
    Ok(())
}

pub(super) fn read(text: &str, raw: &mut BytesMut) -> Option<()> {
    if let Some(sign) = match text {
        "NaN" => Some(NAN),
        "Infinity" => Some(INFINITE),
        "-Infinity" => Some(NEGATIVE_INFINITE),
        _ => None,
    } {
        // The server sends these places for an infinity, and takes any.
        let places = if sign == NAN { 0 } else { 32 };
        [0, 0, sign, places].into_iter().for_each(|part| raw.put_u16(part));
        return Some(());
    }
    let (sign, digits) = text.strip_prefix('-').map_or((0, text), |digits| (NEGATIVE, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number =
        !whole.is_empty() && whole.bytes().chain(fraction.bytes()).all(|digit| digit.is_ascii_digit());
    is_number.then_some(())?;
    let places = u16::try_from(fraction.len()).ok()?;
    let mut digits = "0".repeat(whole.len().next_multiple_of(DIGITS) - whole.len());
    let whole_groups = (digits.len() + whole.len()) / DIGITS;
    digits.push_str(whole);
    digits.push_str(fraction);
    digits.push_str(&"0".repeat(digits.len().next_multiple_of(DIGITS) - digits.len()));
    let groups: Vec<u16> = digits
        .as_bytes()
        .chunks(DIGITS)
        .map(|group| group.iter().fold(0, |value, digit| value * 10 + u16::from(digit - b'0')))
        .collect();
    // Groups of zeros at either end are not written.
    let first = groups.iter().position(|group| *group > 0).unwrap_or(groups.len());
    let last = groups.iter().rposition(|group| *group > 0).map_or(first, |last| last + 1);
    let is_zero = first == last;
    let weight = if is_zero { 0 } else { i16::try_from(whole_groups).ok()? - i16::try_from(first).ok()? - 1 };
    raw.put_u16(u16::try_from(last - first).ok()?);
    raw.put_i16(weight);
    raw.put_u16(if is_zero { 0 } else { sign });
    raw.put_u16(places);
    groups[first..last].iter().for_each(|group| raw.put_u16(*group));
    Some(())
}
