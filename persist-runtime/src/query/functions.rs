//! Functions of columns and computed values.

use crate::query::assignment::Settable;
use crate::query::column::Column;
use crate::query::computed::Computed;
use crate::query::operand::{Operand, Operands, Side};
use crate::query::operators::operators;
use crate::query::predicate::Predicate;
use crate::sql::expression::Expression;
use crate::value::scalar::{Scalar, Value};
use crate::value::sql_type::family;

/// Families whose values can be joined by `||`: texts and arrays.
#[diagnostic::on_unimplemented(message = "only texts and arrays can be joined")]
#[doc(hidden)]
pub trait Joinable {}

impl Joinable for family::Text {}
impl<F> Joinable for family::Array<F> {}

operators! { for Column<T>, Computed<T> where [T: Value] {
    /// The larger of both; of NULL and a value the value. `greatest(column, value)`
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(steps: StepRepository<'_>) -> Result {
    /// let raised = steps.query().update(|s| s.position.set(s.position.greatest(1))).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn greatest<O: Operand<T::Inner>>(self, other: O) -> Computed<O::Or<T>> {
        self.function("greatest", other)
    }

    /// The smaller of both; of NULL and a value the value. `least(column, value)`
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(steps: StepRepository<'_>) -> Result {
    /// let lowered = steps.query().update(|s| s.position.set(s.position.least(100))).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn least<O: Operand<T::Inner>>(self, other: O) -> Computed<O::Or<T>> {
        self.function("least", other)
    }

    /// The place in a list, counted from 1, to be sorted by: labels of an enum in another order than that of their type, for
    /// example. What is not in the list comes after it, and so does NULL. `coalesce(array_position(list, column), …)`
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(executions: ExecutionRepository<'_>) -> Result {
    /// let urgent_first = executions
    ///     .order_by(|e| (e.status.rank([Status::Failed, Status::Running]).asc(), e.execution_number.desc()))
    ///     .all()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn rank(self, first: impl Operands<T::Inner>) -> Computed<i32> {
        let list = Expression::list(first.operands(), self.model);
        let place = Expression::call("pg_catalog.array_position", vec![list, self.expression()]);
        Computed::plain(Expression::call("coalesce", vec![place, Expression::Fixed("2147483647")]))
    }

    /// The value, or another one in rows for which a condition holds. `CASE WHEN condition THEN value ELSE column END`
    ///
    /// Of several, the last for which its condition holds counts.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(executions: ExecutionRepository<'_>) -> Result {
    /// // Those that run end by themselves.
    /// let cancelled = executions
    ///     .query()
    ///     .update(|e| {
    ///         let is_waiting = e.status.eq(Status::Pending);
    ///         (e.status.set(e.status.when(is_waiting.clone(), Status::Cancelled)),
    ///          e.finished_at.set(e.finished_at.when(is_waiting, persist::now())))
    ///     })
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn when(self, condition: Predicate, value: impl Settable<T>) -> Computed<T> {
        let model = self.model;
        let Side(value) = value.settable(model);
        Computed::typed(model, Expression::case(condition.0, value, self.expression()))
    }

    fn function<O: Operand<T::Inner>>(self, name: &'static str, other: O) -> Computed<O::Or<T>> {
        let model = self.model;
        let Side(other) = other.operand(model);
        Computed::typed(model, Expression::call(name, vec![self.expression(), other]))
    }
} }

operators! { for Column<T>, Computed<T> where [T: Value<Inner: Scalar<Family: Joinable>>] {
    /// The text or the array with another one after it. `column || value`: a text is NULL if either is, of arrays the one
    /// that is not NULL is left.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let marked = pipelines.filter(|p| p.is_active.eq(false)).update(|p| p.name.set(p.name.concat(" (old)"))).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn concat<O: Operand<T::Inner>>(self, other: O) -> Computed<O::With<T>> {
        let model = self.model;
        let Side(other) = other.operand(model);
        Computed::typed(model, Expression::infix(self.expression(), "||", other))
    }
} }

operators! { for Column<Option<T>>, Computed<Option<T>> where [T: Scalar] {
    /// The value, or another one where it is NULL. `coalesce(column, value)`
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let described: Vec<String> = pipelines.query().select(|p| p.description.coalesce(p.name)).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn coalesce<O: Operand<T>>(self, other: O) -> Computed<O::Or<Option<T>>> {
        self.function("coalesce", other)
    }
} }
