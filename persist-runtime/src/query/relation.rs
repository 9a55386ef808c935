//! Relations in conditions: what must hold of the rows on the other side. Never a join, so no row is found twice.

use std::marker::PhantomData;

use super::column::Column;
use super::computed::Computed;
use super::expression::Expression;
use super::hop::Hop;
use super::order::Order;
use super::predicate::{Node, Predicate};
use crate::entity::Shape;
use crate::scalar::Value;
use crate::scope::Scope;
use crate::shape::{ToMany, ToOne};

/// A relation to any number of rows, in a condition.
///
/// The relation's own filter applies, its limit does not; of a tree the direct children are meant.
pub struct Many<C> {
    hop: Hop,
    other: PhantomData<fn() -> C>,
}

/// A relation to one row at most, in a condition. The relation's own filter applies.
pub struct One<C> {
    hop: Hop,
    is_optional: bool,
    other: PhantomData<fn() -> C>,
}

impl<C> Many<C> {
    /// The relation of the row in `scope`; for generated code.
    #[doc(hidden)]
    pub const fn new(scope: Scope, relation: &'static ToMany) -> Self {
        Many { hop: Hop::Many(scope, relation), other: PhantomData }
    }

    /// Is there any row?
    pub fn exists(self) -> Predicate {
        exists(self.hop, None)
    }

    /// Is there no row?
    pub fn is_empty(self) -> Predicate {
        !self.exists()
    }

    /// How many rows there are. `(SELECT count(*) …)` for each row, so mind how many rows it is asked of.
    pub fn count(self) -> Computed<i64> {
        Computed::plain(Expression::related(self.hop, Expression::Aggregate("count(*", None), None))
    }
}

impl<C: Shape> Many<C> {
    /// Is there a row for which the condition holds? `EXISTS (…)`
    pub fn any(self, condition: impl FnOnce(C::Columns) -> Predicate) -> Predicate {
        exists(self.hop, Some(self.inside(condition)))
    }

    /// Does the condition hold for all rows? Also where there are none, and not where it is NULL for one of them.
    /// `NOT EXISTS (… WHERE (…) IS NOT TRUE)`
    pub fn all(self, condition: impl FnOnce(C::Columns) -> Predicate) -> Predicate {
        !exists(self.hop, Some(Node::IsNotTrue(Box::new(self.inside(condition)))))
    }

    /// Is there no row for which the condition holds? `NOT EXISTS (…)`
    pub fn none(self, condition: impl FnOnce(C::Columns) -> Predicate) -> Predicate {
        !self.any(condition)
    }

    /// For how many rows the condition holds.
    pub fn count_where(self, condition: impl FnOnce(C::Columns) -> Predicate) -> Computed<i64> {
        let filter = Some(self.inside(condition));
        Computed::plain(Expression::related(self.hop, Expression::Aggregate("count(*", None), filter))
    }

    fn inside(self, condition: impl FnOnce(C::Columns) -> Predicate) -> Node {
        condition(C::columns(self.hop.other())).0
    }
}

impl<C> One<C> {
    /// The relation of the row in `scope`; for generated code.
    #[doc(hidden)]
    pub const fn new(scope: Scope, relation: &'static ToOne) -> Self {
        // A filter of the relation's own leaves rows out that its foreign key would find.
        let is_optional = relation.is_optional || !relation.filter.is_empty();
        One { hop: Hop::One(scope, relation), is_optional, other: PhantomData }
    }

    /// Is the row there?
    pub fn exists(self) -> Predicate {
        exists(self.hop, None)
    }

    /// Is there no row?
    pub fn is_missing(self) -> Predicate {
        !self.exists()
    }
}

impl<C: Shape> One<C> {
    /// Is the row there, and does the condition hold for it? `EXISTS (…)`
    pub fn is(self, condition: impl FnOnce(C::Columns) -> Predicate) -> Predicate {
        exists(self.hop, Some(condition(C::columns(self.hop.other())).0))
    }

    /// Sorts by a column of the other side, which is NULL where there is no row.
    ///
    /// ```ignore
    /// steps.order_by(|s| (s.pipeline.by(|p| p.name.asc()), s.position.asc()))
    /// ```
    pub fn by(self, order: impl FnOnce(C::Columns) -> Order) -> Order {
        let order = order(C::columns(self.hop.other()));
        Order {
            expression: Expression::related(self.hop, order.expression, None),
            nullable: order.nullable || self.is_optional,
            ..order
        }
    }

    /// A column of the other side, to be selected or compared; NULL where there is no row.
    pub fn get<T: Value>(self, column: impl FnOnce(C::Columns) -> Column<T>) -> Computed<Option<T::Inner>> {
        let column = column(C::columns(self.hop.other()));
        let value = Expression::related(self.hop, Expression::column(column), None);
        Computed::like(column.model, value)
    }
}

fn exists(hop: Hop, condition: Option<Node>) -> Predicate {
    Predicate(Node::Exists(hop, condition.map(Box::new)))
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
