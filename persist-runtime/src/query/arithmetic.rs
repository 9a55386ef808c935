//! Columns and computed values that are added, multiplied and the like.

use std::ops::{Add, Div, Mul, Rem, Sub};

use crate::query::column::Column;
use crate::query::computed::{Computed, Plain};
use crate::query::operand::Side;
use crate::sql::expression::Expression;
use crate::table::column::ColumnModel;
use crate::value::scalar::{Interval, Scalar, Value};
use crate::value::sql_type::family;

/// What can be added to a value of the type `T`, and taken from it: a number of the same type, days for a date, an
/// [`Interval`] or a `Duration` for a moment; and columns of these types.
///
/// As in PostgreSQL, numbers that become too large are an error of the server (`22003`), and NULL with anything is NULL.
///
/// ```
/// # use persist_sample::*;
/// use persist::Interval;
///
/// # async fn example(steps: StepRepository<'_>, executions: ExecutionRepository<'_>) -> Result {
/// let moved = steps.filter(|s| s.position.gt(3)).update(|s| s.position.set(s.position - 1)).await?;
/// let day = Interval { days: 1, ..Interval::default() };
/// let slow = executions.filter(|e| e.finished_at.gt(e.started_at + day)).count().await?;
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be added to a value of type `{T}`, nor taken from it",
    label = "expected a value of that type, days (`i32`) for a date, or an `Interval` or a `Duration` for a moment"
)]
pub trait Addend<T> {
    /// The type of the sum.
    type Sum: Value;

    /// The value beside one of the column.
    #[doc(hidden)]
    fn step(self, column: &'static ColumnModel) -> Side;
}

/// What a number of the type `T` can be multiplied with, and divided by: a number of the same type, or a column of it.
///
/// As in PostgreSQL, division of integers leaves the remainder out, and division by zero is an error of the server
/// (`22012`).
///
/// ```
/// # use persist_sample::*;
/// # async fn example(steps: StepRepository<'_>) -> Result {
/// let spread = steps.query().update(|s| s.position.set(s.position * 10)).await?;
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be multiplied with a value of type `{T}`, nor divide it",
    label = "expected a number of that type"
)]
pub trait Factor<T> {
    /// The type of the product.
    type Product: Value;

    /// The value beside one of the column.
    #[doc(hidden)]
    fn factor(self, column: &'static ColumnModel) -> Side;
}

/// Families whose values can be added; `T` is the type that holds them.
#[doc(hidden)]
pub trait Additive<T> {
    /// What is added to a value.
    type Step: Scalar;
}

/// Families of numbers.
#[doc(hidden)]
pub trait Numeric {}

macro_rules! numbers {
    ($($name:ident)*) => { $(
        impl Numeric for family::$name {}

        impl<T: Scalar> Additive<T> for family::$name {
            type Step = T;
        }
    )* };
}
numbers!(Int2 Int4 Int8 Float4 Float8 Numeric);

/// Families of numbers that leave a remainder: PostgreSQL has none of floats.
#[doc(hidden)]
#[diagnostic::on_unimplemented(message = "there is no remainder of floats in PostgreSQL")]
pub trait Exact {}

impl Exact for family::Int2 {}
impl Exact for family::Int4 {}
impl Exact for family::Int8 {}
impl Exact for family::Numeric {}

macro_rules! steps {
    ($($name:ident $step:ty;)*) => { $(
        impl<T> Additive<T> for family::$name {
            type Step = $step;
        }
    )* };
}
steps! {
    Date i32;
    Time Interval;
    Timestamp Interval;
    Timestamptz Interval;
    Interval Interval;
}

type FamilyOf<T> = <<T as Value>::Inner as Scalar>::Family;

/// How values of a type travel beside those of a column: as these do, if they are of the same type.
fn model_of<S: Scalar>(column: &'static ColumnModel) -> &'static ColumnModel {
    if S::OIDS.contains(&column.oid) { column } else { Plain::<S>::MODEL }
}

#[diagnostic::do_not_recommend]
impl<T: Value, S: Scalar> Addend<T> for S
where
    FamilyOf<T>: Additive<T::Inner, Step = S>,
{
    type Sum = T;

    fn step(self, column: &'static ColumnModel) -> Side {
        Side(Expression::value(self, model_of::<S>(column)))
    }
}

macro_rules! durations {
    ($($duration:ty),*) => { $(
        #[diagnostic::do_not_recommend]
        impl<T: Value> Addend<T> for $duration
        where
            FamilyOf<T>: Additive<T::Inner, Step = Interval>,
        {
            type Sum = T;

            fn step(self, column: &'static ColumnModel) -> Side {
                Addend::<T>::step(Interval::from(self), column)
            }
        }
    )* };
}
durations!(std::time::Duration);
#[cfg(feature = "chrono")]
durations!(chrono::TimeDelta);
#[cfg(feature = "jiff")]
durations!(jiff::SignedDuration);

#[diagnostic::do_not_recommend]
impl<T: Value<Inner = S>, S: Scalar<Family: Numeric>> Factor<T> for S {
    type Product = T;

    fn factor(self, column: &'static ColumnModel) -> Side {
        Side(Expression::value(self, column))
    }
}

macro_rules! columns {
    ($($column:ident)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<T: Value, S: Scalar> Addend<T> for $column<S>
        where
            FamilyOf<T>: Additive<T::Inner, Step = S>,
        {
            type Sum = T;

            fn step(self, _: &'static ColumnModel) -> Side {
                Side(self.expression())
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: Value, S: Scalar> Addend<T> for $column<Option<S>>
        where
            FamilyOf<T>: Additive<T::Inner, Step = S>,
        {
            type Sum = Option<T::Inner>;

            fn step(self, _: &'static ColumnModel) -> Side {
                Side(self.expression())
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: Value<Inner = S>, S: Scalar<Family: Numeric>> Factor<T> for $column<S> {
            type Product = T;

            fn factor(self, _: &'static ColumnModel) -> Side {
                Side(self.expression())
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: Value<Inner = S>, S: Scalar<Family: Numeric>> Factor<T> for $column<Option<S>> {
            type Product = Option<T::Inner>;

            fn factor(self, _: &'static ColumnModel) -> Side {
                Side(self.expression())
            }
        }

        operations!($column, Addend Sum step, Add add "+", Sub sub "-");
        operations!($column, Factor Product factor, Mul mul "*", Div div "/");

        impl<T: Value<Inner: Scalar<Family: Exact>>, O: Factor<T>> Rem<O> for $column<T> {
            type Output = Computed<O::Product>;

            fn rem(self, other: O) -> Computed<O::Product> {
                let model = self.model;
                let Side(other) = other.factor(model);
                Computed::typed(model, Expression::infix(self.expression(), "%", other))
            }
        }
    )* };
}

macro_rules! operations {
    ($column:ident, $operand:ident $answer:ident $side:ident, $($operation:ident $method:ident $operator:literal),*) => { $(
        impl<T: Value, O: $operand<T>> $operation<O> for $column<T> {
            type Output = Computed<O::$answer>;

            fn $method(self, other: O) -> Computed<O::$answer> {
                let model = self.model;
                let Side(other) = other.$side(model);
                Computed::typed(model, Expression::infix(self.expression(), $operator, other))
            }
        }
    )* };
}

columns!(Column Computed);
