//! A condition on rows.

use std::ops::{BitAnd, BitOr, Not};

use tokio_postgres::types::Oid;

use super::column::Column;
use crate::model::ColumnModel;
use crate::scalar::Parameter;
use crate::scope::Scope;
#[cfg(feature = "json")]
use crate::sql_type::{SqlType, pg};

/// A condition, made from columns and joined by `&`, `|` and `!`.
///
/// As in SQL, a comparison with NULL is neither true nor false, so `ne`, `not_in` and `!` leave rows out in which the
/// column is NULL; [`Column::is_distinct_from`] does not.
#[must_use = "a condition does nothing until a query is filtered by it"]
pub struct Predicate(pub(crate) Node);

/// The parts of a condition.
pub(crate) enum Node {
    /// `left operator right`, such as `t0.name = $1`.
    Infix { left: Expression, operator: &'static str, right: Expression },
    /// `left operator ANY ($1)` or `ALL`.
    List { left: Expression, operator: &'static str, right: Expression },
    /// `left IS NULL` and the like.
    Postfix { left: Expression, operator: &'static str },
    /// `left BETWEEN low AND high`.
    Between { left: Expression, low: Expression, high: Expression },
    /// Parts joined by `AND` or `OR`.
    Joined { operator: &'static str, parts: Vec<Node> },
    /// `NOT (…)`.
    Not(Box<Node>),
}

/// A side of a comparison.
pub(crate) enum Expression {
    /// A column.
    Column(Scope, &'static ColumnModel),
    #[cfg(feature = "json")]
    /// A column written in another type, such as `json` compared as `jsonb`.
    Cast(Scope, &'static ColumnModel, &'static str),
    /// A value that is sent.
    Value(Bound),
}

/// A value with the type under which it travels and what is written behind its placeholder.
pub(crate) struct Bound {
    pub(crate) value: Box<dyn Parameter>,
    pub(crate) oid: Oid,
    pub(crate) cast: &'static str,
}

impl Expression {
    pub(crate) fn column<T>(column: Column<T>) -> Expression {
        Expression::Column(column.scope, column.model)
    }

    /// A value of the column's own type.
    pub(crate) fn value(value: impl Parameter + 'static, column: &ColumnModel) -> Expression {
        Expression::Value(Bound { value: Box::new(value), oid: column.oid, cast: column.cast })
    }

    /// A list of values of the column's own type.
    pub(crate) fn list(values: impl Parameter + 'static, column: &ColumnModel) -> Expression {
        Expression::Value(Bound { value: Box::new(values), oid: column.array_oid, cast: column.array_cast })
    }

    #[cfg(feature = "json")]
    /// A text that is no value of the column, such as a key in a document.
    pub(crate) fn text(value: String) -> Expression {
        Expression::Value(Bound { value: Box::new(value), oid: pg::Text::OID, cast: "" })
    }

    #[cfg(feature = "json")]
    /// A document that a column is compared with.
    pub(crate) fn document(value: impl Parameter + 'static) -> Expression {
        Expression::Value(Bound { value: Box::new(value), oid: pg::Jsonb::OID, cast: "" })
    }
}

impl Predicate {
    fn joined(self, operator: &'static str, other: Predicate) -> Predicate {
        let mut parts = match self.0 {
            Node::Joined { operator: same, parts } if same == operator => parts,
            node => vec![node],
        };
        parts.push(other.0);
        Predicate(Node::Joined { operator, parts })
    }
}

impl BitAnd for Predicate {
    type Output = Predicate;

    fn bitand(self, other: Predicate) -> Predicate {
        self.joined("AND", other)
    }
}

impl BitOr for Predicate {
    type Output = Predicate;

    fn bitor(self, other: Predicate) -> Predicate {
        self.joined("OR", other)
    }
}

impl Not for Predicate {
    type Output = Predicate;

    fn not(self) -> Predicate {
        Predicate(Node::Not(Box::new(self.0)))
    }
}
