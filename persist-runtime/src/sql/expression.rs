//! Conditions and the values that they compare, as data: each holds the other, so both are here.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, Oid, Type};

use crate::error::{BoxError, Error};
use crate::sql::hop::Hop;
use crate::sql::scope::Scope;
use crate::table::column::ColumnModel;
use crate::value::scalar::Parameter;
use crate::value::sql_type::{SqlType, pg};

/// A value of each row, or of each group of rows.
#[derive(Clone)]
pub(crate) enum Expression {
    /// A column.
    Column(Scope, &'static ColumnModel),
    /// A value written in another type, such as `json` compared as `jsonb`.
    Cast(Box<Expression>, &'static str),
    /// A value that is sent.
    Value(Bound),
    /// A pattern for `LIKE` that all texts match which have this one there.
    Pattern(Box<Expression>, Place),
    /// An aggregate: what opens it, such as `sum(` or `count(DISTINCT `, and its argument; `count(*` has
    /// none.
    Aggregate(&'static str, Option<Box<Expression>>),
    /// A value of the rows on the other side of a relation.
    Related(Box<Related>),
    /// `(left operator right)`, such as `(t0.count + $1)`.
    Infix(Box<Operation>),
    /// `function(arguments)`, such as `greatest(t0.count, $1)`.
    Call(Box<Called>),
    /// `CASE WHEN condition THEN value ELSE other END`.
    Case(Box<Case>),
    /// `((condition) IS TRUE)`.
    Holds(Nested),
    /// A value that is the same for all rows, such as `now()`.
    Fixed(&'static str),
}

/// Where in a text another one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Start,
    End,
    Anywhere,
}

/// Two values and what is made of them.
#[derive(Clone)]
pub(crate) struct Operation {
    pub(crate) left: Expression,
    pub(crate) operator: &'static str,
    pub(crate) right: Expression,
    depth: u16,
}

/// A function and its arguments.
#[derive(Clone)]
pub(crate) struct Called {
    pub(crate) function: &'static str,
    pub(crate) arguments: Vec<Expression>,
    depth: u16,
}

/// A value where a condition holds, and another one elsewhere.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) condition: Condition,
    pub(crate) value: Expression,
    pub(crate) other: Expression,
    depth: u16,
}

/// A condition on rows.
#[derive(Clone)]
pub(crate) enum Condition {
    /// `left operator right`, such as `t0.name = $1`.
    Infix { left: Expression, operator: &'static str, right: Expression },
    /// `left operator ANY (list)`, or `ALL`.
    List { left: Expression, operator: &'static str, list: &'static str, right: Expression },
    /// `left IS NULL` and the like.
    Postfix { left: Expression, operator: &'static str },
    /// `left BETWEEN low AND high`.
    Between { left: Expression, low: Expression, high: Expression },
    /// Parts joined by `AND` or `OR`.
    Joined(Joined),
    /// `NOT (…)`.
    Not(Nested),
    /// `(…) IS NOT TRUE`: false, or NULL.
    IsNotTrue(Nested),
    /// `EXISTS (…)`: is there a row on the other side of a relation for which this holds?
    Exists(Hop, Option<Nested>),
}

/// Parts joined by `AND` or `OR`, none of which is joined by the same.
#[derive(Clone)]
pub(crate) struct Joined {
    pub(crate) operator: &'static str,
    /// They are added at either end.
    pub(crate) parts: VecDeque<Condition>,
    depth: u16,
}

/// A condition inside of another one.
#[derive(Clone)]
pub(crate) struct Nested {
    pub(crate) condition: Box<Condition>,
    depth: u16,
}

/// `(SELECT value FROM the other side WHERE filter)`.
#[derive(Clone)]
pub(crate) struct Related {
    pub(crate) hop: Hop,
    pub(crate) value: Expression,
    pub(crate) filter: Option<Condition>,
    depth: u16,
}

/// Is it an operator of PostgreSQL whatever it is between? Texts of extensions are joined as texts, and a cast is none.
pub(crate) fn is_of_all_types(operator: &str) -> bool {
    matches!(operator, "||" | "::")
}

/// So many levels a condition may have: each is a call on the stack wherever it is written, copied, printed
/// or dropped, and on that of the server, which allows for some thousands.
const MOST_LEVELS: u16 = 200;

/// A value with the type under which it travels and the cast that follows its placeholder.
#[derive(Clone)]
pub(crate) struct Bound {
    pub(crate) value: Arc<dyn Parameter>,
    pub(crate) oid: Oid,
    pub(crate) cast: &'static str,
}

impl Bound {
    /// A text that is no value of a column.
    pub(crate) fn text(value: String) -> Bound {
        Bound { value: Arc::new(value), oid: pg::Text::OID, cast: "" }
    }
}

impl Expression {
    /// A value of the column's own type.
    pub(crate) fn value(value: impl Parameter + 'static, column: &ColumnModel) -> Expression {
        let value = Arc::new(OfColumn { value, column: column.name });
        Expression::Value(Bound { value, oid: column.oid, cast: column.cast })
    }

    /// A list of values of the column's own type.
    pub(crate) fn list(values: impl Parameter + 'static, column: &ColumnModel) -> Expression {
        let value = Arc::new(OfColumn { value: values, column: column.name });
        Expression::Value(Bound { value, oid: column.array_oid, cast: column.array_cast })
    }

    /// A text that is no value of the column, such as a key in a document.
    #[cfg(feature = "json")]
    pub(crate) fn text(value: String, column: &ColumnModel) -> Expression {
        let value = Arc::new(OfColumn { value, column: column.name });
        Expression::Value(Bound { value, oid: pg::Text::OID, cast: "" })
    }

    /// A document that a column is compared with.
    #[cfg(feature = "json")]
    pub(crate) fn document(value: impl Parameter + 'static, column: &ColumnModel) -> Expression {
        let value = Arc::new(OfColumn { value, column: column.name });
        Expression::Value(Bound { value, oid: pg::Jsonb::OID, cast: "" })
    }

    /// A value of the rows on the other side of a relation.
    pub(crate) fn related(hop: Hop, value: Expression, filter: Option<Condition>) -> Expression {
        let depth = 1 + value.depth().max(filter.as_ref().map_or(0, Condition::depth));
        if depth > MOST_LEVELS {
            return Expression::too_deep();
        }
        Expression::Related(Box::new(Related { hop, value, filter, depth }))
    }

    /// An aggregate of a value of each row.
    pub(crate) fn aggregate(open: &'static str, argument: Expression) -> Expression {
        if argument.is_aggregate() {
            return Expression::refused(|| {
                Error::invalid("an aggregate is computed of another one, which SQL does not know")
            });
        }
        Expression::Aggregate(open, Some(Box::new(argument)))
    }

    /// `(left operator right)`
    pub(crate) fn infix(left: Expression, operator: &'static str, right: Expression) -> Expression {
        let depth = 1 + left.depth().max(right.depth());
        if depth > MOST_LEVELS {
            return Expression::too_deep();
        }
        Expression::Infix(Box::new(Operation { left, operator, right, depth }))
    }

    /// `function(arguments)`
    pub(crate) fn call(function: &'static str, arguments: Vec<Expression>) -> Expression {
        let depth = 1 + arguments.iter().map(Expression::depth).max().unwrap_or_default();
        if depth > MOST_LEVELS {
            return Expression::too_deep();
        }
        Expression::Call(Box::new(Called { function, arguments, depth }))
    }

    /// `CASE WHEN condition THEN value ELSE other END`
    pub(crate) fn case(condition: Condition, value: Expression, other: Expression) -> Expression {
        let depth = 1 + condition.depth().max(value.depth()).max(other.depth());
        if depth > MOST_LEVELS {
            return Expression::too_deep();
        }
        Expression::Case(Box::new(Case { condition, value, other, depth }))
    }

    /// `((condition) IS TRUE)`
    pub(crate) fn holds(condition: Condition) -> Expression {
        let depth = 1 + condition.depth();
        if depth > MOST_LEVELS {
            return Expression::too_deep();
        }
        Expression::Holds(Nested { condition: Box::new(condition), depth })
    }

    /// What stands for all that would be nested too deep: a parameter that is refused when it is to be sent.
    /// So whatever is made of it can be dropped, and says why it is none.
    fn too_deep() -> Expression {
        Expression::refused(|| {
            Error::too_large(format!(
                "the condition or order has more than {MOST_LEVELS} levels of `&` in `|`, `!` and relations inside of each other; \
                 write it flatter: nothing was sent"
            ))
        })
    }

    /// A parameter that is an error when it is to be sent.
    fn refused(why: impl Fn() -> Error + Send + Sync + 'static) -> Expression {
        Expression::Value(Bound { value: Arc::new(Refused(why)), oid: pg::Bool::OID, cast: "" })
    }

    fn depth(&self) -> u16 {
        match self {
            Expression::Related(related) => related.depth,
            Expression::Cast(value, _) => value.depth(),
            Expression::Pattern(text, _) => text.depth(),
            Expression::Aggregate(_, Some(argument)) => argument.depth(),
            Expression::Infix(operation) => operation.depth,
            Expression::Call(called) => called.depth,
            Expression::Case(case) => case.depth,
            Expression::Holds(nested) => nested.depth,
            Expression::Aggregate(_, None)
            | Expression::Column(..)
            | Expression::Value(_)
            | Expression::Fixed(_) => 0,
        }
    }

    /// Is it this column of the statement's own table?
    pub(crate) fn is_column(&self, name: &str) -> bool {
        matches!(self, Expression::Column(Scope::ROOT, column) if column.name == name)
    }

    /// The schema of the operators of its type; empty: they are PostgreSQL's.
    pub(crate) fn operators(&self) -> &'static str {
        match self {
            Expression::Column(_, column) => column.operators,
            Expression::Aggregate(open, Some(argument)) if !open.starts_with("count") => argument.operators(),
            Expression::Related(related) => related.value.operators(),
            Expression::Call(called) => called.arguments.first().map_or("", Expression::operators),
            Expression::Case(case) => case.other.operators(),
            Expression::Infix(operation) if !is_of_all_types(operation.operator) => {
                operation.left.operators()
            }
            Expression::Value(_)
            | Expression::Pattern(..)
            | Expression::Aggregate(..)
            | Expression::Infix(_)
            | Expression::Holds(_)
            | Expression::Fixed(_)
            | Expression::Cast(..) => "",
        }
    }

    /// The same of what compares it with another value: PostgreSQL takes both for text where only one is of the
    /// type of an extension. A value that is sent is of this one's type.
    pub(crate) fn operators_with(&self, other: &Expression) -> &'static str {
        let operators = self.operators();
        match other {
            // `citext` compares itself with a pattern that is a text.
            Expression::Value(_) | Expression::Pattern(..) => operators,
            other if other.operators() == operators => operators,
            _ => "",
        }
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
        match self {
            Expression::Aggregate(..) => true,
            Expression::Cast(value, _) | Expression::Pattern(value, _) => value.is_aggregate(),
            Expression::Infix(operation) => operation.left.is_aggregate() || operation.right.is_aggregate(),
            Expression::Call(called) => called.arguments.iter().any(Expression::is_aggregate),
            Expression::Case(case) => {
                let Case { condition, value, other, .. } = case.as_ref();
                condition.is_of_groups() || value.is_aggregate() || other.is_aggregate()
            }
            Expression::Holds(nested) => nested.condition.is_of_groups(),
            _ => false,
        }
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
        match self {
            Condition::Not(Nested { condition, .. }) => *condition,
            condition => condition.nested(Condition::Not),
        }
    }

    pub(crate) fn not_true(self) -> Condition {
        self.nested(Condition::IsNotTrue)
    }

    /// Is there a row on the other side of a relation, for which this holds?
    pub(crate) fn exists(hop: Hop, condition: Option<Condition>) -> Condition {
        match condition {
            Some(condition) => condition.nested(|nested| Condition::Exists(hop, Some(nested))),
            None => Condition::Exists(hop, None),
        }
    }

    fn nested(self, outer: impl FnOnce(Nested) -> Condition) -> Condition {
        let depth = 1 + self.depth();
        if depth > MOST_LEVELS {
            return Condition::too_deep();
        }
        outer(Nested { condition: Box::new(self), depth })
    }

    fn joined(self, operator: &'static str, other: Condition) -> Condition {
        let (mut left, mut right) = (self.parts(operator), other.parts(operator));
        let depth = left.depth.max(right.depth);
        if depth > MOST_LEVELS {
            return Condition::too_deep();
        }
        // The longer list takes the other in, from whichever side a fold adds to it.
        let parts = if left.parts.len() >= right.parts.len() {
            left.parts.append(&mut right.parts);
            left.parts
        } else {
            left.parts.into_iter().rev().for_each(|part| right.parts.push_front(part));
            right.parts
        };
        Condition::Joined(Joined { operator, parts, depth })
    }

    fn parts(self, operator: &'static str) -> Joined {
        match self {
            Condition::Joined(joined) if joined.operator == operator => joined,
            part => {
                let depth = 1 + part.depth();
                Joined { operator, parts: VecDeque::from([part]), depth }
            }
        }
    }

    /// One that holds for all rows, or for none.
    pub(crate) fn always(holds: bool) -> Condition {
        let left = Expression::Fixed(if holds { "true" } else { "false" });
        Condition::Postfix { left, operator: "" }
    }

    fn too_deep() -> Condition {
        Condition::Postfix { left: Expression::too_deep(), operator: "" }
    }

    /// One that is an error when it is to be sent.
    pub(crate) fn refused(why: impl Fn() -> Error + Send + Sync + 'static) -> Condition {
        Condition::Postfix { left: Expression::refused(why), operator: "" }
    }

    /// Is it a condition on a group of rows?
    fn is_of_groups(&self) -> bool {
        match self {
            Condition::Infix { left, right, .. } | Condition::List { left, right, .. } => {
                left.is_aggregate() || right.is_aggregate()
            }
            Condition::Postfix { left, .. } => left.is_aggregate(),
            Condition::Between { left, low, high } => {
                left.is_aggregate() || low.is_aggregate() || high.is_aggregate()
            }
            Condition::Joined(joined) => joined.parts.iter().any(Condition::is_of_groups),
            Condition::Not(nested) | Condition::IsNotTrue(nested) => nested.condition.is_of_groups(),
            Condition::Exists(..) => false,
        }
    }

    /// How many levels there are in it.
    fn depth(&self) -> u16 {
        match self {
            Condition::Infix { left, right, .. } | Condition::List { left, right, .. } => {
                left.depth().max(right.depth())
            }
            Condition::Postfix { left, .. } => left.depth(),
            Condition::Between { left, low, high } => left.depth().max(low.depth()).max(high.depth()),
            Condition::Joined(Joined { depth, .. })
            | Condition::Not(Nested { depth, .. })
            | Condition::IsNotTrue(Nested { depth, .. })
            | Condition::Exists(_, Some(Nested { depth, .. })) => *depth,
            Condition::Exists(_, None) => 0,
        }
    }
}

/// A value that is set or compared with a column, which is named where it cannot be sent.
struct OfColumn<T> {
    value: T,
    column: &'static str,
}

impl<T: Parameter> Parameter for OfColumn<T> {
    #[inline]
    fn write(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        self.value.write(ty, out).map_err(|why| match why.is::<Error>() {
            true => why,
            false => Error::encode(self.column, why).into(),
        })
    }
}

/// Stands for what cannot be sent, and says why.
struct Refused<W>(W);

impl<W: Fn() -> Error + Send + Sync> Parameter for Refused<W> {
    fn write(&self, _: &Type, _: &mut BytesMut) -> Result<IsNull, BoxError> {
        Err(self.0().into())
    }
}
