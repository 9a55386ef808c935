//! A query over the rows of an entity.

use std::marker::PhantomData;

use crate::entity::traits::{Entity, View};
use crate::load::planning::dynamic_plan;
use crate::query::order::IntoOrder;
use crate::query::predicate::Predicate;
use crate::query::rows::Rows;
use crate::session::link::Session;
use crate::sql::rows::Lock;
use crate::sql::scope::Scope;

/// The rows of an entity, narrowed by conditions, in an order, up to a limit.
///
/// Nothing is sent before one of `all`, `first`, `one`, `count`, `exists`, `update` and `delete` is awaited;
/// each of them is one round trip.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
/// let recent = pipelines
///     .filter(|p| p.is_active.eq(true) & p.steps.any(|s| s.name.ilike("%load%")))
///     .order_by(|p| p.created_at.desc())
///     .limit(20)
///     .all()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a query does nothing until one of its methods such as `all` is awaited"]
pub struct Query<'a, E, V = E> {
    pub(crate) session: Session<'a>,
    pub(crate) rows: Rows,
    found: PhantomData<fn() -> (E, V)>,
}

impl<'a, E: Entity, V: View<Of = E>> Query<'a, E, V> {
    pub(crate) fn new(session: Session<'a>) -> Self {
        Query { session, rows: Rows::default(), found: PhantomData }
    }

    /// Where it reads, and what.
    pub(crate) fn into_parts(self) -> (Session<'a>, Rows) {
        (self.session, self.rows)
    }

    /// Reads the rows as another struct over the same table.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let active = pipelines.filter(|p| p.is_active.eq(true));
    /// let cards: Vec<PipelineCard> = active.view::<PipelineCard>().all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn view<W: View<Of = E>>(self) -> Query<'a, E, W> {
        Query { session: self.session, rows: self.rows, found: PhantomData }
    }

    /// Keeps the rows for which the condition holds. Several filters must all hold.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let active = pipelines.query().filter(|p| p.is_active.eq(true));
    /// let with_steps = active.filter(|p| p.steps.exists() & !p.name.starts_with("test_"));
    /// # }
    /// ```
    pub fn filter(mut self, condition: impl FnOnce(E::Columns) -> Predicate) -> Self {
        let condition = condition(E::columns(Scope::ROOT));
        self.rows.filter = Some(match self.rows.filter.take() {
            Some(filter) => filter & condition,
            None => condition,
        });
        self
    }

    /// The same over the fields of the struct that is read: those of a [`view`](Self::view) may be values that it
    /// computes, such as a count or a sum.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let cards = pipelines.view::<PipelineCard>().query();
    /// let long = cards.filter_view(|card| card.steps.gt(10)).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn filter_view(self, condition: impl FnOnce(V::Columns) -> Predicate) -> Self {
        self.filter(|_| condition(V::columns(Scope::ROOT)))
    }

    /// Filters by a value that may be missing; `None` keeps all rows.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>, name: Option<String>, owner: Option<Uuid>) {
    /// let found = pipelines
    ///     .query()
    ///     .filter_some(name, |p, name| p.name.eq(name))
    ///     .filter_some(owner, |p, owner| p.owner_id.eq(owner));
    /// # }
    /// ```
    pub fn filter_some<T>(
        self,
        value: Option<T>,
        condition: impl FnOnce(E::Columns, T) -> Predicate,
    ) -> Self {
        match value {
            Some(value) => self.filter(|columns| condition(columns, value)),
            None => self,
        }
    }

    /// Sorts the rows; called again, it sorts those that were equal so far. The primary key decides the rest.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let sorted = pipelines.query().order_by(|p| (p.is_active.desc(), p.name.asc()));
    /// # }
    /// ```
    pub fn order_by<O: IntoOrder>(mut self, order: impl FnOnce(E::Columns) -> O) -> Self {
        self.rows.order.extend(order(E::columns(Scope::ROOT)).into_order());
        self
    }

    /// Sorts the rows by fields of the struct that is read: see [`filter_view`](Self::filter_view).
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// use persist::PageRequest;
    ///
    /// let cards = pipelines.view::<PipelineCard>().query().order_by_view(|card| card.steps.desc());
    /// let longest = cards.page(PageRequest::first(20)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn order_by_view<O: IntoOrder>(self, order: impl FnOnce(V::Columns) -> O) -> Self {
        self.order_by(|_| order(V::columns(Scope::ROOT)))
    }

    /// At most this many rows. Without an order they are the first by primary key.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let newest = pipelines.order_by(|p| p.created_at.desc()).limit(10).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn limit(mut self, rows: u64) -> Self {
        self.rows.limit = Some(i64::try_from(rows).unwrap_or(i64::MAX));
        self
    }

    /// Leaves out the first rows. Without an order they are the first by primary key.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let others = pipelines.order_by(|p| p.created_at.desc()).offset(10).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn offset(mut self, rows: u64) -> Self {
        self.rows.offset = Some(i64::try_from(rows).unwrap_or(i64::MAX));
        self
    }

    /// Locks the rows (`FOR UPDATE`), waiting for those that are locked by others. Outside of a transaction
    /// the locks are released when the rows were read. The rows of relations are not locked: those that are
    /// deleted meanwhile may be missing.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(db: &persist::Database) -> Result {
    /// let uow = db.unit_of_work();
    /// let nightly = uow.repository::<Pipeline>().filter(|p| p.name.eq("nightly"));
    /// let mut pipeline = nightly.for_update().one().await?;
    /// pipeline.is_active = false;
    /// uow.save(&pipeline)?;
    /// uow.commit().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn for_update(mut self) -> Self {
        self.rows.lock = self.rows.lock.or(Some(Lock::Wait));
        self
    }

    /// Locks the rows (`FOR UPDATE`) and leaves out those that are locked by others.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(db: &persist::Database) -> Result {
    /// let uow = db.unit_of_work();
    /// let waiting = uow.repository::<Execution>().filter(|e| e.status.eq(Status::Pending));
    /// let mine = waiting.order_by(|e| e.execution_number.asc()).limit(10).skip_locked().all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn skip_locked(mut self) -> Self {
        self.rows.lock = Some(Lock::Skip);
        self
    }
}

impl<E: Entity, V: View<Of = E>> Query<'_, E, V> {
    /// The statements by which [`all`](Self::all) reads the rows, and what belongs to them, to be looked at: values are
    /// placeholders.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let query = pipelines.filter(|p| p.name.eq("nightly"));
    /// println!("{}", query.sql().join(";\n"));
    /// # }
    /// ```
    pub fn sql(&self) -> Vec<String> {
        let (plan, _) = dynamic_plan(&self.session, V::shape(), &self.rows.roots(E::model()));
        plan.statements.iter().map(|planned| planned.statement.sql().to_owned()).collect()
    }
}

impl<E, V> Clone for Query<'_, E, V> {
    fn clone(&self) -> Self {
        Query { session: self.session.clone(), rows: self.rows.clone(), found: PhantomData }
    }
}

impl<E: Entity, V: View<Of = E>> std::fmt::Debug for Query<'_, E, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Query").field(&self.sql()).finish()
    }
}
