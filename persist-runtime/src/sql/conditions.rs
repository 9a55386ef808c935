//! Writes conditions as SQL text.

use crate::sql::expression::{
    Bound, Case, Condition, Expression, Joined, Nested, Operation, Place, Related, is_of_all_types,
};
use crate::sql::hop::Hop;
use crate::sql::scope::Alias;
use crate::sql::writer::Writer;

impl<'v> Writer<'v> {
    /// Adds a value of each row, or of each group of rows.
    pub(crate) fn expression(&mut self, expression: &'v Expression) -> &mut Self {
        match expression {
            Expression::Column(scope, column) => self.column(Alias::Scope(*scope), column),
            Expression::Cast(value, ty) => self.expression(value).push("::").push(ty),
            Expression::Value(Bound { value, oid, cast }) => self.bind(value.as_ref(), *oid, cast),
            // Without meaning are the escapes first, then what stands for other characters. In parentheses, because an
            // operator with a schema binds as tightly as this one.
            Expression::Pattern(text, place) => self
                .push(if *place == Place::Start { "(" } else { "('%' || " })
                .push("pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(")
                .expression(text)
                .push(r"::text, E'\\', E'\\\\'), '%', E'\\%'), '_', E'\\_')")
                .push(if *place == Place::End { ")" } else { " || '%')" }),
            Expression::Aggregate(open, None) => self.push(open).push(")"),
            Expression::Aggregate(open, Some(argument)) => {
                self.aggregate(open, argument).expression(argument).push(")")
            }
            Expression::Related(related) if self.is_sorted(related.hop.to) => self.expression(&related.value),
            Expression::Related(related) => {
                let Related { hop, value, filter, .. } = related.as_ref();
                self.enter(hop.to).push("(SELECT ").expression(value).other_side(hop, filter.as_ref())
            }
            Expression::Infix(operation) => {
                let Operation { left, operator, right, .. } = operation.as_ref();
                let schema = if is_of_all_types(operator) { "" } else { left.operators_with(right) };
                self.push("(").expression(left).operator(schema, operator).expression(right).push(")")
            }
            Expression::Call(called) => {
                self.push(called.function).push("(");
                for (index, argument) in called.arguments.iter().enumerate() {
                    self.comma(index).expression(argument);
                }
                self.push(")")
            }
            Expression::Case(case) => {
                let Case { condition, value, other, .. } = case.as_ref();
                self.push("CASE WHEN ").condition(condition).push(" THEN ").expression(value);
                self.push(" ELSE ").expression(other).push(" END")
            }
            Expression::Holds(Nested { condition, .. }) => {
                self.push("((").condition(condition).push(") IS TRUE)")
            }
            Expression::Fixed(text) => self.push(text),
        }
    }

    /// Adds a condition.
    pub(crate) fn condition(&mut self, condition: &'v Condition) -> &mut Self {
        match condition {
            Condition::Infix { left, operator, right } => self.infix(left, operator, right),
            Condition::List { left, operator, list, right } => {
                self.expression(left).operator(left.operators(), operator);
                self.push(list).push(" (").expression(right).push(")")
            }
            Condition::Postfix { left, operator } => self.expression(left).push(" ").push(operator),
            Condition::Between { left, low, high } if left.operators().is_empty() => {
                self.expression(left).push(" BETWEEN ").expression(low).push(" AND ").expression(high)
            }
            Condition::Between { left, low, high } => {
                self.push("(").infix(left, ">=", low).push(" AND ").infix(left, "<=", high).push(")")
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

    /// Adds a comparison. What has no symbol of its own is written by those that have one where the operators
    /// are in a schema, because it cannot be qualified.
    fn infix(&mut self, left: &'v Expression, operator: &'static str, right: &'v Expression) -> &mut Self {
        let schema = left.operators_with(right);
        if schema.is_empty() {
            return self.expression(left).operator("", operator).expression(right);
        }
        let (symbol, is_distinct) = match operator {
            "LIKE" => ("~~", None),
            "NOT LIKE" => ("!~~", None),
            "ILIKE" => ("~~*", None),
            "NOT ILIKE" => ("!~~*", None),
            "IS DISTINCT FROM" => ("=", Some(") IS NOT TRUE AND (")),
            "IS NOT DISTINCT FROM" => ("=", Some(") IS TRUE OR (")),
            symbol => (symbol, None),
        };
        let Some(nulls) = is_distinct else {
            return self.expression(left).operator(schema, symbol).expression(right);
        };
        let is_null = if operator == "IS DISTINCT FROM" {
            (" IS NOT NULL OR ", " IS NOT NULL))")
        } else {
            (" IS NULL AND ", " IS NULL))")
        };
        self.push("((").expression(left).operator(schema, symbol).expression(right).push(nulls);
        self.expression(left).push(is_null.0).expression(right).push(is_null.1)
    }

    /// Adds what opens an aggregate of a value: of a type that an extension brings it is the extension's.
    pub(crate) fn aggregate(&mut self, open: &str, argument: &Expression) -> &mut Self {
        let is_extreme = open.starts_with("min(") || open.starts_with("max(");
        match argument.operators() {
            schema if is_extreme && !schema.is_empty() => self.push(schema).push(".").push(open),
            _ => self.push(open),
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
