//! Reads timestamps as chrono's types.

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::error::BoxError;

/// The midnight from which PostgreSQL counts microseconds, 2000-01-01, as microseconds since 1970-01-01
/// (UTC).
const EPOCH: i64 = 946_684_800_000_000;

/// One step from microseconds to the calendar, where the driver's conversion adds a span to a date.
#[inline]
pub(crate) fn decode_timestamptz(raw: &[u8]) -> Result<DateTime<Utc>, BoxError> {
    let Ok(raw) = raw.try_into() else {
        return Err(format!("a timestamp has 8 bytes, but {} arrived", raw.len()).into());
    };
    let since_1970 = i64::from_be_bytes(raw).checked_add(EPOCH);
    since_1970.and_then(DateTime::from_timestamp_micros).ok_or_else(out_of_range)
}

#[inline]
pub(crate) fn decode_timestamp(raw: &[u8]) -> Result<NaiveDateTime, BoxError> {
    Ok(decode_timestamptz(raw)?.naive_utc())
}

#[cold]
fn out_of_range() -> BoxError {
    "it is infinite, or in a year that the Rust type cannot hold".into()
}

#[cfg(test)]
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
