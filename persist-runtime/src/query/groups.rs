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
/// ```text
/// let summary = executions
///     .filter(|e| e.finished_at.is_not_null())
///     .group_by(|e| e.status)
///     .having(|e| e.id.count().gt(10))
///     .order_by(|e| e.cost.sum().desc())
///     .limit(3)
///     .select(|e| (e.status, e.id.count(), e.cost.sum()))
///     .map(|(status, runs, cost)| Summary { status, runs, cost })
///     .all()
///     .await?;
/// ```
#[must_use = "groups do nothing until something is selected of them"]
pub struct Groups<'a, E> {
    session: Session<'a>,
    source: Source,
    entity: PhantomData<fn() -> E>,
}

impl<'a, E: Entity, V: View<Of = E>> Query<'a, E, V> {
    /// Groups the rows by a column, or by a tuple of them.
    pub fn group_by<S: Selection>(self, by: impl FnOnce(E::Columns) -> S) -> Groups<'a, E> {
        let (session, mut source) = self.into_source();
        if source.rows.of(source.model).is_cut() || !source.rows.order.is_empty() {
            source.mistake = Some(
                "the rows are ordered or limited before they are grouped: put `order_by`, `limit` and `offset` behind \
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
    pub fn order_by<O: IntoOrder>(mut self, order: impl FnOnce(E::Columns) -> O) -> Self {
        self.source.rows.order.extend(order(E::columns(Scope::ROOT)).into_order());
        self
    }

    /// At most this many groups.
    pub fn limit(mut self, groups: u64) -> Self {
        self.source.rows.limit = Some(i64::try_from(groups).unwrap_or(i64::MAX));
        self
    }

    /// Leaves out the first groups.
    pub fn offset(mut self, groups: u64) -> Self {
        self.source.rows.offset = Some(i64::try_from(groups).unwrap_or(i64::MAX));
        self
    }

    /// What is read of each group: what it is grouped by, and aggregates such as `e.cost.sum()`.
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
