//! Writes conditions as SQL text.

use crate::sql::expression::{Bound, Condition, Expression, Joined, Nested, Related};
use crate::sql::hop::Hop;
use crate::sql::writer::Writer;

impl<'v> Writer<'v> {
    /// Adds a value of each row, or of each group of rows.
    pub(crate) fn expression(&mut self, expression: &'v Expression) -> &mut Self {
        match expression {
            Expression::Column(scope, column) => self.column(*scope, column),
            #[cfg(feature = "json")]
            Expression::Cast(value, ty) => self.expression(value).push("::").push(ty),
            Expression::Value(Bound { value, oid, cast }) => self.bind(value.as_ref(), *oid, cast),
            Expression::Aggregate(open, None) => self.push(open).push(")"),
            Expression::Aggregate(open, Some(argument)) => self.push(open).expression(argument).push(")"),
            Expression::Related(related) => {
                let Related { hop, value, filter, .. } = related.as_ref();
                self.enter(hop.to).push("(SELECT ").expression(value).other_side(hop, filter.as_ref())
            }
        }
    }

    /// Adds a condition.
    pub(crate) fn condition(&mut self, condition: &'v Condition) -> &mut Self {
        match condition {
            Condition::Infix { left, operator, right } => {
                self.expression(left).push(" ").push(operator).push(" ").expression(right)
            }
            Condition::List { left, operator, right } => {
                self.expression(left).push(" ").push(operator).push(" (").expression(right).push(")")
            }
            Condition::Postfix { left, operator } => self.expression(left).push(" ").push(operator),
            Condition::Between { left, low, high } => {
                self.expression(left).push(" BETWEEN ").expression(low).push(" AND ").expression(high)
            }
            Condition::Joined(Joined { operator, parts, .. }) => {
                self.push("(");
                for (index, part) in parts.iter().enumerate() {
                    if index > 0 {
                        self.push(" ").push(operator).push(" ");
                    }
                    self.condition(part);
                }
                self.push(")")
            }
            Condition::Not(Nested { condition, .. }) => self.push("NOT (").condition(condition).push(")"),
            Condition::IsNotTrue(Nested { condition, .. }) => {
                self.push("(").condition(condition).push(") IS NOT TRUE")
            }
            Condition::Exists(hop, filter) => {
                let filter = filter.as_ref().map(|filter| filter.condition.as_ref());
                self.enter(hop.to).push("EXISTS (SELECT 1").other_side(hop, filter)
            }
        }
    }

    /// Adds `FROM the other side WHERE it belongs to the row AND filter)`.
    fn other_side(&mut self, hop: &Hop, filter: Option<&'v Condition>) -> &mut Self {
        let mut conditions = hop.write(self);
        if let Some(filter) = filter {
            conditions.and(self).condition(filter);
        }
        conditions.finish(self);
        self.push(")").leave()
    }
}
