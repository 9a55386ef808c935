//! Ranges and multiranges.

use bytes::{Buf, BufMut, BytesMut};
use tokio_postgres::types::Type;

use super::conversion::{Read, Write};
use super::list::{piece, with_length, write_quoted};
use crate::error::BoxError;

// The flags of `rangetypes.h`.
const EMPTY: u8 = 0x01;
const LOWER_INCLUSIVE: u8 = 0x02;
const UPPER_INCLUSIVE: u8 = 0x04;
const LOWER_INFINITE: u8 = 0x08;
const UPPER_INFINITE: u8 = 0x10;

const NO_RANGE: &str = "it is no range";

pub(super) fn write(
    of: &Type,
    mut raw: &[u8],
    write_bound: Write,
    text: &mut String,
) -> Result<(), BoxError> {
    let flags = raw.try_get_u8()?;
    if flags & EMPTY != 0 {
        text.push_str("empty");
        return Ok(());
    }
    text.push(if flags & LOWER_INCLUSIVE != 0 { '[' } else { '(' });
    for (infinite, behind) in [(LOWER_INFINITE, ","), (UPPER_INFINITE, "")] {
        if flags & infinite == 0 {
            let mut bound = String::new();
            write_bound(of, taken(&mut raw)?, &mut bound)?;
            write_quoted(&bound, text);
        }
        text.push_str(behind);
    }
    text.push(if flags & UPPER_INCLUSIVE != 0 { ']' } else { ')' });
    Ok(())
}

pub(super) fn read(of: &Type, text: &str, read_bound: Read, raw: &mut BytesMut) -> Result<(), BoxError> {
    if text == "empty" {
        raw.put_u8(EMPTY);
        return Ok(());
    }
    let (lower, behind) =
        text.strip_prefix(['[', '(']).and_then(|rest| piece(rest, &[','])).ok_or(NO_RANGE)?;
    let (upper, end) = behind.strip_prefix(',').and_then(|rest| piece(rest, &[']', ')'])).ok_or(NO_RANGE)?;
    let flags = [
        (text.starts_with('['), LOWER_INCLUSIVE),
        (end == "]", UPPER_INCLUSIVE),
        (lower.is_none(), LOWER_INFINITE),
        (upper.is_none(), UPPER_INFINITE),
    ];
    raw.put_u8(flags.iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| flag).sum());
    [lower, upper]
        .into_iter()
        .flatten()
        .try_for_each(|bound| with_length(raw, |raw| read_bound(of, &bound, raw)))
}

pub(super) fn write_several(
    of: &Type,
    mut raw: &[u8],
    write_bound: Write,
    text: &mut String,
) -> Result<(), BoxError> {
    let count = raw.try_get_i32()?;
    text.push('{');
    for index in 0..count {
        text.push_str(if index > 0 { "," } else { "" });
        write(of, taken(&mut raw)?, write_bound, text)?;
    }
    text.push('}');
    Ok(())
}

pub(super) fn read_several(
    of: &Type,
    text: &str,
    read_bound: Read,
    raw: &mut BytesMut,
) -> Result<(), BoxError> {
    let mut rest = text.strip_prefix('{').ok_or(NO_RANGE)?;
    let start = raw.len();
    raw.put_i32(0);
    let mut count = 0_i32;
    while rest != "}" {
        // Up to the end of its second bound, whatever is quoted in them.
        let (_, upper) = piece(rest, &[',']).ok_or(NO_RANGE)?;
        let (_, end) = piece(&upper[1..], &[']', ')']).ok_or(NO_RANGE)?;
        let length = rest.len() - end.len() + 1;
        with_length(raw, |raw| read(of, &rest[..length], read_bound, raw))?;
        count += 1;
        rest = rest[length..].strip_prefix(',').unwrap_or(&rest[length..]);
    }
    raw[start..start + 4].copy_from_slice(&count.to_be_bytes());
    Ok(())
}

/// Takes what has its length in front of it.
fn taken<'r>(raw: &mut &'r [u8]) -> Result<&'r [u8], BoxError> {
    let length = usize::try_from(raw.try_get_i32()?)?;
    let (value, rest) = raw.split_at_checked(length).ok_or(NO_RANGE)?;
    *raw = rest;
    Ok(value)
}
