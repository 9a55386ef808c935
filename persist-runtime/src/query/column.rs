//! A column of a table in a query.

use std::marker::PhantomData;

use crate::sql::expression::Expression;
use crate::sql::scope::Scope;
use crate::table::column::ColumnModel;
use crate::value::scalar::Value;

/// A column whose field is a `T`; conditions, order and assignments begin with it.
///
/// ```
/// # use persist_sample::*;
/// use persist::query::{Column, Predicate};
///
/// /// Conditions are functions like any other.
/// fn is_listed(p: PipelineColumns) -> Predicate {
///     p.is_active.eq(true) & has_prefix(p.name, "public_")
/// }
///
/// fn has_prefix(column: Column<String>, prefix: &str) -> Predicate {
///     column.starts_with(prefix)
/// }
/// ```
pub struct Column<T> {
    scope: Scope,
    pub(crate) model: &'static ColumnModel,
    field: PhantomData<fn() -> T>,
}

impl<T> Column<T> {
    /// The column of the table at `scope`; for generated code.
    #[doc(hidden)]
    pub const fn new(scope: Scope, model: &'static ColumnModel) -> Self {
        Column { scope, model, field: PhantomData }
    }

    /// The column as a value of each row.
    pub(crate) fn expression(self) -> Expression {
        Expression::Column(self.scope, self.model)
    }
}

impl<T: Value> Column<T> {
    /// May it be NULL?
    pub(crate) fn is_nullable(&self) -> bool {
        T::NULLABLE
    }
}

impl<T> Clone for Column<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Column<T> {}

impl<T> std::fmt::Debug for Column<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.model.name)
    }
}
