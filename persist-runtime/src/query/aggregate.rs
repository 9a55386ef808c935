//! Values of a group of rows: how many, the sum, the average, the smallest, the largest.

#[cfg(feature = "decimal")]
use rust_decimal::Decimal;

use crate::query::column::Column;
use crate::query::computed::Computed;
use crate::query::operators::operators;
use crate::sql::expression::Expression;
use crate::value::scalar::Interval;
use crate::value::scalar::{Scalar, Value};
use crate::value::sql_type::family;

/// A column or computed value whose values can be added; the answers are those of PostgreSQL.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(steps: StepRepository<'_>) -> Result {
/// let total: Option<i64> = steps.query().sum(|s| s.position).await?;
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "there is no sum of `{Self}`",
    label = "expected a column of numbers or intervals",
    note = "the sum of a `bigint` is a `numeric`, which needs the feature `decimal` of `persist`"
)]
pub trait HasSum<Sum> {
    /// The sum over a group.
    #[doc(hidden)]
    fn sum_of(self) -> Computed<Option<Sum>>;
}

/// A column or computed value whose values have an average.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(executions: ExecutionRepository<'_>) -> Result {
/// let usual: Option<persist::Interval> = executions.query().avg(|e| e.duration).await?;
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "there is no average of `{Self}`",
    label = "expected a column of numbers or intervals",
    note = "the average of integers is a `numeric`, which needs the feature `decimal` of `persist`"
)]
pub trait HasAverage<Average> {
    /// The average over a group.
    #[doc(hidden)]
    fn average_of(self) -> Computed<Option<Average>>;
}

/// A column or computed value that has a smallest and a largest value.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(executions: ExecutionRepository<'_>) -> Result {
/// let last: Option<i32> = executions.query().max(|e| e.execution_number).await?;
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "there is no smallest or largest value of `{Self}`",
    label = "expected a column of numbers, text, times or an enum",
    note = "PostgreSQL has none of `uuid`, `boolean`, `bytea` and documents; order by the column and take the first row"
)]
pub trait HasExtremes<Extreme> {
    /// The smallest value of a group.
    #[doc(hidden)]
    fn smallest_of(self) -> Computed<Option<Extreme>>;

    /// The largest value of a group.
    #[doc(hidden)]
    fn largest_of(self) -> Computed<Option<Extreme>>;
}

/// Families of SQL types whose values can be added.
///
/// ```
/// use persist::query::Summable;
/// use persist::sql_type::family;
///
/// fn is_summable<Family: Summable>() {}
/// is_summable::<family::Int4>();
/// ```
pub trait Summable {
    /// What the sum is read into.
    type Sum: Scalar;
}

/// Families of SQL types whose values have an average.
///
/// ```
/// use persist::query::Averageable;
/// use persist::sql_type::family;
///
/// fn has_an_average<Family: Averageable>() {}
/// has_an_average::<family::Float8>();
/// ```
pub trait Averageable {
    /// What the average is read into.
    type Average: Scalar;
}

/// Families of SQL types that have a smallest and a largest value among others.
///
/// ```
/// use persist::query::Extremes;
/// use persist::sql_type::family;
///
/// fn has_extremes<Family: Extremes>() {}
/// has_extremes::<family::Timestamptz>();
/// ```
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

operators! { for Column<T>, Computed<T> where [T] {
    /// How many rows of the group have a value here; all rows where the column cannot be NULL.
    /// `count(column)`
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(executions: ExecutionRepository<'_>) -> Result {
    /// let groups = executions.query().group_by(|e| e.pipeline_id);
    /// let runs: Vec<(Uuid, i64)> = groups.select(|e| (e.pipeline_id, e.id.count())).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn count(self) -> Computed<i64> {
        Computed::plain(self.aggregate("count("))
    }

    /// How many different values the group has here. `count(DISTINCT column)`
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(executions: ExecutionRepository<'_>) -> Result {
    /// let kinds: Vec<(Uuid, i64)> = executions
    ///     .query()
    ///     .group_by(|e| e.pipeline_id)
    ///     .select(|e| (e.pipeline_id, e.status.count_distinct()))
    ///     .all()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn count_distinct(self) -> Computed<i64> {
        Computed::plain(self.aggregate("count(DISTINCT "))
    }

    /// The sum over the group; `None` where it has no values. As in PostgreSQL the sum of `integer` is a
    /// `bigint`, that of `bigint` a `numeric`.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(steps: StepRepository<'_>) -> Result {
    /// let sums: Vec<Option<i64>> =
    ///     steps.query().group_by(|s| s.pipeline_id).select(|s| s.position.sum()).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn sum<Sum>(self) -> Computed<Option<Sum>>
    where
        Self: HasSum<Sum>,
    {
        self.sum_of()
    }

    /// The average over the group; `None` where it has no values. As in PostgreSQL that of integers is a
    /// `numeric`.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(executions: ExecutionRepository<'_>) -> Result {
    /// let durations: Vec<Option<persist::Interval>> =
    ///     executions.query().group_by(|e| e.pipeline_id).select(|e| e.duration.avg()).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn avg<Average>(self) -> Computed<Option<Average>>
    where
        Self: HasAverage<Average>,
    {
        self.average_of()
    }

    /// The smallest value of the group; `None` where it has no values.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(executions: ExecutionRepository<'_>) -> Result {
    /// let groups = executions.query().group_by(|e| e.status);
    /// let first = groups.select(|e| (e.status, e.started_at.min())).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn min<Extreme>(self) -> Computed<Option<Extreme>>
    where
        Self: HasExtremes<Extreme>,
    {
        self.smallest_of()
    }

    /// The largest value of the group; `None` where it has no values.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(executions: ExecutionRepository<'_>) -> Result {
    /// let busy = executions
    ///     .query()
    ///     .group_by(|e| e.pipeline_id)
    ///     .having(|e| e.execution_number.max().gt(100))
    ///     .select(|e| (e.pipeline_id, e.execution_number.max()))
    ///     .all()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn max<Extreme>(self) -> Computed<Option<Extreme>>
    where
        Self: HasExtremes<Extreme>,
    {
        self.largest_of()
    }
} }

operators! { for Column<T>, Computed<T> where [T] {
    fn aggregate(self, open: &'static str) -> Expression {
        Expression::aggregate(open, self.expression())
    }
} }

/// For a column and a computed value, such as the number of rows of a relation.
macro_rules! aggregates {
    ($($value:ident)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<T: Value<Inner: Scalar<Family: Summable>>> HasSum<SumOf<T>> for $value<T> {
            fn sum_of(self) -> Computed<Option<SumOf<T>>> {
                Computed::plain(self.aggregate("sum("))
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: Value<Inner: Scalar<Family: Averageable>>> HasAverage<AverageOf<T>> for $value<T> {
            fn average_of(self) -> Computed<Option<AverageOf<T>>> {
                Computed::plain(self.aggregate("avg("))
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: Value<Inner: Scalar<Family: Extremes>>> HasExtremes<T::Inner> for $value<T> {
            fn smallest_of(self) -> Computed<Option<T::Inner>> {
                Computed::as_column(self.model, self.aggregate("min("))
            }

            fn largest_of(self) -> Computed<Option<T::Inner>> {
                Computed::as_column(self.model, self.aggregate("max("))
            }
        }
    )* };
}
aggregates!(Column Computed);

/// The family of a column's type.
type FamilyOf<T> = <<T as Value>::Inner as Scalar>::Family;

type SumOf<T> = <FamilyOf<T> as Summable>::Sum;

type AverageOf<T> = <FamilyOf<T> as Averageable>::Average;
