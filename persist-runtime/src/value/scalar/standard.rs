//! Scalars whose wire format the driver's own crate knows.

use bytes::BytesMut;
use tokio_postgres::types::{FromSql, Oid, ToSql, Type};

use crate::error::BoxError;
use crate::value::parameters::{MOST_BYTES, too_large};
use crate::value::scalar::Scalar;
use crate::value::sql_type::{SqlType, family, pg};

/// Implements [`Scalar`] by the driver's conversions: Rust type, family, the SQL types of that family, what
/// reads it, and what looks at it before it is written.
macro_rules! scalars {
    ($($rust:ty: $family:ident = $first:ident $($more:ident)*, $decode:ident $(, $check:ident)?;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl Scalar for $rust {
            type Family = family::$family;
            const OIDS: &'static [Oid] = &[pg::$first::OID $(, pg::$more::OID)*];

            #[inline]
            fn decode(_: Oid, raw: &[u8]) -> Result<Self, BoxError> {
                $decode(raw)
            }

            #[inline]
            fn encode(&self, ty: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
                $($check(self)?;)?
                self.to_sql(ty, out).map(drop)
            }
        }
    )* };
}

scalars! {
    bool: Bool = Bool, decode;
    i8: Char = Char, decode;
    i16: Int2 = Int2, decode;
    i32: Int4 = Int4, decode;
    i64: Int8 = Int8, decode;
    u32: Oid = Oid_, decode;
    f32: Float4 = Float4, decode;
    f64: Float8 = Float8, decode;
    String: Text = Text Varchar Bpchar Name, decode_text, check_text;
    Vec<u8>: Bytes = Bytea, decode, check_length;
    std::net::IpAddr: Inet = Inet, decode_address;
}

#[cfg(feature = "uuid")]
scalars! {
    uuid::Uuid: Uuid = Uuid, decode;
}

/// By the driver's conversion, which does not look at the type: a family has one wire format.
#[inline]
pub(crate) fn decode<T: for<'r> FromSql<'r>>(raw: &[u8]) -> Result<T, BoxError> {
    T::from_sql(&Type::UNKNOWN, raw)
}

/// The driver's conversion asks by name whether the type is one of three that are not of this family.
#[inline]
fn decode_text(raw: &[u8]) -> Result<String, BoxError> {
    Ok(std::str::from_utf8(raw)?.to_owned())
}

/// The server says neither which value it was, nor of which column.
#[inline]
fn check_text(text: &str) -> Result<(), BoxError> {
    check_length(text.as_bytes())?;
    if text.as_bytes().contains(&0) {
        return Err("it holds a NUL character, which no text of PostgreSQL can".into());
    }
    Ok(())
}

/// Before it is copied.
#[inline]
fn check_length(bytes: &[u8]) -> Result<(), BoxError> {
    if bytes.len() > MOST_BYTES { Err(too_large().into()) } else { Ok(()) }
}

/// The driver's conversion forgets the length of the network, so that writing the value back would change it.
fn decode_address(raw: &[u8]) -> Result<std::net::IpAddr, BoxError> {
    let address: std::net::IpAddr = decode(raw)?;
    // The second byte is the length of the network in bits (`network_send` of PostgreSQL).
    let whole = if address.is_ipv4() { 32 } else { 128 };
    match raw.get(1) {
        Some(bits) if *bits != whole => {
            Err("it is a network, of which an `IpAddr` would keep the address only".into())
        }
        _ => Ok(address),
    }
}
