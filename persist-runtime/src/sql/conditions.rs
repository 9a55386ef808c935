//! Writes conditions as SQL text.

use crate::query::predicate::{Node, Predicate};
use crate::sql::expression::{Bound, Expression, Related};
use crate::sql::hop::Hop;
use crate::sql::writer::Writer;

impl<'v> Writer<'v> {
    /// Adds a value of each row, or of each group of rows.
    pub(crate) fn expression(&mut self, expression: &'v Expression) -> &mut Self {
        match expression {
            Expression::Column(scope, column) => self.column(*scope, column),
            #[cfg(feature = "json")]
            Expression::Cast(scope, column, ty) => self.column(*scope, column).push("::").push(ty),
            Expression::Value(Bound { value, oid, cast }) => self.bind(value.as_ref(), *oid, cast),
            Expression::Aggregate(open, None) => self.push(open).push(")"),
            Expression::Aggregate(open, Some(argument)) => self.push(open).expression(argument).push(")"),
            Expression::Related(related) => {
                let Related { hop, value, filter } = related.as_ref();
                self.enter(hop.to).push("(SELECT ").expression(value).other_side(hop, filter.as_ref())
            }
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
            Node::IsNotTrue(node) => self.push("(").node(node).push(") IS NOT TRUE"),
            Node::Exists(hop, filter) => {
                self.enter(hop.to).push("EXISTS (SELECT 1").other_side(hop, filter.as_deref())
            }
        }
    }

    /// Adds `FROM the other side WHERE it belongs to the row AND filter)`.
    fn other_side(&mut self, hop: &Hop, filter: Option<&'v Node>) -> &mut Self {
        hop.write(self);
        if let Some(filter) = filter {
            self.push(" AND ").node(filter);
        }
        self.push(")").leave()
    }
}

impl std::fmt::Debug for Predicate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut writer = Writer::new();
        writer.node(&self.0);
        write!(f, "Predicate({})", writer.text())
    }
}
