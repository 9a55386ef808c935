//! How a query begins: the repository's methods that make one.

use crate::entity::traits::{Entity, Repository, View};
use crate::error::Error;
use crate::query::builder::Query;
use crate::query::order::IntoOrder;
use crate::query::predicate::Predicate;

impl<'a, E: Entity, V: View<Of = E>> Repository<'a, E, V> {
    /// All rows, as a query to be narrowed.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let all_but_ten = pipelines.query().offset(10).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn query(&self) -> Query<'a, E, V> {
        Query::new(self.session().clone())
    }

    /// The rows for which a condition holds.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let active = pipelines.filter(|p| p.is_active.eq(true)).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn filter(&self, condition: impl FnOnce(E::Columns) -> Predicate) -> Query<'a, E, V> {
        self.query().filter(condition)
    }

    /// The rows for which a condition on the fields of the struct that is read holds: see
    /// [`Query::filter_view`].
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let long = pipelines.view::<PipelineCard>().filter_view(|card| card.steps.gt(10)).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn filter_view(&self, condition: impl FnOnce(V::Columns) -> Predicate) -> Query<'a, E, V> {
        self.query().filter_view(condition)
    }

    /// The rows for which a condition on `value` holds; all rows where it is `None`.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>, name: Option<String>) -> Result {
    /// let found = pipelines.filter_some(name, |p, name| p.name.ilike(name)).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn filter_some<T>(
        &self,
        value: Option<T>,
        condition: impl FnOnce(E::Columns, T) -> Predicate,
    ) -> Query<'a, E, V> {
        self.query().filter_some(value, condition)
    }

    /// All rows in an order of the fields of the struct that is read: see [`Query::order_by_view`].
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let longest = pipelines.view::<PipelineCard>().order_by_view(|card| card.steps.desc()).first().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn order_by_view<O: IntoOrder>(&self, order: impl FnOnce(V::Columns) -> O) -> Query<'a, E, V> {
        self.query().order_by_view(order)
    }

    /// All rows in an order.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let sorted = pipelines.order_by(|p| p.name.asc()).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn order_by<O: IntoOrder>(&self, order: impl FnOnce(E::Columns) -> O) -> Query<'a, E, V> {
        self.query().order_by(order)
    }

    /// At most this many rows, the first by primary key.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let some = pipelines.limit(10).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn limit(&self, rows: u64) -> Query<'a, E, V> {
        self.query().limit(rows)
    }

    /// All rows of the table. One round trip.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// for pipeline in pipelines.all().await? {
    ///     println!("{} has {} steps", pipeline.name, pipeline.steps.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of [`find`](Self::find).
    pub async fn all(&self) -> Result<Vec<V>, Error> {
        self.query().all().await
    }

    /// How many rows the table has. One round trip.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let total: i64 = pipelines.count().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The statement failed.
    pub async fn count(&self) -> Result<i64, Error> {
        self.query().count().await
    }
}
