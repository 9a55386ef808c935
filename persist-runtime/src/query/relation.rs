//! Relations in conditions: what must hold of the rows on the other side. Never a join, so no row is found
//! twice.

use std::marker::PhantomData;

use crate::load::shape::Shape;
use crate::query::computed::Computed;
use crate::query::order::Order;
use crate::query::predicate::Predicate;
use crate::query::selection::Selectable;
use crate::sql::expression::{Condition, Expression};
use crate::sql::hop::Hop;
use crate::sql::scope::Scope;
use crate::table::shape::{Relation, ToMany, ToOne};
use crate::value::scalar::Value;

/// A relation to any number of rows, in a condition. It is a field, or declared by `filter_by` above the struct.
///
/// The relation's own filter applies, its limit does not; of a tree the direct children are meant, of `ancestors` all
/// rows above, however far.
///
/// ```
/// # use persist_sample::*;
/// # fn example(pipelines: PipelineRepository<'_>) {
/// let loading = pipelines.filter(|p| p.steps.any(|s| s.name.ilike("%load%")));
/// # }
/// ```
pub struct Many<C> {
    scope: Scope,
    pub(crate) relation: &'static ToMany,
    other: PhantomData<fn() -> C>,
}

/// A relation to one row at most, in a condition. It is a field, or declared by `filter_by` above the struct. The
/// relation's own filter applies.
///
/// ```
/// # use persist_sample::*;
/// # fn example(executions: ExecutionRepository<'_>) {
/// let of_nightly = executions.filter(|e| e.pipeline.is(|p| p.name.eq("nightly")));
/// # }
/// ```
pub struct One<C, P = Optional> {
    scope: Scope,
    relation: &'static ToOne,
    other: PhantomData<fn() -> (C, P)>,
}

/// Whether a row has one on the other side of a relation: [`Optional`] or [`Required`].
pub trait Presence {
    /// The type of a value of that row.
    type Of<T: Value>: Value;
}

/// Some rows have none on the other side.
#[derive(Debug, Clone, Copy)]
pub enum Optional {}

/// Each row has one on the other side: its foreign key is NOT NULL.
#[derive(Debug, Clone, Copy)]
pub enum Required {}

impl Presence for Optional {
    type Of<T: Value> = Option<T::Inner>;
}

impl Presence for Required {
    type Of<T: Value> = T;
}

impl<C> Many<C> {
    /// The relation of the row in `scope`; for generated code.
    #[doc(hidden)]
    pub const fn new(scope: Scope, relation: &'static ToMany) -> Self {
        Many { scope, relation, other: PhantomData }
    }

    /// Is there any row?
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let with_steps = pipelines.filter(|p| p.steps.exists());
    /// # }
    /// ```
    pub fn exists(self) -> Predicate {
        exists(self.hop(), None)
    }

    /// Is there no row?
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let without_steps = pipelines.filter(|p| p.steps.is_empty());
    /// # }
    /// ```
    pub fn is_empty(self) -> Predicate {
        !self.exists()
    }

    /// How many rows there are. `(SELECT count(*) …)` for each row, so mind how many rows it is asked of.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let long = pipelines.filter(|p| p.steps.count().gt(10));
    /// # }
    /// ```
    pub fn count(self) -> Computed<i64> {
        count(self.hop(), None)
    }

    pub(crate) fn hop(self) -> Hop {
        Hop::new(self.scope, Relation::Many(self.relation))
    }
}

impl<C: Shape> Many<C> {
    /// Is there a row for which the condition holds? `EXISTS (…)`
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let loading = pipelines.filter(|p| p.steps.any(|s| s.name.ilike("%load%") & s.enabled.eq(true)));
    /// // The inner condition may use the columns of the outer row.
    /// let named_alike = pipelines.filter(|p| p.steps.any(|s| s.name.eq(p.name)));
    /// # }
    /// ```
    pub fn any(self, condition: impl FnOnce(C::Columns) -> Predicate) -> Predicate {
        let hop = self.hop();
        let Predicate(condition) = condition(C::columns(hop.to));
        exists(hop, Some(condition))
    }

    /// Does the condition hold for all rows? Also where there are none, and not where it is NULL for one of
    /// them. `NOT EXISTS (… WHERE (…) IS NOT TRUE)`
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let complete = pipelines.filter(|p| p.steps.exists() & p.steps.all(|s| s.enabled.eq(true)));
    /// # }
    /// ```
    pub fn all(self, condition: impl FnOnce(C::Columns) -> Predicate) -> Predicate {
        let hop = self.hop();
        let Predicate(condition) = condition(C::columns(hop.to));
        !exists(hop, Some(condition.not_true()))
    }

    /// Is there no row for which the condition holds? `NOT EXISTS (…)`
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let without_tests = pipelines.filter(|p| p.steps.none(|s| s.name.starts_with("test_")));
    /// # }
    /// ```
    pub fn none(self, condition: impl FnOnce(C::Columns) -> Predicate) -> Predicate {
        !self.any(condition)
    }

