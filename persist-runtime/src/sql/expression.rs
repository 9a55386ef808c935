//! What conditions compare, orders sort by and selections read.

use std::sync::Arc;

use tokio_postgres::types::Oid;

use crate::query::column::Column;
use crate::query::predicate::Node;
use crate::sql::hop::Hop;
use crate::sql::scope::Scope;
use crate::table::shape::ColumnModel;
use crate::value::scalar::Parameter;
#[cfg(feature = "json")]
use crate::value::sql_type::{SqlType, pg};

/// A value of each row, or of each group of rows.
#[derive(Clone)]
pub(crate) enum Expression {
    /// A column.
    Column(Scope, &'static ColumnModel),
    #[cfg(feature = "json")]
    /// A column written in another type, such as `json` compared as `jsonb`.
    Cast(Scope, &'static ColumnModel, &'static str),
    /// A value that is sent.
    Value(Bound),
    /// An aggregate: what opens it, such as `sum(` or `count(DISTINCT `, and its argument; `count(*` has none.
    Aggregate(&'static str, Option<Box<Expression>>),
    /// A value of the rows on the other side of a relation.
    Related(Box<Related>),
}

/// `(SELECT value FROM the other side WHERE filter)`.
#[derive(Clone)]
pub(crate) struct Related {
    pub(crate) hop: Hop,
    pub(crate) value: Expression,
    pub(crate) filter: Option<Node>,
}

/// A value with the type under which it travels and what is written behind its placeholder.
#[derive(Clone)]
pub(crate) struct Bound {
    pub(crate) value: Arc<dyn Parameter>,
    pub(crate) oid: Oid,
    pub(crate) cast: &'static str,
}

impl Expression {
    pub(crate) fn column<T>(column: Column<T>) -> Expression {
        Expression::Column(column.scope, column.model)
    }

    /// A value of the column's own type.
    pub(crate) fn value(value: impl Parameter + 'static, column: &ColumnModel) -> Expression {
        Expression::Value(Bound { value: Arc::new(value), oid: column.oid, cast: column.cast })
    }

    /// A list of values of the column's own type.
    pub(crate) fn list(values: impl Parameter + 'static, column: &ColumnModel) -> Expression {
        Expression::Value(Bound { value: Arc::new(values), oid: column.array_oid, cast: column.array_cast })
    }

    #[cfg(feature = "json")]
    /// A text that is no value of the column, such as a key in a document.
    pub(crate) fn text(value: String) -> Expression {
        Expression::Value(Bound { value: Arc::new(value), oid: pg::Text::OID, cast: "" })
    }

    #[cfg(feature = "json")]
    /// A document that a column is compared with.
    pub(crate) fn document(value: impl Parameter + 'static) -> Expression {
        Expression::Value(Bound { value: Arc::new(value), oid: pg::Jsonb::OID, cast: "" })
    }

    /// A value of the rows on the other side of a relation.
    pub(crate) fn related(hop: Hop, value: Expression, filter: Option<Node>) -> Expression {
        Expression::Related(Box::new(Related { hop, value, filter }))
    }

    /// Is it a value of a group of rows?
    pub(crate) fn is_aggregate(&self) -> bool {
        matches!(self, Expression::Aggregate(..))
    }
}
