//! Conditions and the values that they compare, as data: each holds the other, so both are here.

use std::sync::Arc;

use tokio_postgres::types::Oid;

use crate::sql::hop::Hop;
use crate::sql::scope::Scope;
use crate::table::column::ColumnModel;
use crate::value::scalar::Parameter;
#[cfg(feature = "json")]
use crate::value::sql_type::{SqlType, pg};

/// A value of each row, or of each group of rows.
#[derive(Clone)]
pub(crate) enum Expression {
    /// A column.
    Column(Scope, &'static ColumnModel),
    /// A value written in another type, such as `json` compared as `jsonb`.
    #[cfg(feature = "json")]
    Cast(Box<Expression>, &'static str),
    /// A value that is sent.
    Value(Bound),
    /// An aggregate: what opens it, such as `sum(` or `count(DISTINCT `, and its argument; `count(*` has
    /// none.
    Aggregate(&'static str, Option<Box<Expression>>),
    /// A value of the rows on the other side of a relation.
    Related(Box<Related>),
}

/// A condition on rows.
#[derive(Clone)]
pub(crate) enum Condition {
    /// `left operator right`, such as `t0.name = $1`.
    Infix { left: Expression, operator: &'static str, right: Expression },
    /// `left operator (list)`, where the operator ends in `ANY` or `ALL`.
    List { left: Expression, operator: &'static str, right: Expression },
    /// `left IS NULL` and the like.
    Postfix { left: Expression, operator: &'static str },
    /// `left BETWEEN low AND high`.
    Between { left: Expression, low: Expression, high: Expression },
    /// Parts joined by `AND` or `OR`.
    Joined { operator: &'static str, parts: Vec<Condition> },
    /// `NOT (…)`.
    Not(Box<Condition>),
    /// `(…) IS NOT TRUE`: false, or NULL.
    IsNotTrue(Box<Condition>),
    /// `EXISTS (…)`: is there a row on the other side of a relation for which this holds?
    Exists(Hop, Option<Box<Condition>>),
}

/// `(SELECT value FROM the other side WHERE filter)`.
#[derive(Clone)]
pub(crate) struct Related {
    pub(crate) hop: Hop,
    pub(crate) value: Expression,
    pub(crate) filter: Option<Condition>,
}

/// A value with the type under which it travels and the cast that follows its placeholder.
#[derive(Clone)]
pub(crate) struct Bound {
    pub(crate) value: Arc<dyn Parameter>,
    pub(crate) oid: Oid,
    pub(crate) cast: &'static str,
}

impl Expression {
    /// A value of the column's own type.
    pub(crate) fn value(value: impl Parameter + 'static, column: &ColumnModel) -> Expression {
        Expression::Value(Bound { value: Arc::new(value), oid: column.oid, cast: column.cast })
    }

    /// A list of values of the column's own type.
    pub(crate) fn list(values: impl Parameter + 'static, column: &ColumnModel) -> Expression {
        Expression::Value(Bound { value: Arc::new(values), oid: column.array_oid, cast: column.array_cast })
    }

    /// A text that is no value of the column, such as a key in a document.
    #[cfg(feature = "json")]
    pub(crate) fn text(value: String) -> Expression {
        Expression::Value(Bound { value: Arc::new(value), oid: pg::Text::OID, cast: "" })
    }

    /// A document that a column is compared with.
    #[cfg(feature = "json")]
    pub(crate) fn document(value: impl Parameter + 'static) -> Expression {
        Expression::Value(Bound { value: Arc::new(value), oid: pg::Jsonb::OID, cast: "" })
    }

    /// A value of the rows on the other side of a relation.
    pub(crate) fn related(hop: Hop, value: Expression, filter: Option<Condition>) -> Expression {
        Expression::Related(Box::new(Related { hop, value, filter }))
    }

    /// Is it this column of the statement's own table?
    pub(crate) fn is_column(&self, name: &str) -> bool {
        matches!(self, Expression::Column(Scope::ROOT, column) if column.name == name)
    }

    /// What opens an aggregate, and its argument.
    pub(crate) fn as_aggregate(&self) -> Option<(&'static str, Option<&Expression>)> {
        match self {
            Expression::Aggregate(open, argument) => Some((open, argument.as_deref())),
            _ => None,
        }
    }

    /// Is it a value of a group of rows?
    pub(crate) fn is_aggregate(&self) -> bool {
        matches!(self, Expression::Aggregate(..))
    }
}

impl Condition {
    pub(crate) fn and(self, other: Condition) -> Condition {
        self.joined("AND", other)
    }

    pub(crate) fn or(self, other: Condition) -> Condition {
        self.joined("OR", other)
    }

    pub(crate) fn negated(self) -> Condition {
        Condition::Not(Box::new(self))
    }

    fn joined(self, operator: &'static str, other: Condition) -> Condition {
        let mut parts = match self {
            Condition::Joined { operator: same, parts } if same == operator => parts,
            condition => vec![condition],
        };
        parts.push(other);
        Condition::Joined { operator, parts }
    }
}
