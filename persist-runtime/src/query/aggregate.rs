//! Values of a group of rows: how many, the sum, the average, the smallest, the largest.

#[cfg(feature = "decimal")]
use rust_decimal::Decimal;

use super::column::Column;
use super::computed::Computed;
use super::expression::Expression;
use crate::scalar::{Interval, Scalar, Value};
use crate::sql_type::family;

/// Families of SQL types whose values can be added; the answers are those of PostgreSQL.
#[diagnostic::on_unimplemented(
    message = "there is no sum or average of this column",
    label = "expected a column of numbers or intervals",
    note = "the sum of a `bigint` and the average of integers are `numeric`, which needs the feature `decimal` of `persist`"
)]
pub trait Summable {
    /// What the sum is read into.
    type Sum: Scalar;
}

/// Families of SQL types whose values have an average.
#[diagnostic::on_unimplemented(
    message = "there is no sum or average of this column",
    label = "expected a column of numbers or intervals",
    note = "the sum of a `bigint` and the average of integers are `numeric`, which needs the feature `decimal` of `persist`"
)]
pub trait Averageable {
    /// What the average is read into.
    type Average: Scalar;
}

/// Families of SQL types that have a smallest and a largest value among others.
#[diagnostic::on_unimplemented(
    message = "PostgreSQL has no smallest or largest value of this column",
    label = "expected numbers, text, times or an enum; `uuid`, `boolean`, `bytea` and documents have none"
)]
pub trait Extremes {}

macro_rules! families {
    ($trait:ident $output:ident: $($family:ident $ty:ty),*) => {
        $(impl $trait for family::$family {
            type $output = $ty;
        })*
    };
}
families!(Summable Sum: Int2 i64, Int4 i64, Float4 f32, Float8 f64, Interval Interval);
#[cfg(feature = "decimal")]
families!(Summable Sum: Int8 Decimal, Numeric Decimal);
families!(Averageable Average: Float4 f64, Float8 f64, Interval Interval);
#[cfg(feature = "decimal")]
families!(Averageable Average: Int2 Decimal, Int4 Decimal, Int8 Decimal, Numeric Decimal);

macro_rules! extremes {
    ($($family:ident)*) => { $(impl Extremes for family::$family {})* };
}
extremes! {
    Int2 Int4 Int8 Oid Float4 Float8 Numeric Text Date Time Timestamp Timestamptz Inet Interval Enum
}

impl<T> Column<T> {
    /// How many rows of the group have a value here; all rows where the column cannot be NULL. `count(column)`
    pub fn count(self) -> Computed<i64> {
        Computed::plain(self.aggregate("count("))
    }

    /// How many different values the group has here. `count(DISTINCT column)`
    pub fn count_distinct(self) -> Computed<i64> {
        Computed::plain(self.aggregate("count(DISTINCT "))
    }

    fn aggregate(self, open: &'static str) -> Expression {
        Expression::Aggregate(open, Some(Box::new(Expression::column(self))))
    }
}

impl<T: Value<Inner: Scalar<Family: Summable>>> Column<T> {
    /// The sum over the group; `None` where it has no values. As in PostgreSQL the sum of `integer` is a `bigint`, that of
    /// `bigint` a `numeric`.
    pub fn sum(self) -> Computed<Option<<FamilyOf<T> as Summable>::Sum>> {
        Computed::plain(self.aggregate("sum("))
    }
}

impl<T: Value<Inner: Scalar<Family: Averageable>>> Column<T> {
    /// The average over the group; `None` where it has no values. As in PostgreSQL that of integers is a `numeric`.
    pub fn avg(self) -> Computed<Option<<FamilyOf<T> as Averageable>::Average>> {
        Computed::plain(self.aggregate("avg("))
    }
}

impl<T: Value<Inner: Scalar<Family: Extremes>>> Column<T> {
    /// The smallest value of the group; `None` where it has no values.
    pub fn min(self) -> Computed<Option<T::Inner>> {
        Computed::like(self.model, self.aggregate("min("))
    }

    /// The largest value of the group; `None` where it has no values.
    pub fn max(self) -> Computed<Option<T::Inner>> {
        Computed::like(self.model, self.aggregate("max("))
    }
}

/// The family of a column's type.
pub(crate) type FamilyOf<T> = <<T as Value>::Inner as Scalar>::Family;