    /// For how many rows the condition holds.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let most_disabled_first = pipelines.order_by(|p| p.steps.count_where(|s| s.enabled.eq(false)).desc());
    /// # }
    /// ```
    pub fn count_where(self, condition: impl FnOnce(C::Columns) -> Predicate) -> Computed<i64> {
        let hop = self.hop();
        let Predicate(condition) = condition(C::columns(hop.to));
        count(hop, Some(condition))
    }
}

impl<C, P> One<C, P> {
    /// The relation of the row in `scope`; for generated code.
    #[doc(hidden)]
    pub const fn new(scope: Scope, relation: &'static ToOne) -> Self {
        One { scope, relation, other: PhantomData }
    }

    /// Is the row there?
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let owned = pipelines.filter(|p| p.owner.exists());
    /// # }
    /// ```
    pub fn exists(self) -> Predicate {
        exists(self.hop(), None)
    }

    /// Is there no row?
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let without_owner = pipelines.filter(|p| p.owner.is_missing());
    /// # }
    /// ```
    pub fn is_missing(self) -> Predicate {
        !self.exists()
    }

    fn hop(self) -> Hop {
        Hop::new(self.scope, Relation::One(self.relation))
    }
}

impl<C: Shape, P: Presence> One<C, P> {
    /// Is the row there, and does the condition hold for it? `EXISTS (…)`
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let of_staff = pipelines.filter(|p| p.owner.is(|o| o.email.like("%@example.org")));
    /// # }
    /// ```
    pub fn is(self, condition: impl FnOnce(C::Columns) -> Predicate) -> Predicate {
        let hop = self.hop();
        let Predicate(condition) = condition(C::columns(hop.to));
        exists(hop, Some(condition))
    }

    /// Sorts by a column of the other side, which is NULL where there is no row.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let sorted = pipelines.order_by(|p| (p.owner.by(|o| o.email.asc()).nulls_last(), p.name.asc()));
    /// # }
    /// ```
    pub fn by(self, order: impl FnOnce(C::Columns) -> Order) -> Order {
        let hop = self.hop();
        let order = order(C::columns(hop.to));
        // A filter of the relation's own leaves rows out that its foreign key would find.
        let may_be_missing = self.relation.is_optional || !self.relation.filter.is_empty();
        Order {
            expression: Expression::related(hop, order.expression, None),
            nullable: order.nullable || may_be_missing,
            ..order
        }
    }

    /// A value of the other side, to be selected, compared or sorted by: an `Option` where there may be no row. It may
    /// itself be one of a row further on, or computed of many.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(executions: ExecutionRepository<'_>) -> Result {
    /// let listed: Vec<(String, i32)> =
    ///     executions.query().select(|e| (e.pipeline.get(|p| p.name), e.execution_number)).all().await?;
    /// let sorted = executions.order_by(|e| e.pipeline.get(|p| p.description.coalesce(p.name)).asc()).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn get<S: Selectable<Cell: Value>>(
        self,
        value: impl FnOnce(C::Columns) -> S,
    ) -> Computed<P::Of<S::Cell>> {
        let hop = self.hop();
        let value = value(C::columns(hop.to)).item();
        Computed::typed(value.model, Expression::related(hop, value.expression, None))
    }
}

fn exists(hop: Hop, condition: Option<Condition>) -> Predicate {
    Predicate(Condition::exists(hop, condition))
}

fn count(hop: Hop, condition: Option<Condition>) -> Computed<i64> {
    Computed::plain(Expression::related(hop, Expression::Aggregate("count(*", None), condition))
}

/// What a derive would bound by `C`, which need not be `Copy`.
macro_rules! copied {
    ($($relation:ident<$($parameter:ident),+>)*) => { $(
        impl<$($parameter),+> Clone for $relation<$($parameter),+> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<$($parameter),+> Copy for $relation<$($parameter),+> {}

        impl<$($parameter),+> std::fmt::Debug for $relation<$($parameter),+> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let predicate = self.exists();
                f.debug_tuple(stringify!($relation)).field(&predicate).finish()
            }
        }
    )* };
}
copied!(Many<C> One<C, P>);

/// A relation by which new rows can be added to others.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no relation",
    label = "expected the field of a relation, such as `|pipeline| pipeline.steps`"
)]
pub trait RelationTo {
    /// The struct of the rows on the other side.
    type Other;

    /// The relation.
    #[doc(hidden)]
    fn relation(self) -> RelationKind;
}

/// Which relation it is, opaque to users.
pub struct RelationKind(pub(crate) Relation);

#[diagnostic::do_not_recommend]
impl<C> RelationTo for Many<C> {
    type Other = C;

    fn relation(self) -> RelationKind {
        RelationKind(Relation::Many(self.relation))
    }
}

#[diagnostic::do_not_recommend]
impl<C, P> RelationTo for One<C, P> {
    type Other = C;

    fn relation(self) -> RelationKind {
        RelationKind(Relation::One(self.relation))
    }
}
