//! Writes a query as SQL text and collects its parameters.

use std::fmt::Write as _;

use tokio_postgres::types::Oid;

use super::predicate::{Bound, Expression, Node, Predicate};
use crate::model::ColumnModel;
use crate::parameters::Collected;
use crate::scalar::Parameter;
use crate::scope::Scope;
use crate::statement::Statement;

/// SQL text in the making. A value becomes `$n`; the text never holds one.
pub(crate) struct Writer<'v> {
    sql: String,
    oids: Vec<Oid>,
    values: Vec<&'v dyn Parameter>,
}

/// Bytes of text that most queries stay below.
const USUAL_LENGTH: usize = 512;

impl<'v> Writer<'v> {
    pub(crate) fn new() -> Self {
        Writer { sql: String::with_capacity(USUAL_LENGTH), oids: Vec::new(), values: Vec::new() }
    }

    /// Adds text that was known when the program was built.
    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.sql.push_str(text);
        self
    }

    /// Adds a placeholder for a value.
    pub(crate) fn bind(&mut self, value: &'v dyn Parameter, oid: Oid, cast: &'static str) -> &mut Self {
        self.values.push(value);
        self.oids.push(oid);
        let number = self.values.len();
        self.push("$").number(number).push(cast)
    }

    /// Adds a column of a table.
    pub(crate) fn column(&mut self, scope: Scope, column: &ColumnModel) -> &mut Self {
        self.push("t").number(scope.0.into()).push(".").push(column.name)
    }

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

    /// The statement and its parameters.
    pub(crate) fn finish(self, columns: &'static [Oid]) -> (Statement, Collected<'v>) {
        (Statement::dynamic(self.sql, self.oids, columns), Collected(self.values))
    }

    fn number(&mut self, number: usize) -> &mut Self {
        match number {
            // Most numbers have one digit, and formatting costs as much as the rest of a short query.
            0..10 => self.sql.push(char::from(b'0' + number as u8)),
            // Writing to a string cannot fail.
            _ => drop(write!(self.sql, "{number}")),
        }
        self
    }
}

impl std::fmt::Debug for Predicate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut writer = Writer::new();
        writer.node(&self.0);
        write!(f, "Predicate({})", writer.sql)
    }
}
