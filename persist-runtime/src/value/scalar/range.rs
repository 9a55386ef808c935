//! Ranges and multiranges.

use std::ops::{self, Bound};

use bytes::{Buf, BufMut, BytesMut};
use postgres_protocol::IsNull;
use postgres_protocol::types::{
    self as protocol, RangeBound, empty_range_to_sql, range_from_sql, range_to_sql,
};
use tokio_postgres::types::{Oid, Type};

use crate::error::BoxError;
use crate::value::scalar::Scalar;
use crate::value::sql_type::{Ranged, family};

/// A range of values as PostgreSQL keeps it: its bounds are part of it or not, or there are none; or it is empty.
///
/// Of whole numbers and days PostgreSQL writes each range as one with its lower bound and without its upper one: `1..=5` is
/// stored, and comes back, as `1..6`.
///
/// ```
/// use std::ops::Bound;
/// use persist::Range;
///
/// let range = Range::from(1..6);
/// assert!(range.contains(&5) && !range.contains(&6));
/// assert_eq!(range.upper(), Bound::Excluded(&6));
/// assert!(Range::<i32>::empty().is_empty());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Range<T>(Option<(Bound<T>, Bound<T>)>);

impl<T> Range<T> {
    /// The range between two bounds. PostgreSQL takes one whose values are the other way round for an error.
    ///
    /// ```
    /// use std::ops::Bound;
    /// use persist::Range;
    ///
    /// let above = Range::new(Bound::Excluded(3), Bound::Unbounded);
    /// assert!(above.contains(&4) && !above.contains(&3));
    /// ```
    pub const fn new(lower: Bound<T>, upper: Bound<T>) -> Self {
        Range(Some((lower, upper)))
    }

    /// The range that contains nothing.
    ///
    /// ```
    /// assert!(!persist::Range::empty().contains(&1));
    /// ```
    pub const fn empty() -> Self {
        Range(None)
    }

    /// Is it the range that contains nothing?
    ///
    /// ```
    /// assert!(!persist::Range::from(1..2).is_empty());
    /// ```
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The lower bound; of the empty range there is none.
    ///
    /// ```
    /// use std::ops::Bound;
    ///
    /// assert_eq!(persist::Range::from(1..).lower(), Bound::Included(&1));
    /// ```
    pub fn lower(&self) -> Bound<&T> {
        self.0.as_ref().map_or(Bound::Unbounded, |(lower, _)| lower.as_ref())
    }

    /// The upper bound; of the empty range there is none.
    ///
    /// ```
    /// use std::ops::Bound;
    ///
    /// assert_eq!(persist::Range::from(1..).upper(), Bound::Unbounded);
    /// ```
    pub fn upper(&self) -> Bound<&T> {
        self.0.as_ref().map_or(Bound::Unbounded, |(_, upper)| upper.as_ref())
    }
}

impl<T: PartialOrd> Range<T> {
    /// Is the value in it?
    ///
    /// ```
    /// assert!(persist::Range::from(1..=3).contains(&3));
    /// ```
    pub fn contains(&self, value: &T) -> bool {
        self.0.as_ref().is_some_and(|bounds| ops::RangeBounds::contains(bounds, value))
    }
}

macro_rules! from_ranges {
    ($($range:ty, $from:ident => $lower:expr, $upper:expr;)*) => { $(
        impl<T> From<$range> for Range<T> {
            fn from($from: $range) -> Self {
                Range::new($lower, $upper)
            }
        }
    )* };
}
from_ranges! {
    ops::Range<T>, range => Bound::Included(range.start), Bound::Excluded(range.end);
    ops::RangeFrom<T>, range => Bound::Included(range.start), Bound::Unbounded;
    ops::RangeTo<T>, range => Bound::Unbounded, Bound::Excluded(range.end);
    ops::RangeToInclusive<T>, range => Bound::Unbounded, Bound::Included(range.end);
    ops::RangeFull, _range => Bound::Unbounded, Bound::Unbounded;
}

impl<T> From<ops::RangeInclusive<T>> for Range<T> {
    fn from(range: ops::RangeInclusive<T>) -> Self {
        let (start, end) = range.into_inner();
        Range::new(Bound::Included(start), Bound::Included(end))
    }
}

