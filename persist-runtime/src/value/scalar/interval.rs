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
