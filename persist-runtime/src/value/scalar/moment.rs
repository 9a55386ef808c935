//! Dates and times as the types of chrono, jiff and time: nothing is rounded, and what PostgreSQL or the Rust type
//! cannot hold is an error.

#[cfg(feature = "jiff")]
use bytes::BufMut;
use bytes::BytesMut;
#[cfg(feature = "chrono")]
use chrono::{DateTime, NaiveDateTime, NaiveTime, Timelike, Utc};
use tokio_postgres::types::{FromSql, Oid, ToSql, Type};

use crate::error::BoxError;
use crate::value::form::{DATES, DAY_IN_MICROSECONDS, TIMESTAMPS};
use crate::value::scalar::Scalar;
#[cfg(feature = "jiff-1")]
use crate::value::scalar::jiff_1;
use crate::value::scalar::standard::decode;
use crate::value::sql_type::{SqlType, family, pg};

/// Implements [`Scalar`]: Rust type, SQL type, what reads it, what writes it, and the nanoseconds of its second.
macro_rules! moments {
    ($($rust:ty: $sql:ident, $decode:path, $encode:path, $nanoseconds:expr;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl Scalar for $rust {
            type Family = family::$sql;
            const OIDS: &'static [Oid] = &[pg::$sql::OID];

            #[inline]
            fn decode(_: Oid, raw: &[u8]) -> Result<Self, BoxError> {
                $decode(raw).map_err(|_| not_held(raw))
            }

            #[inline]
            fn encode(&self, ty: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
                let nanoseconds: fn(&$rust) -> u32 = $nanoseconds;
                check_precision(nanoseconds(self))?;
                let start = out.len();
                $encode(self, ty, out)?;
                check_range(&out[start..])
            }
        }
    )* };
}

#[cfg(feature = "chrono")]
moments! {
    DateTime<Utc>: Timestamptz, decode_timestamptz, encode, DateTime::timestamp_subsec_nanos;
    NaiveDateTime: Timestamp, decode_timestamp, encode, NaiveDateTime::nanosecond;
    chrono::NaiveDate: Date, decode, encode, |_| 0;
    NaiveTime: Time, decode_time, encode, NaiveTime::nanosecond;
}

#[cfg(feature = "jiff")]
moments! {
    jiff::Timestamp: Timestamptz, decode, encode, |at| at.subsec_nanosecond().unsigned_abs();
    jiff::civil::DateTime: Timestamp, decode, encode_civil, |at| at.subsec_nanosecond().unsigned_abs();
    jiff::civil::Date: Date, decode, encode, |_| 0;
    jiff::civil::Time: Time, decode_time, encode, |at| at.subsec_nanosecond().unsigned_abs();
}

#[cfg(feature = "jiff-1")]
moments! {
    ::jiff_1::Timestamp: Timestamptz, jiff_1::decode_timestamp, jiff_1::encode_timestamp,
        |at| at.subsec_nanosecond().unsigned_abs();
    ::jiff_1::civil::DateTime: Timestamp, jiff_1::decode_civil, jiff_1::encode_civil,
        |at| at.subsec_nanosecond().unsigned_abs();
    ::jiff_1::civil::Date: Date, jiff_1::decode_date, jiff_1::encode_date, |_| 0;
    ::jiff_1::civil::Time: Time, jiff_1::decode_time, jiff_1::encode_time, |at| at.subsec_nanosecond().unsigned_abs();
}

#[cfg(feature = "time")]
moments! {
    time::OffsetDateTime: Timestamptz, decode, encode_in_utc, |at| at.nanosecond();
    time::PrimitiveDateTime: Timestamp, decode, encode, |at| at.nanosecond();
    time::Date: Date, decode, encode, |_| 0;
    time::Time: Time, decode_time, encode, |at| at.nanosecond();
}

/// PostgreSQL keeps microseconds. What has more would be another time when it is read, and a leap second the
/// second after it.
#[inline]
fn check_precision(nanoseconds: u32) -> Result<(), BoxError> {
    match nanoseconds {
        1_000_000_000.. => Err("it is a leap second, which PostgreSQL has none of".into()),
        nanoseconds if nanoseconds % 1_000 != 0 => Err(
            "it has nanoseconds, and PostgreSQL keeps microseconds; round it first (chrono: `trunc_subsecs(6)`, jiff: \
             `round(Unit::Microsecond)`, time: `truncate_to_microsecond()`)"
                .into(),
        ),
        _ => Ok(()),
    }
}

