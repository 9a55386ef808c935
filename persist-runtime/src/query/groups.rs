//! Groups of rows.

use std::marker::PhantomData;

use crate::entity::traits::{Entity, View};
use crate::query::builder::Query;
use crate::query::order::IntoOrder;
use crate::query::predicate::Predicate;
use crate::query::selected::{GroupedBy, Selected, Source};
use crate::query::selection::Selection;
use crate::session::link::Session;
use crate::sql::scope::Scope;

/// The rows of a query in groups, each of which becomes one row of what is selected.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(executions: ExecutionRepository<'_>) -> Result {
/// struct Summary {
///     status: Status,
///     runs: i64,
///     last: Option<i32>,
/// }
///
/// let summary: Vec<Summary> = executions
///     .filter(|e| e.finished_at.is_not_null())
///     .group_by(|e| e.status)
///     .having(|e| e.id.count().gt(10))
///     .order_by(|e| e.id.count().desc())
///     .limit(3)
///     .select(|e| (e.status, e.id.count(), e.execution_number.max()))
///     .map(|(status, runs, last)| Summary { status, runs, last })
///     .all()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "groups do nothing until something is selected of them"]
pub struct Groups<'a, E> {
    session: Session<'a>,
    source: Source,
    entity: PhantomData<fn() -> E>,
}

impl<'a, E: Entity, V: View<Of = E>> Query<'a, E, V> {
    /// Groups the rows by a column, or by a tuple of them.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(executions: ExecutionRepository<'_>) -> Result {
    /// let statuses = executions.query().group_by(|e| e.status);
    /// let per_status = statuses.select(|e| (e.status, e.id.count())).all().await?;
    /// let per_both = executions
    ///     .query()
    ///     .group_by(|e| (e.pipeline_id, e.status))
    ///     .select(|e| (e.pipeline_id, e.status, e.id.count()))
    ///     .all()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn group_by<S: Selection>(self, by: impl FnOnce(E::Columns) -> S) -> Groups<'a, E> {
        let (session, mut source) = self.into_source();
        if source.rows.of(source.model).is_cut() || !source.rows.order.is_empty() {
            source.mistake = Some(
                "the rows are ordered or limited before they are grouped: put `order_by`, `limit` and `offset` after \
                 `group_by`, where they order and limit the groups",
            );
        }
        Groups::new(session, source, by(E::columns(Scope::ROOT)))
    }
}

impl<'a, E: Entity> Groups<'a, E> {
    pub(crate) fn new(session: Session<'a>, mut source: Source, by: impl Selection) -> Self {
        let by = by.items().into_iter().map(|item| item.expression).collect();
        source.groups = Some(GroupedBy { by, having: None });
        Groups { session, source, entity: PhantomData }
    }

    /// Keeps the groups for which the condition holds. Several conditions must all hold.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(executions: ExecutionRepository<'_>) -> Result {
    /// let busy = executions
    ///     .query()
    ///     .group_by(|e| e.pipeline_id)
    ///     .having(|e| e.id.count().ge(100))
    ///     .select(|e| e.pipeline_id)
    ///     .all()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn having(mut self, condition: impl FnOnce(E::Columns) -> Predicate) -> Self {
        let condition = condition(E::columns(Scope::ROOT));
        if let Some(groups) = &mut self.source.groups {
            groups.having = Some(match groups.having.take() {
                Some(having) => having & condition,
                None => condition,
            });
        }
        self
    }

    /// Sorts the groups; called again, it sorts those that were equal so far.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(executions: ExecutionRepository<'_>) -> Result {
    /// let busiest_first = executions
    ///     .query()
    ///     .group_by(|e| e.pipeline_id)
    ///     .order_by(|e| e.id.count().desc())
    ///     .select(|e| (e.pipeline_id, e.id.count()))
    ///     .all()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn order_by<O: IntoOrder>(mut self, order: impl FnOnce(E::Columns) -> O) -> Self {
        self.source.rows.order.extend(order(E::columns(Scope::ROOT)).into_order());
        self
    }

    /// At most this many groups.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(executions: ExecutionRepository<'_>) -> Result {
    /// let groups = executions.query().group_by(|e| e.pipeline_id).order_by(|e| e.id.count().desc());
    /// let busiest = groups.limit(3).select(|e| e.pipeline_id).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn limit(mut self, groups: u64) -> Self {
        self.source.rows.limit = Some(i64::try_from(groups).unwrap_or(i64::MAX));
        self
    }

    /// Leaves out the first groups.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(executions: ExecutionRepository<'_>) -> Result {
    /// let groups = executions.query().group_by(|e| e.pipeline_id).order_by(|e| e.id.count().desc());
    /// let others = groups.offset(3).select(|e| e.pipeline_id).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn offset(mut self, groups: u64) -> Self {
        self.source.rows.offset = Some(i64::try_from(groups).unwrap_or(i64::MAX));
        self
    }

    /// What is read of each group: what it is grouped by, and aggregates such as `e.cost.sum()`.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(executions: ExecutionRepository<'_>) -> Result {
    /// let groups = executions.query().group_by(|e| e.status);
    /// let counts = groups.select(|e| (e.status, e.id.count(), e.started_at.min())).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn select<S: Selection>(self, selection: impl FnOnce(E::Columns) -> S) -> Selected<'a, S::Output>
    where
        S::Output: 'a,
    {
        Selected::new(self.session, self.source, selection(E::columns(Scope::ROOT)))
    }
}

impl<E> std::fmt::Debug for Groups<'_, E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Groups").field("table", &self.source.model.table.shown).finish_non_exhaustive()
    }
}
