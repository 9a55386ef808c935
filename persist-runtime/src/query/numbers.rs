//! Functions of numbers, and values as those of other types.

use crate::query::arithmetic::Numeric;
use crate::query::column::Column;
use crate::query::computed::{Computed, Plain};
use crate::query::operand::{Operand, Side};
use crate::query::operators::operators;
use crate::sql::expression::Expression;
use crate::value::scalar::{Interval, Scalar, Value};
use crate::value::sql_type::family;

/// Families of numbers with a fraction.
#[diagnostic::on_unimplemented(
    message = "only a `float8` or a `numeric` has a fraction: `.cast::<f64>()` makes one"
)]
#[doc(hidden)]
pub trait Fractional {}

impl Fractional for family::Float8 {}
impl Fractional for family::Numeric {}

/// Families whose values can be cast to each other.
#[diagnostic::on_unimplemented(message = "only numbers and texts can be cast to each other")]
#[doc(hidden)]
pub trait Castable {
    /// The type of SQL.
    const NAME: &'static str;
}

macro_rules! castable {
    ($($family:ident $name:literal;)*) => { $(
        impl Castable for family::$family {
            const NAME: &'static str = $name;
        }
    )* };
}
castable! {
    Int2 "int2";
    Int4 "int4";
    Int8 "int8";
    Float4 "float4";
    Float8 "float8";
    Numeric "numeric";
    Text "text";
}

operators! { for Column<T>, Computed<T> where [T: Value<Inner: Scalar<Family: Numeric>>] {
    /// The number without its sign. `abs(column)`
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(steps: StepRepository<'_>) {
    /// let near = steps.filter(|s| (s.position - 7).abs().le(2));
    /// # }
    /// ```
    pub fn abs(self) -> Computed<T> {
        Computed::typed(self.model, Expression::call("abs", vec![self.expression()]))
    }
} }

operators! { for Column<T>, Computed<T> where [T: Value<Inner: Scalar<Family: Fractional>>] {
    /// The next whole number below. `floor(column)`
    ///
    /// ```
    /// # use persist::query::{Column, Predicate};
    /// fn fills_a_page(rows: Column<f64>) -> Predicate {
    ///     (rows / 20.0).floor().ge(1.0)
    /// }
    /// ```
    pub fn floor(self) -> Computed<T> {
        Computed::typed(self.model, Expression::call("floor", vec![self.expression()]))
    }

    /// The next whole number above. `ceil(column)`
    ///
    /// ```
    /// # use persist::query::{Column, Order};
    /// fn by_pages(rows: Column<f64>) -> Order {
    ///     (rows / 20.0).ceil().asc()
    /// }
    /// ```
    pub fn ceil(self) -> Computed<T> {
        Computed::typed(self.model, Expression::call("ceil", vec![self.expression()]))
    }

    /// The number to a power. `power(column, exponent)`
    ///
    /// ```
    /// # use persist::query::{Column, Computed, value};
    /// fn doubled_each_time(tries: Column<i32>) -> Computed<f64> {
    ///     value(2.0).power(tries.cast::<f64>())
    /// }
    /// ```
    pub fn power<O: Operand<T::Inner>>(self, exponent: O) -> Computed<O::With<T>> {
        let model = self.model;
        let Side(exponent) = exponent.operand(model);
        Computed::typed(model, Expression::call("power", vec![self.expression(), exponent]))
    }
} }

operators! { for Column<T>, Computed<T> where [T: Scalar<Family: Castable> + Value<Inner = T>] {
    /// The value as another number, or as a text. `column::int8`: fractions are rounded. What does not fit is an error of the
    /// server, `22003`, and so is a text that is no number, `22P02`.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(steps: StepRepository<'_>) -> Result {
    /// let halves: Vec<f64> = steps.query().select(|s| s.position.cast::<f64>() / 2.0).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn cast<U: Scalar<Family: Castable> + Value<Inner = U>>(self) -> Computed<U> {
        Computed::plain(Expression::infix(self.expression(), "::", Expression::Fixed(<U::Family as Castable>::NAME)))
    }
} }

operators! { for Column<Option<T>>, Computed<Option<T>> where [T: Scalar<Family: Castable> + Value<Inner = T>] {
    /// The value as another number, or as a text; NULL stays NULL. `column::int8`: fractions are rounded. What does not fit is
    /// an error of the server, `22003`, and so is a text that is no number, `22P02`.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(plugins: PluginRepository<'_>) {
    /// let retried = plugins.filter(|p| p.configuration.text("retries").cast::<i64>().gt(3));
    /// # }
    /// ```
    pub fn cast<U: Scalar<Family: Castable> + Value<Inner = U>>(self) -> Computed<Option<U>> {
        Computed::plain(Expression::infix(self.expression(), "::", Expression::Fixed(<U::Family as Castable>::NAME)))
    }
} }

operators! { for Column<Interval>, Computed<Interval> where [] {
    /// So many times as long. `(column * n)`
    ///
    /// ```
    /// # use persist::query::{Column, Computed, value};
    /// # use persist::Interval;
    /// fn pause(tries: Column<i32>) -> Computed<Interval> {
    ///     value(Interval::minutes(1)).times(value(2.0).power(tries.cast::<f64>()))
    /// }
    /// ```
    pub fn times<O: Operand<f64>>(self, n: O) -> Computed<O::With<Interval>> {
        let Side(n) = n.operand(Plain::<f64>::MODEL);
        Computed::plain(Expression::infix(self.expression(), "*", n))
    }
} }

operators! { for Column<Option<Interval>>, Computed<Option<Interval>> where [] {
    /// So many times as long; NULL stays NULL. `(column * n)`
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(executions: ExecutionRepository<'_>) {
    /// let slow = executions.filter(|e| e.duration.times(2.0).gt(persist::Interval::hours(1)));
    /// # }
    /// ```
    pub fn times<O: Operand<f64>>(self, n: O) -> Computed<Option<Interval>> {
        let Side(n) = n.operand(Plain::<f64>::MODEL);
        Computed::plain(Expression::infix(self.expression(), "*", n))
    }
} }