#[inline]
fn check_range(written: &[u8]) -> Result<(), BoxError> {
    let is_within = match (written.try_into(), written.try_into()) {
        (Ok(microseconds), _) => TIMESTAMPS.contains(&i64::from_be_bytes(microseconds)),
        (_, Ok(days)) => DATES.contains(&i32::from_be_bytes(days)),
        _ => false,
    };
    if is_within {
        Ok(())
    } else {
        Err("it is before 4714-11-24 BC or after the year 294276, where PostgreSQL ends".into())
    }
}

/// By the driver's conversion, which does not look at the type.
#[inline]
fn encode<T: ToSql>(value: &T, ty: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
    value.to_sql(ty, out).map(drop)
}

/// The driver's conversion panics where the year is another one in UTC and the type cannot hold that.
#[cfg(feature = "time")]
fn encode_in_utc(at: &time::OffsetDateTime, ty: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
    match at.checked_to_offset(time::UtcOffset::UTC) {
        Some(utc) => encode(&utc, ty, out),
        None => Err("it is in a year of UTC that the Rust type cannot hold".into()),
    }
}

/// The driver's conversion fails at the end of the last year.
#[cfg(feature = "jiff")]
fn encode_civil(at: &jiff::civil::DateTime, _: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
    const FIRST: jiff::civil::Date = jiff::civil::Date::constant(2000, 1, 1);
    let days = i64::from(at.date().since(FIRST)?.get_days());
    let time = at.time().duration_since(jiff::civil::Time::midnight()).as_micros();
    out.put_i64(days * DAY_IN_MICROSECONDS + i64::try_from(time)?);
    Ok(())
}

/// Why a value could not be read.
#[cold]
fn not_held(raw: &[u8]) -> BoxError {
    let is_infinite = [i64::MIN, i64::MAX].iter().any(|end| end.to_be_bytes() == raw)
        || [i32::MIN, i32::MAX].iter().any(|end| end.to_be_bytes() == raw);
    match is_infinite {
        true => "it is infinite, which the Rust type cannot be".into(),
        false if raw == DAY_IN_MICROSECONDS.to_be_bytes() => {
            "it is 24:00:00, which the Rust type cannot hold".into()
        }
        false => "it is in a year that the Rust type cannot hold".into(),
    }
}

/// The driver's conversion reads 24:00:00, the end of a day, as its beginning.
fn decode_time<T: for<'r> FromSql<'r>>(raw: &[u8]) -> Result<T, BoxError> {
    if raw == DAY_IN_MICROSECONDS.to_be_bytes() { Err(not_held(raw)) } else { decode(raw) }
}

/// The midnight from which PostgreSQL counts microseconds, 2000-01-01, as microseconds since 1970-01-01
/// (UTC).
#[cfg(feature = "chrono")]
const EPOCH: i64 = 946_684_800_000_000;

/// One step from microseconds to the calendar, where the driver's conversion adds a span to a date.
#[cfg(feature = "chrono")]
#[inline]
fn decode_timestamptz(raw: &[u8]) -> Result<DateTime<Utc>, BoxError> {
    let since_2000 = raw.try_into().map(i64::from_be_bytes).map_err(|_| not_held(raw))?;
    let since_1970 = since_2000.checked_add(EPOCH);
    since_1970.and_then(DateTime::from_timestamp_micros).ok_or_else(|| not_held(raw))
}

#[cfg(feature = "chrono")]
#[inline]
fn decode_timestamp(raw: &[u8]) -> Result<NaiveDateTime, BoxError> {
    Ok(decode_timestamptz(raw)?.naive_utc())
}

#[cfg(all(test, feature = "chrono"))]
mod tests {
    use bytes::BytesMut;
    use chrono::{DateTime, Utc};
    use tokio_postgres::types::{ToSql, Type};

    use super::decode_timestamptz;

    #[test]
    fn every_time_comes_back_as_the_driver_sent_it() {
        for text in [
            "2000-01-01T00:00:00Z",
            "1969-12-31T23:59:59.999999Z",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
        ] {
            let time: DateTime<Utc> = text.parse().unwrap();
            let mut raw = BytesMut::new();
            time.to_sql(&Type::TIMESTAMPTZ, &mut raw).unwrap();
            assert_eq!(decode_timestamptz(&raw).unwrap(), time);
        }
    }

    #[test]
    fn infinity_is_an_error() {
        assert!(decode_timestamptz(&i64::MAX.to_be_bytes()).is_err());
        assert!(decode_timestamptz(&i64::MIN.to_be_bytes()).is_err());
    }
}
