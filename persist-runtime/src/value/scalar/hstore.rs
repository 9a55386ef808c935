//! `hstore` columns, which travel as text.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Write as _};
use std::ops::{Deref, DerefMut};
use std::str::{Chars, FromStr};

use bytes::BytesMut;
use tokio_postgres::types::{Oid, Type};

use crate::error::BoxError;
use crate::value::scalar::Scalar;
use crate::value::sql_type::{SqlType, family, pg};

/// What a column of the type `hstore` holds: texts, or NULL, by their keys.
///
/// ```
/// use persist::Hstore;
///
/// let pairs: Hstore = [("color", Some("red")), ("size", None)].into_iter().collect();
/// assert_eq!(pairs.to_string(), r#""color"=>"red", "size"=>NULL"#);
/// assert_eq!(pairs.to_string().parse::<Hstore>()?, pairs);
/// # Ok::<(), persist::scalar::BoxError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hstore(pub BTreeMap<String, Option<String>>);

impl Deref for Hstore {
    type Target = BTreeMap<String, Option<String>>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Hstore {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, Option<V>)> for Hstore {
    fn from_iter<I: IntoIterator<Item = (K, Option<V>)>>(pairs: I) -> Self {
        Hstore(pairs.into_iter().map(|(key, value)| (key.into(), value.map(Into::into))).collect())
    }
}

impl Display for Hstore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (key, value)) in self.0.iter().enumerate() {
            f.write_str(if index > 0 { ", " } else { "" })?;
            write_quoted(key, f)?;
            f.write_str("=>")?;
            match value {
                Some(value) => write_quoted(value, f)?,
                None => f.write_str("NULL")?,
            }
        }
        Ok(())
    }
}

fn write_quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            f.write_char('\\')?;
        }
        f.write_char(character)?;
    }
    f.write_char('"')
}

/// Reads what PostgreSQL writes: keys and values are quoted, and what is not is NULL.
impl FromStr for Hstore {
    type Err = BoxError;

    fn from_str(text: &str) -> Result<Self, BoxError> {
        let (mut pairs, mut rest) = (BTreeMap::new(), text.chars());
        while !rest.as_str().is_empty() {
            let key = quoted(&mut rest)?;
            expect("=>", &mut rest)?;
            let value = match rest.as_str().starts_with('"') {
                true => Some(quoted(&mut rest)?),
                false => {
                    expect("NULL", &mut rest)?;
                    None
                }
            };
            pairs.insert(key, value);
            if !rest.as_str().is_empty() {
                expect(", ", &mut rest)?;
            }
        }
        Ok(Hstore(pairs))
    }
}

fn quoted(rest: &mut Chars<'_>) -> Result<String, BoxError> {
    expect("\"", rest)?;
    let mut text = String::new();
    loop {
        match rest.next().ok_or("it is no hstore: a quotation mark is missing")? {
            '"' => return Ok(text),
            '\\' => text.extend(rest.next()),
            character => text.push(character),
        }
    }
}

fn expect(what: &str, rest: &mut Chars<'_>) -> Result<(), BoxError> {
    let behind =
        rest.as_str().strip_prefix(what).ok_or_else(|| format!("it is no hstore: `{what}` is missing"))?;
    *rest = behind.chars();
    Ok(())
}

#[diagnostic::do_not_recommend]
impl Scalar for Hstore {
    type Family = family::Text;
    const OIDS: &'static [Oid] = &[pg::Text::OID];

    fn decode(_: Oid, raw: &[u8]) -> Result<Self, BoxError> {
        std::str::from_utf8(raw)?.parse()
    }

    fn encode(&self, ty: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
        self.to_string().encode(ty, out)
    }
}
