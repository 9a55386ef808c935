//! Scalars whose wire format the driver's own crate knows.

use bytes::BytesMut;
use tokio_postgres::types::{FromSql, Oid, ToSql, Type};

use super::{BoxError, Scalar};
use crate::sql_type::{SqlType, family, pg};

/// Implements [`Scalar`] by the driver's conversions: Rust type, family, and the SQL types of that family.
macro_rules! scalars {
    ($($rust:ty: $family:ident = $first:ident $($more:ident)*;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl Scalar for $rust {
            type Family = family::$family;
            const OIDS: &'static [Oid] = &[pg::$first::OID $(, pg::$more::OID)*];

            #[inline]
            fn decode(_: Oid, raw: &[u8]) -> Result<Self, BoxError> {
                // These conversions do not look at the type: a family has one wire format.
                <$rust as FromSql>::from_sql(&Type::UNKNOWN, raw)
            }

            #[inline]
            fn encode(&self, ty: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
                self.to_sql(ty, out).map(drop)
            }
        }
    )* };
}

scalars! {
    bool: Bool = Bool;
    i8: Char = Char;
    i16: Int2 = Int2;
    i32: Int4 = Int4;
    i64: Int8 = Int8;
    u32: Oid = Oid_;
    f32: Float4 = Float4;
    f64: Float8 = Float8;
    String: Text = Text Varchar Bpchar Name;
    Vec<u8>: Bytes = Bytea;
    std::net::IpAddr: Inet = Inet;
}

#[cfg(feature = "uuid")]
scalars! {
    uuid::Uuid: Uuid = Uuid;
}

#[cfg(feature = "decimal")]
scalars! {
    rust_decimal::Decimal: Numeric = Numeric;
}

#[cfg(feature = "chrono")]
scalars! {
    chrono::DateTime<chrono::Utc>: Timestamptz = Timestamptz;
    chrono::NaiveDateTime: Timestamp = Timestamp;
    chrono::NaiveDate: Date = Date;
    chrono::NaiveTime: Time = Time;
}

#[cfg(feature = "jiff")]
scalars! {
    jiff::Timestamp: Timestamptz = Timestamptz;
    jiff::civil::DateTime: Timestamp = Timestamp;
    jiff::civil::Date: Date = Date;
    jiff::civil::Time: Time = Time;
}

#[cfg(feature = "time")]
scalars! {
    time::OffsetDateTime: Timestamptz = Timestamptz;
    time::PrimitiveDateTime: Timestamp = Timestamp;
    time::Date: Date = Date;
    time::Time: Time = Time;
}
