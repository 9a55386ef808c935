//! Composite values and arrays: texts in a text, quoted where they have to be.

use std::borrow::Cow;

use bytes::{BufMut, BytesMut};
use fallible_iterator::FallibleIterator;
use postgres_protocol::types::{ArrayDimension, array_from_sql, array_to_sql};
use tokio_postgres::types::Type;

use super::conversion::{Read, Write, shown};
use crate::error::BoxError;

/// Reads a composite value: `(a,"b, c",)` is three fields, of which the last is NULL.
pub(crate) fn read_record(text: &str) -> Result<Vec<Option<Cow<'_, str>>>, BoxError> {
    const NONE: &str = "its text is not that of a composite value";
    let mut rest = text.strip_prefix('(').ok_or(NONE)?;
    let mut fields = Vec::new();
    loop {
        let (field, behind) = piece(rest, &[',', ')']).ok_or(NONE)?;
        fields.push(field);
        match behind.strip_prefix(',') {
            Some(more) => rest = more,
            None if behind == ")" => return Ok(fields),
            None => return Err(NONE.into()),
        }
    }
}

pub(super) fn write_array(
    element: &Type,
    raw: &[u8],
    write: Write,
    text: &mut String,
) -> Result<(), BoxError> {
    let array = array_from_sql(raw)?;
    let mut values = array.values();
    let mut value_text = String::new();
    text.push('{');
    let mut is_first = true;
    while let Some(value) = values.next()? {
        text.push_str(if is_first { "" } else { "," });
        is_first = false;
        match value {
            None => text.push_str("NULL"),
            Some(value) => {
                value_text.clear();
                write(element, value, &mut value_text)?;
                write_quoted(&value_text, text);
            }
        }
    }
    text.push('}');
    Ok(())
}

pub(super) fn read_array(element: &Type, text: &str, read: Read, raw: &mut BytesMut) -> Result<(), BoxError> {
    const NONE: &str = "its text is not that of an array of one dimension that counts from 1";
    let mut rest = text.strip_prefix('{').ok_or(NONE)?;
    let mut elements = Vec::new();
    while rest != "}" {
        if rest.starts_with('{') {
            return Err(NONE.into());
        }
        let is_quoted = rest.starts_with('"');
        let (found, behind) = piece(rest, &[',', '}']).ok_or(NONE)?;
        let found = found.ok_or(NONE)?;
        elements.push(if !is_quoted && found == "NULL" { None } else { Some(found) });
        rest = behind.strip_prefix(',').unwrap_or(behind);
    }
    // Without elements there is no dimension.
    let dimension = match elements.len() {
        0 => None,
        len => Some(ArrayDimension { len: i32::try_from(len)?, lower_bound: 1 }),
    };
    let write = |found: &Option<Cow<'_, str>>, out: &mut BytesMut| match found {
        None => Ok(postgres_protocol::IsNull::Yes),
        Some(found) => read(element, found, out).map(|()| postgres_protocol::IsNull::No),
    };
    array_to_sql(dimension, element.oid(), &elements, write, raw)
}

/// Takes a text up to one of these characters, which stay; `None` is one that is not there at all.
pub(super) fn piece<'t>(text: &'t str, ends: &[char]) -> Option<(Option<Cow<'t, str>>, &'t str)> {
    let plain = text.find(|found| ends.contains(&found) || found == '"' || found == '\\')?;
    if ends.iter().any(|end| text[plain..].starts_with(*end)) {
        let found = (plain > 0).then(|| Cow::Borrowed(&text[..plain]));
        return Some((found, &text[plain..]));
    }
    let (mut found, mut is_quoted) = (String::new(), false);
    let mut characters = text.char_indices();
    while let Some((place, character)) = characters.next() {
        match character {
            '\\' => found.push(characters.next()?.1),
            // Two quotation marks are one, and in arrays it stands behind a backslash.
            '"' if is_quoted && text[place + 1..].starts_with('"') => {
                characters.next();
                found.push('"');
            }
            '"' => is_quoted = !is_quoted,
            end if !is_quoted && ends.contains(&end) => return Some((Some(found.into()), &text[place..])),
            other => found.push(other),
        }
    }
    None
}

/// In quotation marks any text is as it is, also an empty one, and one that reads NULL.
pub(crate) fn write_quoted(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            out.push('\\');
        }
        out.push(character);
    }
    out.push('"');
}

/// What is not ASCII is an octal number, and 0 is nothing (`charout` of PostgreSQL).
pub(super) fn write_char(byte: u8, text: &mut String) {
    match byte {
        0 => {}
        1..=0x7f => text.push(char::from(byte)),
        _ => shown(format_args!("\\{byte:03o}"), text),
    }
}

pub(super) fn read_char(text: &str) -> Option<u8> {
    match text.as_bytes() {
        [] => Some(0),
        [byte] => Some(*byte),
        [b'\\', octal @ ..] if octal.len() == 3 => u8::from_str_radix(&text[1..], 8).ok(),
        _ => None,
    }
}

/// Puts the length of what `write` writes in front of it.
pub(super) fn with_length(
    raw: &mut BytesMut,
    write: impl FnOnce(&mut BytesMut) -> Result<(), BoxError>,
) -> Result<(), BoxError> {
    let start = raw.len();
    raw.put_i32(0);
    write(raw)?;
    let length = i32::try_from(raw.len() - start - 4)?;
    raw[start..start + 4].copy_from_slice(&length.to_be_bytes());
    Ok(())
}
