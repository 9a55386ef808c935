//! Relations in conditions: what must hold of the rows on the other side. Never a join, so no row is found twice.

use std::marker::PhantomData;

use crate::entity::traits::Shape;
use crate::query::column::Column;
use crate::query::computed::Computed;
use crate::query::order::Order;
use crate::query::predicate::Predicate;
use crate::sql::expression::{Condition, Expression};
use crate::sql::hop::Hop;
use crate::sql::scope::Scope;
use crate::table::shape::{Relation, ToMany, ToOne};
use crate::value::scalar::Value;

/// A relation to any number of rows, in a condition.
///
/// The relation's own filter applies, its limit does not; of a tree the direct children are meant.
pub struct Many<C> {
    scope: Scope,
    relation: &'static ToMany,
    other: PhantomData<fn() -> C>,
}

/// A relation to one row at most, in a condition. The relation's own filter applies.
pub struct One<C> {
    scope: Scope,
    relation: &'static ToOne,
    other: PhantomData<fn() -> C>,
}

impl<C> Many<C> {
    /// The relation of the row in `scope`; for generated code.
    #[doc(hidden)]
    pub const fn new(scope: Scope, relation: &'static ToMany) -> Self {
        Many { scope, relation, other: PhantomData }
    }

    /// Is there any row?
    pub fn exists(self) -> Predicate {
        exists(self.hop(), None)
    }

    /// Is there no row?
    pub fn is_empty(self) -> Predicate {
        !self.exists()
    }

    /// How many rows there are. `(SELECT count(*) …)` for each row, so mind how many rows it is asked of.
    pub fn count(self) -> Computed<i64> {
        count(self.hop(), None)
    }

    fn hop(self) -> Hop {
        Hop::new(self.scope, Relation::Many(self.relation))
    }
}

impl<C: Shape> Many<C> {
    /// Is there a row for which the condition holds? `EXISTS (…)`
    pub fn any(self, condition: impl FnOnce(C::Columns) -> Predicate) -> Predicate {
        let hop = self.hop();
        let Predicate(condition) = condition(C::columns(hop.to));
        exists(hop, Some(condition))
    }

    /// Does the condition hold for all rows? Also where there are none, and not where it is NULL for one of them.
    /// `NOT EXISTS (… WHERE (…) IS NOT TRUE)`
    pub fn all(self, condition: impl FnOnce(C::Columns) -> Predicate) -> Predicate {
        let hop = self.hop();
        let Predicate(condition) = condition(C::columns(hop.to));
        !exists(hop, Some(Condition::IsNotTrue(Box::new(condition))))
    }

    /// Is there no row for which the condition holds? `NOT EXISTS (…)`
    pub fn none(self, condition: impl FnOnce(C::Columns) -> Predicate) -> Predicate {
        !self.any(condition)
    }

    /// For how many rows the condition holds.
    pub fn count_where(self, condition: impl FnOnce(C::Columns) -> Predicate) -> Computed<i64> {
        let hop = self.hop();
        let Predicate(condition) = condition(C::columns(hop.to));
        count(hop, Some(condition))
    }
}

impl<C> One<C> {
    /// The relation of the row in `scope`; for generated code.
    #[doc(hidden)]
    pub const fn new(scope: Scope, relation: &'static ToOne) -> Self {
        One { scope, relation, other: PhantomData }
    }

    /// Is the row there?
    pub fn exists(self) -> Predicate {
        exists(self.hop(), None)
    }

    /// Is there no row?
    pub fn is_missing(self) -> Predicate {
        !self.exists()
    }

    fn hop(self) -> Hop {
        Hop::new(self.scope, Relation::One(self.relation))
    }
}

impl<C: Shape> One<C> {
    /// Is the row there, and does the condition hold for it? `EXISTS (…)`
    pub fn is(self, condition: impl FnOnce(C::Columns) -> Predicate) -> Predicate {
        let hop = self.hop();
        let Predicate(condition) = condition(C::columns(hop.to));
        exists(hop, Some(condition))
    }

    /// Sorts by a column of the other side, which is NULL where there is no row.
    ///
    /// ```text
    /// steps.order_by(|s| (s.pipeline.by(|p| p.name.asc()), s.position.asc()))
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

    /// A column of the other side, to be selected or compared; NULL where there is no row.
    pub fn get<T: Value>(self, column: impl FnOnce(C::Columns) -> Column<T>) -> Computed<Option<T::Inner>> {
        let hop = self.hop();
        let column = column(C::columns(hop.to));
        Computed::as_column(column.model, Expression::related(hop, column.expression(), None))
    }
}

fn exists(hop: Hop, condition: Option<Condition>) -> Predicate {
    Predicate(Condition::Exists(hop, condition.map(Box::new)))
}

fn count(hop: Hop, condition: Option<Condition>) -> Computed<i64> {
    Computed::plain(Expression::related(hop, Expression::Aggregate("count(*", None), condition))
}

/// What a derive would bound by `C`, which need not be `Copy`.
macro_rules! copied {
    ($($relation:ident)*) => { $(
        impl<C> Clone for $relation<C> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<C> Copy for $relation<C> {}

        impl<C> std::fmt::Debug for $relation<C> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let predicate = self.exists();
                f.debug_tuple(stringify!($relation)).field(&predicate).finish()
            }
        }
    )* };
}
copied!(Many One);
