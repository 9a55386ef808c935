//! Writes conditions as SQL text.

use super::predicate::{Bound, Expression, Node, Predicate};
use crate::writer::Writer;

impl<'v> Writer<'v> {
    /// Adds a side of a comparison.
    pub(crate) fn expression(&mut self, expression: &'v Expression) -> &mut Self {
        match expression {
            Expression::Column(scope, column) => self.column(*scope, column),
            #[cfg(feature = "json")]
            Expression::Cast(scope, column, ty) => self.column(*scope, column).push("::").push(ty),
            Expression::Value(Bound { value, oid, cast }) => self.bind(value.as_ref(), *oid, cast),
        }
    }

    /// Adds a condition.
    pub(crate) fn node(&mut self, node: &'v Node) -> &mut Self {
        match node {
            Node::Infix { left, operator, right } => {
                self.expression(left).push(" ").push(operator).push(" ").expression(right)
            }
            Node::List { left, operator, right } => {
                self.expression(left).push(" ").push(operator).push(" (").expression(right).push(")")
            }
            Node::Postfix { left, operator } => self.expression(left).push(" ").push(operator),
            Node::Between { left, low, high } => {
                self.expression(left).push(" BETWEEN ").expression(low).push(" AND ").expression(high)
            }
            Node::Joined { operator, parts } => {
                self.push("(");
                for (index, part) in parts.iter().enumerate() {
                    if index > 0 {
                        self.push(" ").push(operator).push(" ");
                    }
                    self.node(part);
                }
                self.push(")")
            }
            Node::Not(node) => self.push("NOT (").node(node).push(")"),
        }
    }
}

impl std::fmt::Debug for Predicate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut writer = Writer::new();
        writer.node(&self.0);
        write!(f, "Predicate({})", writer.text())
    }
}
