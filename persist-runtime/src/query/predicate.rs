//! A condition on rows.

use std::ops::{BitAnd, BitOr, Not};

use crate::sql::expression::Expression;
use crate::sql::hop::Hop;

/// A condition, made from columns and joined by `&`, `|` and `!`.
///
/// As in SQL, a comparison with NULL is neither true nor false, so `ne`, `not_in` and `!` leave rows out in which the
/// column is NULL; [`Column::is_distinct_from`](crate::query::column::Column::is_distinct_from) does not.
#[derive(Clone)]
#[must_use = "a condition does nothing until a query is filtered by it"]
pub struct Predicate(pub(crate) Node);

/// The parts of a condition.
#[derive(Clone)]
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
    /// `(…) IS NOT TRUE`: false, or NULL.
    IsNotTrue(Box<Node>),
    /// `EXISTS (…)`: is there a row on the other side of a relation for which this holds?
    Exists(Hop, Option<Box<Node>>),
}

impl Node {
    pub(crate) fn and(self, other: Node) -> Node {
        self.joined("AND", other)
    }

    pub(crate) fn or(self, other: Node) -> Node {
        self.joined("OR", other)
    }

    pub(crate) fn negated(self) -> Node {
        Node::Not(Box::new(self))
    }

    fn joined(self, operator: &'static str, other: Node) -> Node {
        let mut parts = match self {
            Node::Joined { operator: same, parts } if same == operator => parts,
            node => vec![node],
        };
        parts.push(other);
        Node::Joined { operator, parts }
    }
}

impl BitAnd for Predicate {
    type Output = Predicate;

    fn bitand(self, other: Predicate) -> Predicate {
        Predicate(self.0.and(other.0))
    }
}

impl BitOr for Predicate {
    type Output = Predicate;

    fn bitor(self, other: Predicate) -> Predicate {
        Predicate(self.0.or(other.0))
    }
}

impl Not for Predicate {
    type Output = Predicate;

    fn not(self) -> Predicate {
        Predicate(self.0.negated())
    }
}
