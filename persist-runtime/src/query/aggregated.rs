//! The ends of a query that compute one value of all its rows.

use std::pin::Pin;

use crate::entity::traits::{Entity, View};
use crate::error::Error;
use crate::query::aggregate::{HasAverage, HasExtremes, HasSum};
use crate::query::builder::Query;
use crate::query::column::Column;
use crate::query::computed::Computed;
use crate::query::selected::Selected;
use crate::sql::scope::Scope;
use crate::value::scalar::{Cell, Scalar, Value};

/// An aggregate of all rows, on its way. The type does not depend on the column, so that a column without
/// such an aggregate is one mistake and not three.
///
/// ```
/// # use persist_sample::*;
/// use persist::query::Aggregated;
///
/// fn last_position<'a>(steps: &StepRepository<'a>) -> Aggregated<'a, i32> {
///     steps.query().max(|s| s.position)
/// }
/// ```
pub type Aggregated<'a, T> = Pin<Box<dyn Future<Output = Result<Option<T>, Error>> + Send + 'a>>;

impl<'a, E: Entity, V: View<Of = E>> Query<'a, E, V> {
    /// The sum of a column over all rows; `None` where there are none. As in PostgreSQL the sum of `integer`
    /// is a `bigint`, that of `bigint` a `numeric`.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(steps: StepRepository<'_>) -> Result {
    /// let total: Option<i64> = steps.query().sum(|s| s.position).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The statement failed, or the sum does not fit.
    pub fn sum<C: HasSum<T>, T: Scalar>(self, column: impl FnOnce(E::Columns) -> C) -> Aggregated<'a, T> {
        Box::pin(self.aggregate(column(E::columns(Scope::ROOT)).sum_of()))
    }

    /// The average of a column over all rows; `None` where there are none. As in PostgreSQL that of integers
    /// is a `numeric`.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(executions: ExecutionRepository<'_>) -> Result {
    /// let usual: Option<persist::Interval> = executions.query().avg(|e| e.duration).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The statement failed, or the average does not fit.
    pub fn avg<C: HasAverage<T>, T: Scalar>(self, column: impl FnOnce(E::Columns) -> C) -> Aggregated<'a, T> {
        Box::pin(self.aggregate(column(E::columns(Scope::ROOT)).average_of()))
    }

    /// The smallest value of a column; `None` where there are no rows.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(executions: ExecutionRepository<'_>) -> Result {
    /// let of_nightly = executions.filter(|e| e.pipeline.is(|p| p.name.eq("nightly")));
    /// let first = of_nightly.min(|e| e.started_at).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The statement failed, or the value does not fit.
    pub fn min<C: HasExtremes<T>, T: Scalar>(
        self,
        column: impl FnOnce(E::Columns) -> C,
    ) -> Aggregated<'a, T> {
        Box::pin(self.aggregate(column(E::columns(Scope::ROOT)).smallest_of()))
    }

    /// The largest value of a column; `None` where there are no rows.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(executions: ExecutionRepository<'_>) -> Result {
    /// let last: Option<i32> = executions.query().max(|e| e.execution_number).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The statement failed, or the value does not fit.
    pub fn max<C: HasExtremes<T>, T: Scalar>(
        self,
        column: impl FnOnce(E::Columns) -> C,
    ) -> Aggregated<'a, T> {
        Box::pin(self.aggregate(column(E::columns(Scope::ROOT)).largest_of()))
    }

    /// How many different values a column has; NULL is none of them.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(executions: ExecutionRepository<'_>) -> Result {
    /// let kinds: i64 = executions.query().count_distinct(|e| e.status).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The statement failed.
    pub async fn count_distinct<T: Value>(
        self,
        column: impl FnOnce(E::Columns) -> Column<T>,
    ) -> Result<i64, Error> {
        let count = column(E::columns(Scope::ROOT)).count_distinct();
        self.aggregate(count).await
    }

    async fn aggregate<T: Cell + Send + 'a>(self, value: Computed<T>) -> Result<T, Error> {
        let (session, source) = self.into_source();
        Selected::new(session, source, value).one().await
    }
}
