//! The order of rows.

use super::column::Column;
use super::tuples::lists;
use crate::model::ColumnModel;
use crate::scope::Scope;

/// A column to sort by, and how.
#[derive(Debug, Clone, Copy)]
#[must_use = "an order does nothing until a query is ordered by it"]
pub struct Order {
    pub(crate) scope: Scope,
    pub(crate) column: &'static ColumnModel,
    pub(crate) direction: &'static str,
    pub(crate) nulls: &'static str,
}

impl<T> Column<T> {
    /// Smallest first; NULLs last, as PostgreSQL does.
    pub fn asc(self) -> Order {
        Order { scope: self.scope, column: self.model, direction: "", nulls: "" }
    }

    /// Largest first; NULLs first, as PostgreSQL does.
    pub fn desc(self) -> Order {
        Order { scope: self.scope, column: self.model, direction: " DESC", nulls: "" }
    }
}

impl Order {
    /// Rows in which the column is NULL come first.
    pub fn nulls_first(self) -> Order {
        Order { nulls: " NULLS FIRST", ..self }
    }

    /// Rows in which the column is NULL come last.
    pub fn nulls_last(self) -> Order {
        Order { nulls: " NULLS LAST", ..self }
    }
}

/// One order, an array or `Vec` of them, or a tuple.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no order",
    label = "expected `column.asc()`, `column.desc()`, or several in a tuple or an array"
)]
pub trait IntoOrder {
    /// The orders, the first being the most significant.
    fn into_order(self) -> Vec<Order>;
}

lists!(IntoOrder::into_order for Order);
