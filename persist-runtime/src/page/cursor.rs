//! The place between two rows of a query, as a text that clients keep and send back.
//!
//! Its bytes are: the version, flags, three fingerprints of the query (table, order, filter), the values that
//! the rows are sorted by, each after its length plus one (0 is NULL), and a MAC over all of it.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::error::Error;

/// Where a page begins or ends: opaque, to be handed back as it is.
///
/// It holds the values by which the rows are sorted, in the clear, and is signed: see
/// [`DatabaseBuilder::cursor_secret`](crate::DatabaseBuilder::cursor_secret). Any text can be made a
/// `Cursor`; whether it is one of this query is found out by
/// [`Query::page`](crate::query::builder::Query::page), whose error is then [`Error::is_invalid_cursor`].
///
/// ```
/// use persist::Cursor;
///
/// let from_a_web_form: Cursor = "AQBz4w".to_owned().into();
/// assert_eq!(from_a_web_form.to_string(), "AQBz4w");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct Cursor(String);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<String> for Cursor {
    fn from(text: String) -> Cursor {
        Cursor(text)
    }
}

impl FromStr for Cursor {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Cursor, Infallible> {
        Ok(Cursor(text.to_owned()))
    }
}

/// The query that a cursor belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    table: [u8; PRINT],
    order: [u8; PRINT],
    filter: [u8; PRINT],
}

/// A place among the rows of a query.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The values that the rows are sorted by, as they travel; `None` is NULL.
    pub(crate) values: Vec<Option<Vec<u8>>>,
    /// Does the page begin with the row that has these values, or after it?
    pub(crate) inclusive: bool,
}

/// Bytes of a fingerprint: enough to tell queries apart that were mixed up by accident.
const PRINT: usize = 4;

/// Bytes of the MAC that are kept.
const MAC: usize = 16;

const VERSION: u8 = 1;

const INCLUSIVE: u8 = 1;

impl Fingerprint {
    pub(crate) fn new(table: &str, order: &str, filter: &str) -> Fingerprint {
        Fingerprint { table: print(table), order: print(order), filter: print(filter) }
    }
}

fn print(text: &str) -> [u8; PRINT] {
    let digest = Sha256::digest(text.as_bytes());
    std::array::from_fn(|index| digest[index])
}

impl Place {
    /// Writes the place down.
    pub(crate) fn cursor(&self, query: Fingerprint, secret: &[u8]) -> Cursor {
        let mut bytes = vec![VERSION, if self.inclusive { INCLUSIVE } else { 0 }];
        bytes.extend(query.table);
        bytes.extend(query.order);
        bytes.extend(query.filter);
        for value in &self.values {
            match value {
                None => write_number(0, &mut bytes),
                Some(value) => {
                    write_number(value.len() + 1, &mut bytes);
                    bytes.extend(value);
                }
            }
        }
        let mac = mac(&bytes, secret).finalize().into_bytes();
        bytes.extend(&mac[..MAC]);
        Cursor(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Reads a cursor of this query, which sorts by so many values.
    pub(crate) fn read(
        cursor: &Cursor,
        query: Fingerprint,
        width: usize,
        secret: &[u8],
    ) -> Result<Place, Error> {
        let bytes = URL_SAFE_NO_PAD.decode(&cursor.0).map_err(|_| no_cursor())?;
        match bytes.first() {
            None => return Err(no_cursor()),
            Some(&VERSION) => {}
            Some(version) => {
                return Err(Error::invalid_cursor(format!(
                    "the cursor is of version {version}, but this program writes version {VERSION}; begin with the first page"
                )));
            }
        }
        let (signed, found) = bytes.split_last_chunk::<MAC>().ok_or_else(no_cursor)?;
        mac(signed, secret).verify_truncated_left(found).map_err(|_| {
            Error::invalid_cursor(
                "the cursor was changed on its way, or was signed with another `cursor_secret`; begin with the first page",
            )
        })?;
        let (head, values) = signed.split_first_chunk::<HEAD>().ok_or_else(no_cursor)?;
        check(head, query)?;
        let place = Place { values: read_values(values)?, inclusive: head[1] & INCLUSIVE != 0 };
        if place.values.len() == width { Ok(place) } else { Err(no_cursor()) }
    }
}

/// Version, flags and fingerprints.
const HEAD: usize = 2 + 3 * PRINT;

fn check(head: &[u8; HEAD], query: Fingerprint) -> Result<(), Error> {
    let (table, rest) = head[2..].split_at(PRINT);
    let (order, filter) = rest.split_at(PRINT);
    let mismatch = if table != query.table {
        "the cursor is of a query of another table"
    } else if order != query.order {
        "the cursor is of a query in another order"
    } else if filter != query.filter {
        "the cursor is of a query with another filter"
    } else {
        return Ok(());
    };
    Err(Error::invalid_cursor(format!(
        "{mismatch}; hand it to the query that it came from, or begin with the first page"
    )))
}

fn mac(bytes: &[u8], secret: &[u8]) -> Hmac<Sha256> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
        unreachable!("HMAC takes keys of any length");
    };
    mac.update(bytes);
    mac
}

