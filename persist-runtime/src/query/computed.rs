//! Values that the server computes: counts, sums, columns of related rows.

use std::marker::PhantomData;

use crate::query::operand::{Operand, Side};
use crate::query::order::Order;
use crate::query::predicate::Predicate;
use crate::sql::expression::{Condition, Expression};
use crate::sql::writer::Writer;
use crate::table::shape::ColumnModel;
use crate::value::scalar::{Scalar, Value};
use crate::value::sql_type::pg;

/// A value that the server computes, to be compared, sorted by and selected like a column.
///
/// Made by the aggregates of a column, such as [`Column::sum`](crate::query::column::Column::sum), and by relations:
/// [`Many::count`](crate::query::relation::Many::count), [`One::get`](crate::query::relation::One::get).
#[derive(Clone)]
#[must_use = "a computed value does nothing until a query uses it"]
pub struct Computed<T> {
    pub(crate) expression: Expression,
    /// A column whose values travel as this one does.
    pub(crate) model: &'static ColumnModel,
    pub(crate) nullable: bool,
    read: PhantomData<fn() -> T>,
}

impl<T> Computed<T> {
    /// A value that travels as the column does.
    pub(crate) fn like(model: &'static ColumnModel, expression: Expression) -> Self {
        Computed { expression, model, nullable: true, read: PhantomData }
    }
}

impl<T: Value> Computed<T> {
    /// A value of a type that PostgreSQL has built in.
    pub(crate) fn plain(expression: Expression) -> Self {
        let model = Plain::<T::Inner>::MODEL;
        Computed { expression, model, nullable: T::NULLABLE, read: PhantomData }
    }

    /// `value = other`
    pub fn eq(self, value: impl Operand<T::Inner>) -> Predicate {
        self.infix("=", value)
    }

    /// `value <> other`; NULL is left out.
    pub fn ne(self, value: impl Operand<T::Inner>) -> Predicate {
        self.infix("<>", value)
    }

    /// `value < other`
    pub fn lt(self, value: impl Operand<T::Inner>) -> Predicate {
        self.infix("<", value)
    }

    /// `value <= other`
    pub fn le(self, value: impl Operand<T::Inner>) -> Predicate {
        self.infix("<=", value)
    }

    /// `value > other`
    pub fn gt(self, value: impl Operand<T::Inner>) -> Predicate {
        self.infix(">", value)
    }

    /// `value >= other`
    pub fn ge(self, value: impl Operand<T::Inner>) -> Predicate {
        self.infix(">=", value)
    }

    /// `value BETWEEN low AND high`, both included.
    pub fn between(self, low: impl Operand<T::Inner>, high: impl Operand<T::Inner>) -> Predicate {
        let (Side(low), Side(high)) = (low.operand(self.model), high.operand(self.model));
        Predicate(Condition::Between { left: self.expression, low, high })
    }

    /// Smallest first; NULLs last, as PostgreSQL does.
    pub fn asc(self) -> Order {
        Order::new(self.expression, self.model, self.nullable)
    }

    /// Largest first; NULLs first, as PostgreSQL does.
    pub fn desc(self) -> Order {
        self.asc().descending()
    }

    fn infix(self, operator: &'static str, value: impl Operand<T::Inner>) -> Predicate {
        let Side(right) = value.operand(self.model);
        Predicate(Condition::Infix { left: self.expression, operator, right })
    }
}

impl<T> Computed<Option<T>> {
    /// `value IS NULL`
    pub fn is_null(self) -> Predicate {
        Predicate(Condition::Postfix { left: self.expression, operator: "IS NULL" })
    }

    /// `value IS NOT NULL`
    pub fn is_not_null(self) -> Predicate {
        Predicate(Condition::Postfix { left: self.expression, operator: "IS NOT NULL" })
    }
}

#[diagnostic::do_not_recommend]
impl<T> Operand<T> for Computed<T> {
    fn operand(self, _: &'static ColumnModel) -> Side {
        Side(self.expression)
    }
}

#[diagnostic::do_not_recommend]
impl<T> Operand<T> for Computed<Option<T>> {
    fn operand(self, _: &'static ColumnModel) -> Side {
        Side(self.expression)
    }
}

impl<T> std::fmt::Debug for Computed<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut writer = Writer::new();
        writer.expression(&self.expression);
        write!(f, "Computed({})", writer.text())
    }
}

/// How values of a Rust type travel where no column says it.
struct Plain<T>(PhantomData<T>);

impl<T: Scalar> Plain<T> {
    const MODEL: &'static ColumnModel = &ColumnModel {
        name: "",
        oid: T::OIDS[0],
        array_oid: match pg::array_oids(T::OIDS[0]) {
            [oid] => *oid,
            _ => 0,
        },
        cast: "",
        array_cast: "",
    };
}
