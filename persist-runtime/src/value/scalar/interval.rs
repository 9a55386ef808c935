//! `interval` columns.

use bytes::{Buf, BufMut, BytesMut};
use tokio_postgres::types::{Oid, Type};

use crate::error::BoxError;
use crate::value::scalar::Scalar;
use crate::value::sql_type::{SqlType, family, pg};

/// A span of time as PostgreSQL keeps it: a month has no fixed number of days, nor a day of hours.
///
/// Two intervals are equal here only if all three parts are; PostgreSQL also takes 1 month for 30 days.
///
/// ```
/// use persist::Interval;
///
/// let month = Interval { months: 1, ..Interval::default() };
/// assert_ne!(month, Interval { days: 30, ..Interval::default() });
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct Interval {
    /// Whole months.
    pub months: i32,
    /// Whole days.
    pub days: i32,
    /// Microseconds.
    pub microseconds: i64,
}

impl Interval {
    const NONE: Interval = Interval { months: 0, days: 0, microseconds: 0 };

    /// Whole months.
    ///
    /// ```
    /// use persist::Interval;
    ///
    /// assert_eq!(Interval::months(2), Interval { months: 2, ..Interval::default() });
    /// ```
    pub const fn months(months: i32) -> Interval {
        Interval { months, ..Interval::NONE }
    }

    /// Whole days, which are not always of 24 hours.
    ///
    /// ```
    /// use persist::Interval;
    ///
    /// assert_eq!(Interval::days(2), Interval { days: 2, ..Interval::default() });
    /// ```
    pub const fn days(days: i32) -> Interval {
        Interval { days, ..Interval::NONE }
    }

    /// So many hours.
    ///
    /// ```
    /// use persist::Interval;
    ///
    /// assert_eq!(Interval::hours(2).microseconds, 2 * 3_600_000_000);
    /// ```
    pub const fn hours(hours: i32) -> Interval {
        Interval { microseconds: hours as i64 * 3_600_000_000, ..Interval::NONE }
    }

    /// So many minutes.
    ///
    /// ```
    /// use persist::Interval;
    ///
    /// assert_eq!(Interval::minutes(2).microseconds, 2 * 60_000_000);
    /// ```
    pub const fn minutes(minutes: i32) -> Interval {
        Interval { microseconds: minutes as i64 * 60_000_000, ..Interval::NONE }
    }

    /// So many seconds.
    ///
    /// ```
    /// use persist::Interval;
    ///
    /// assert_eq!(Interval::seconds(2).microseconds, 2 * 1_000_000);
    /// ```
    pub const fn seconds(seconds: i32) -> Interval {
        Interval { microseconds: seconds as i64 * 1_000_000, ..Interval::NONE }
    }
}

/// To the microsecond: what is below is left out. What is longer than any interval, some 292,000 years, is as long as that.
impl From<std::time::Duration> for Interval {
    fn from(duration: std::time::Duration) -> Interval {
        Interval { microseconds: i64::try_from(duration.as_micros()).unwrap_or(i64::MAX), ..Interval::NONE }
    }
}

/// To the microsecond: what is below is left out. What is longer than any interval, some 292,000 years, is as long as that.
#[cfg(feature = "chrono")]
impl From<chrono::TimeDelta> for Interval {
    fn from(delta: chrono::TimeDelta) -> Interval {
        let longest = if delta < chrono::TimeDelta::zero() { i64::MIN } else { i64::MAX };
        Interval { microseconds: delta.num_microseconds().unwrap_or(longest), ..Interval::NONE }
    }
}

/// To the microsecond: what is below is left out. What is longer than any interval, some 292,000 years, is as long as that.
#[cfg(feature = "jiff")]
impl From<jiff::SignedDuration> for Interval {
    fn from(duration: jiff::SignedDuration) -> Interval {
        let longest = if duration.is_negative() { i64::MIN } else { i64::MAX };
        Interval { microseconds: i64::try_from(duration.as_micros()).unwrap_or(longest), ..Interval::NONE }
    }
}

#[diagnostic::do_not_recommend]
impl Scalar for Interval {
    type Family = family::Interval;
    const OIDS: &'static [Oid] = &[pg::Interval::OID];

    // The parts travel from the smallest to the largest (`interval_send` of PostgreSQL).
    fn decode(_: Oid, mut raw: &[u8]) -> Result<Self, BoxError> {
        if raw.len() != 16 {
            return Err(format!("an interval has 16 bytes, but {} arrived", raw.len()).into());
        }
        let (microseconds, days, months) = (raw.get_i64(), raw.get_i32(), raw.get_i32());
        Ok(Interval { months, days, microseconds })
    }

    fn encode(&self, _: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
        out.put_i64(self.microseconds);
        out.put_i32(self.days);
        out.put_i32(self.months);
        Ok(())
    }
}