/// Seven bits at a time, the lowest first; the eighth bit says that more follow.
fn write_number(mut number: usize, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn read_values(mut bytes: &[u8]) -> Result<Vec<Option<Vec<u8>>>, Error> {
    let mut values = Vec::new();
    while !bytes.is_empty() {
        let mut number = 0_usize;
        for shift in (0..usize::BITS).step_by(7) {
            let (byte, rest) = bytes.split_first().ok_or_else(no_cursor)?;
            bytes = rest;
            number |= usize::from(byte & 0x7f).checked_shl(shift).ok_or_else(no_cursor)?;
            if byte & 0x80 == 0 {
                break;
            }
        }
        values.push(match number.checked_sub(1) {
            None => None,
            Some(length) => {
                let (value, rest) = bytes.split_at_checked(length).ok_or_else(no_cursor)?;
                bytes = rest;
                Some(value.to_vec())
            }
        });
    }
    Ok(values)
}

fn no_cursor() -> Error {
    Error::invalid_cursor(
        "the text is no cursor: hand back what `next` or `previous` of a page was, without a change",
    )
}

#[cfg(test)]
mod tests {
    use super::{Cursor, Fingerprint, Place};

    const SECRET: &[u8] = b"secret";

    fn query() -> Fingerprint {
        Fingerprint::new("pipelines", "t0.name DESC", "t0.is_active = $1")
    }

    fn place() -> Place {
        Place { values: vec![None, Some(vec![]), Some(vec![7; 300])], inclusive: true }
    }

    fn message(text: &str, query: Fingerprint, width: usize, secret: &[u8]) -> String {
        let error = Place::read(&Cursor::from(text.to_owned()), query, width, secret).unwrap_err();
        assert!(error.is_invalid_cursor());
        error.to_string()
    }

    #[test]
    fn a_place_comes_back_as_it_was() {
        let cursor = place().cursor(query(), SECRET);
        assert_eq!(Place::read(&cursor, query(), 3, SECRET).unwrap(), place());
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
    }

    #[test]
    fn what_is_wrong_with_a_cursor_is_said() {
        let cursor = place().cursor(query(), SECRET).to_string();
        let other =
            |table, order, filter| message(&cursor, Fingerprint::new(table, order, filter), 3, SECRET);
        assert!(other("steps", "t0.name DESC", "t0.is_active = $1").contains("another table"));
        assert!(other("pipelines", "t0.name", "t0.is_active = $1").contains("another order"));
        assert!(other("pipelines", "t0.name DESC", "").contains("another filter"));
        assert!(message(&cursor, query(), 3, b"other").contains("another `cursor_secret`"));
        assert!(message(&cursor, query(), 2, SECRET).contains("no cursor"));
        for text in ["", "%", "a page", "AQAA"] {
            assert!(message(text, query(), 3, SECRET).contains("no cursor"), "{text}");
        }
        assert!(message("AgAA", query(), 3, SECRET).contains("version 2"));
    }

    #[test]
    fn every_changed_character_shows() {
        let cursor = place().cursor(query(), SECRET).to_string();
        for index in 0..cursor.len() {
            let mut changed = cursor.clone();
            let other = if &cursor[index..=index] == "A" { "B" } else { "A" };
            changed.replace_range(index..=index, other);
            message(&changed, query(), 3, SECRET);
        }
        for length in 0..cursor.len() {
            message(&cursor[..length], query(), 3, SECRET);
        }
    }
}