#[diagnostic::do_not_recommend]
impl<T: Scalar<Family: Ranged>> Scalar for Range<T> {
    type Family = family::Range<T::Family>;
    const OIDS: &'static [Oid] = &[<T::Family as Ranged>::RANGE];

    fn decode(_: Oid, raw: &[u8]) -> Result<Self, BoxError> {
        let bound = |bound: RangeBound<Option<&[u8]>>| -> Result<Bound<T>, BoxError> {
            let value = |raw: Option<&[u8]>| match raw {
                Some(raw) => T::decode(T::OIDS[0], raw),
                None => Err("a bound of a range is NULL".into()),
            };
            Ok(match bound {
                RangeBound::Inclusive(raw) => Bound::Included(value(raw)?),
                RangeBound::Exclusive(raw) => Bound::Excluded(value(raw)?),
                RangeBound::Unbounded => Bound::Unbounded,
            })
        };
        Ok(match range_from_sql(raw)? {
            protocol::Range::Empty => Range::empty(),
            protocol::Range::Nonempty(lower, upper) => Range::new(bound(lower)?, bound(upper)?),
        })
    }

    fn encode(&self, _: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
        let Some((lower, upper)) = &self.0 else {
            empty_range_to_sql(out);
            return Ok(());
        };
        let ty = Type::from_oid(T::OIDS[0]).unwrap_or(Type::UNKNOWN);
        let bound = |bound: &Bound<T>, out: &mut BytesMut| -> Result<RangeBound<IsNull>, BoxError> {
            Ok(match bound {
                Bound::Included(value) => {
                    value.encode(&ty, out)?;
                    RangeBound::Inclusive(IsNull::No)
                }
                Bound::Excluded(value) => {
                    value.encode(&ty, out)?;
                    RangeBound::Exclusive(IsNull::No)
                }
                Bound::Unbounded => RangeBound::Unbounded,
            })
        };
        range_to_sql(|out| bound(lower, out), |out| bound(upper, out), out)
    }
}

/// Several ranges of values, such as PostgreSQL's `int4multirange`: it keeps them in order, and joins those that touch.
///
/// ```
/// use persist::{Multirange, Range};
///
/// let open = Multirange(vec![Range::from(9..12), Range::from(13..18)]);
/// assert!(open.contains(&14) && !open.contains(&12));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Multirange<T>(pub Vec<Range<T>>);

impl<T: PartialOrd> Multirange<T> {
    /// Is the value in one of the ranges?
    ///
    /// ```
    /// use persist::{Multirange, Range};
    ///
    /// assert!(Multirange(vec![Range::from(1..3)]).contains(&2));
    /// ```
    pub fn contains(&self, value: &T) -> bool {
        self.0.iter().any(|range| range.contains(value))
    }
}

impl<T> Default for Multirange<T> {
    fn default() -> Self {
        Multirange(Vec::new())
    }
}

impl<T, R: Into<Range<T>>> FromIterator<R> for Multirange<T> {
    fn from_iter<I: IntoIterator<Item = R>>(ranges: I) -> Self {
        Multirange(ranges.into_iter().map(Into::into).collect())
    }
}

#[diagnostic::do_not_recommend]
impl<T: Scalar<Family: Ranged>> Scalar for Multirange<T> {
    type Family = family::Multirange<T::Family>;
    const OIDS: &'static [Oid] = &[<T::Family as Ranged>::MULTIRANGE];

    // The number of ranges, then each with its length (`multirange_send` of PostgreSQL).
    fn decode(_: Oid, mut raw: &[u8]) -> Result<Self, BoxError> {
        let short = || BoxError::from("a multirange ends too early");
        let count = raw.try_get_u32().map_err(|_| short())?;
        let mut ranges = Vec::new();
        for _ in 0..count {
            let length = raw.try_get_u32().map_err(|_| short())? as usize;
            let (range, rest) = raw.split_at_checked(length).ok_or_else(short)?;
            ranges.push(Range::decode(T::OIDS[0], range)?);
            raw = rest;
        }
        Ok(Multirange(ranges))
    }

    fn encode(&self, ty: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
        out.put_u32(u32::try_from(self.0.len())?);
        for range in &self.0 {
            let at = out.len();
            out.put_u32(0);
            range.encode(ty, out)?;
            let length = u32::try_from(out.len() - at - 4)?;
            out[at..at + 4].copy_from_slice(&length.to_be_bytes());
        }
        Ok(())
    }
}
