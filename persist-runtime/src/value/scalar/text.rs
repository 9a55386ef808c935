//! Types of the user's own that have a text form.

use std::fmt::{self, Display};
use std::ops::Deref;
use std::str::FromStr;

use bytes::BytesMut;
use tokio_postgres::types::{Oid, Type};

use crate::error::BoxError;
use crate::value::scalar::Scalar;
use crate::value::sql_type::{SqlType, family, pg};

/// Any type that can be written as a text and read from it, in a column that travels as text: one of a text type, and of each
/// type that this library has no better form for, such as `cidr`, `macaddr`, or those of extensions.
///
/// The text is that which PostgreSQL writes and reads.
///
/// ```
/// use std::net::Ipv4Addr;
/// use persist::Text;
///
/// let address: Text<Ipv4Addr> = Text("127.0.0.1".parse()?);
/// assert!(address.is_loopback());
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<T>(pub T);

impl<T> Deref for Text<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Text<T> {
    fn from(value: T) -> Self {
        Text(value)
    }
}

impl<T: Display> Display for Text<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[diagnostic::do_not_recommend]
impl<T> Scalar for Text<T>
where
    T: Display + FromStr<Err: Into<BoxError>> + Send + Sync + 'static,
{
    type Family = family::Text;
    const OIDS: &'static [Oid] = &[pg::Text::OID, pg::Varchar::OID, pg::Bpchar::OID, pg::Name::OID];

    fn decode(_: Oid, raw: &[u8]) -> Result<Self, BoxError> {
        std::str::from_utf8(raw)?.parse().map(Text).map_err(Into::into)
    }

    fn encode(&self, ty: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
        self.0.to_string().encode(ty, out)
    }
}
