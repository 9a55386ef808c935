//! Some of the rows of a relation, and values that are computed of them.

use std::marker::PhantomData;

use crate::load::shape::Shape;
use crate::query::aggregate::{HasAverage, HasExtremes, HasSum};
use crate::query::computed::Computed;
use crate::query::predicate::Predicate;
use crate::query::relation::Many;
use crate::sql::expression::{Condition, Expression};
use crate::sql::hop::Hop;
use crate::value::scalar::Scalar;

/// The rows of a relation for which a condition holds: [`Many::filter`] makes it.
///
/// ```
/// # use persist_sample::*;
/// # fn example(pipelines: PipelineRepository<'_>) {
/// let far = pipelines.filter(|p| p.steps.filter(|s| s.enabled.eq(true)).max(|s| s.position).gt(10));
/// # }
/// ```
#[must_use = "it does nothing until a value is computed of it"]
pub struct Chosen<C> {
    hop: Hop,
    condition: Option<Condition>,
    other: PhantomData<fn() -> C>,
}

impl<C> Many<C> {
    fn chosen(self) -> Chosen<C> {
        Chosen { hop: self.hop(), condition: None, other: PhantomData }
    }
}

impl<C: Shape> Many<C> {
    /// The rows for which a condition holds, to compute something of them.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let sorted = pipelines
    ///     .order_by(|p| p.steps.filter(|s| s.enabled.eq(true)).max(|s| s.position).desc().nulls_last());
    /// # }
    /// ```
    pub fn filter(self, condition: impl FnOnce(C::Columns) -> Predicate) -> Chosen<C> {
        self.chosen().filter(condition)
    }
}

impl<C: Shape> Chosen<C> {
    /// Those for which another condition holds as well.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let with_late_loads = pipelines.filter(|p| {
    ///     let loads = p.steps.filter(|s| s.enabled.eq(true)).filter(|s| s.name.starts_with("load"));
    ///     loads.min(|s| s.position).gt(3)
    /// });
    /// # }
    /// ```
    pub fn filter(mut self, condition: impl FnOnce(C::Columns) -> Predicate) -> Chosen<C> {
        let Predicate(condition) = condition(C::columns(self.hop.to));
        self.condition = Some(match self.condition {
            Some(others) => others.and(condition),
            None => condition,
        });
        self
    }

    /// How many they are.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let long = pipelines.filter(|p| p.steps.filter(|s| s.enabled.eq(true)).count().gt(10));
    /// # }
    /// ```
    pub fn count(self) -> Computed<i64> {
        let Chosen { hop, condition, .. } = self;
        Computed::plain(Expression::related(hop, Expression::Aggregate("count(*", None), condition))
    }

    fn of<T>(self, value: impl FnOnce(C::Columns) -> Computed<Option<T>>) -> Computed<Option<T>> {
        let Chosen { hop, condition, .. } = self;
        let value = value(C::columns(hop.to));
        Computed::as_column(value.model, Expression::related(hop, value.expression(), condition))
    }
}

impl<C: Shape> Many<C> {
    /// The sum of a value over the rows; NULL where there is none. It may be a value of a relation further on, such as
    /// its count.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let sorted = pipelines.order_by(|p| p.steps.sum(|s| s.position).desc());
    /// # }
    /// ```
    pub fn sum<V, T: Scalar>(self, value: impl FnOnce(C::Columns) -> V) -> Computed<Option<T>>
    where
        V: HasSum<T>,
    {
        self.chosen().sum(value)
    }

    /// The average of a value over the rows; NULL where there is none. It may be a value of a relation further on, such as
    /// its count.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let sorted = pipelines.order_by(|p| p.executions.avg(|e| e.duration).desc());
    /// # }
    /// ```
    pub fn avg<V, T: Scalar>(self, value: impl FnOnce(C::Columns) -> V) -> Computed<Option<T>>
    where
        V: HasAverage<T>,
    {
        self.chosen().avg(value)
    }

    /// The smallest of a value over the rows; NULL where there is none. It may be a value of a relation further on, such as
    /// its count.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let sorted = pipelines.order_by(|p| p.steps.min(|s| s.position).asc());
    /// # }
    /// ```
    pub fn min<V, T: Scalar>(self, value: impl FnOnce(C::Columns) -> V) -> Computed<Option<T>>
    where
        V: HasExtremes<T>,
    {
        self.chosen().min(value)
    }

    /// The largest of a value over the rows; NULL where there is none. It may be a value of a relation further on, such as
    /// its count.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let sorted = pipelines.order_by(|p| p.steps.max(|s| s.position).desc());
    /// # }
    /// ```
    pub fn max<V, T: Scalar>(self, value: impl FnOnce(C::Columns) -> V) -> Computed<Option<T>>
    where
        V: HasExtremes<T>,
    {
        self.chosen().max(value)
    }
}

impl<C: Shape> Chosen<C> {
    /// The sum of a value over these rows: see [`Many::sum`].
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let sorted = pipelines.order_by(|p| p.steps.filter(|s| s.enabled.eq(true)).sum(|s| s.position).desc());
    /// # }
    /// ```
    pub fn sum<V, T: Scalar>(self, value: impl FnOnce(C::Columns) -> V) -> Computed<Option<T>>
    where
        V: HasSum<T>,
    {
        self.of(|columns| value(columns).sum_of())
    }

    /// The average of a value over these rows: see [`Many::avg`].
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let sorted = pipelines.order_by(|p| p.executions.filter(|e| e.execution_number.gt(1)).avg(|e| e.duration).desc());
    /// # }
    /// ```
    pub fn avg<V, T: Scalar>(self, value: impl FnOnce(C::Columns) -> V) -> Computed<Option<T>>
    where
        V: HasAverage<T>,
    {
        self.of(|columns| value(columns).average_of())
    }

    /// The smallest of a value over these rows: see [`Many::min`].
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let sorted = pipelines.order_by(|p| p.steps.filter(|s| s.enabled.eq(true)).min(|s| s.position).asc());
    /// # }
    /// ```
    pub fn min<V, T: Scalar>(self, value: impl FnOnce(C::Columns) -> V) -> Computed<Option<T>>
    where
        V: HasExtremes<T>,
    {
        self.of(|columns| value(columns).smallest_of())
    }

    /// The largest of a value over these rows: see [`Many::max`].
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let sorted = pipelines.order_by(|p| p.steps.filter(|s| s.enabled.eq(true)).max(|s| s.position).desc());
    /// # }
    /// ```
    pub fn max<V, T: Scalar>(self, value: impl FnOnce(C::Columns) -> V) -> Computed<Option<T>>
    where
        V: HasExtremes<T>,
    {
        self.of(|columns| value(columns).largest_of())
    }
}

impl<C> std::fmt::Debug for Chosen<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let predicate = Predicate(Condition::exists(self.hop.clone(), self.condition.clone()));
        f.debug_tuple("Chosen").field(&predicate).finish()
    }
}
