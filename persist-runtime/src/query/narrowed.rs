//! The rows of a view's relation, narrowed by whoever reads it.

use crate::entity::traits::{Entity, Repository, View};
use crate::load::shape::Shape;
use crate::query::builder::Query;
use crate::query::predicate::Predicate;
use crate::query::relation::Many;
use crate::sql::roots::Narrowed;
use crate::sql::scope::Scope;
use crate::write::new_row::Never;

/// A query for structs that are only read: who saved one with a part of its rows would lose the others.
#[diagnostic::on_unimplemented(
    message = "`{V}` can be saved, so its relations are read as a whole",
    label = "read a struct with `#[derive(View)]` by `.view::<…>()` before `with`"
)]
#[doc(hidden)]
pub trait OnlyReads<V> {}

#[diagnostic::do_not_recommend]
impl<E, V: Shape<Fresh = Never>> OnlyReads<V> for Query<'_, E, V> {}

#[diagnostic::do_not_recommend]
impl<E, V: Shape<Fresh = Never>> OnlyReads<V> for Repository<'_, E, V> {}

impl<E: Entity, V: View<Of = E>> Query<'_, E, V> {
    /// Narrows the rows of a relation of the view: its field holds only those for which the condition holds, of a
    /// `limit` the first of them. Which rows are found by the query stays as it is. Several conditions on one relation must all hold.
    ///
    /// The condition is over the entity on the other side, whatever struct reads it. Of a tree it cuts the branches at the
    /// rows for which it does not hold. The ancestors of a row are read as a whole.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let boards = pipelines.query().view::<PipelineBoard>();
    /// let enabled = boards.with(|p| p.steps, |s| s.enabled.eq(true)).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn with<C: View>(
        self,
        relation: impl FnOnce(V::Columns) -> Many<C>,
        condition: impl FnOnce(<C::Of as Shape>::Columns) -> Predicate,
    ) -> Self
    where
        Self: OnlyReads<V>,
    {
        self.narrowed(relation, condition)
    }

    fn narrowed<C: View>(
        mut self,
        relation: impl FnOnce(V::Columns) -> Many<C>,
        condition: impl FnOnce(<C::Of as Shape>::Columns) -> Predicate,
    ) -> Self {
        let relation = relation(V::columns(Scope::ROOT)).relation;
        let is_read = V::shape().many.iter().any(|read| std::ptr::eq(read, relation));
        let Predicate(condition) = condition(C::Of::columns(Scope::ROOT));
        if relation.climb.is_some() {
            return self.filter(|_| {
                Predicate::refused(
                    "`with` was given the ancestors of a row, which are read as a whole, from the root down",
                )
            });
        }
        if is_read {
            self.rows.narrowed.push(Narrowed { relation, condition });
            return self;
        }
        self.filter(|_| Predicate::refused(
            "`with` was given a relation that the view does not read, one of `filter_by` or of another struct: narrow a field of the view",
        ))
    }
}

impl<'a, E: Entity, V: View<Of = E>> Repository<'a, E, V> {
    /// All rows, of which a relation is narrowed: see [`Query::with`].
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let boards = pipelines.view::<PipelineBoard>().with(|p| p.steps, |s| s.enabled.eq(true)).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn with<C: View>(
        &self,
        relation: impl FnOnce(V::Columns) -> Many<C>,
        condition: impl FnOnce(<C::Of as Shape>::Columns) -> Predicate,
    ) -> Query<'a, E, V>
    where
        Self: OnlyReads<V>,
    {
        self.query().narrowed(relation, condition)
    }
}
