//! Indexes.

use super::key::Expression;
use crate::diagnostic::Origin;

/// An index that CREATE INDEX made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Its name, the one that the server gave if the migration gave none. It lives in the schema of its
    /// table.
    pub name: String,
    /// Whether it is UNIQUE.
    pub unique: bool,
    /// The access method: `btree` unless said.
    pub method: String,
    /// What it is sorted by.
    pub keys: Vec<IndexKey>,
    /// The columns that it only carries along.
    pub include: Vec<String>,
    /// The condition of a partial index.
    pub predicate: Option<Expression>,
    /// UNIQUE NULLS NOT DISTINCT: two NULLs are the same.
    pub nulls_not_distinct: bool,
    /// What COMMENT ON INDEX says.
    pub comment: Option<String>,
    /// Where it is created.
    pub origin: Origin,
}

/// One part of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexKey {
    /// A column or an expression.
    pub target: IndexTarget,
    /// DESC.
    pub descending: bool,
    /// Whether NULLs come first: what was said, else true for DESC.
    pub nulls_first: bool,
    /// The operator class with its parameters, where one was given.
    pub operator_class: Option<String>,
    /// The collation, where one was given.
    pub collation: Option<String>,
}

/// What an index is made over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexTarget {
    /// A column.
    Column(String),
    /// An expression.
    Expression(Expression),
}

impl Index {
    /// The columns of the keys, in order; `None` when one of them is an expression.
    pub fn columns(&self) -> Option<Vec<String>> {
        self.keys
            .iter()
            .map(|key| match &key.target {
                IndexTarget::Column(name) => Some(name.clone()),
                IndexTarget::Expression(_) => None,
            })
            .collect()
    }

    /// The columns of the keys, in order, up to the first expression.
    pub fn leading_columns(&self) -> Vec<String> {
        let columns = self.keys.iter().map_while(|key| match &key.target {
            IndexTarget::Column(name) => Some(name.clone()),
            IndexTarget::Expression(_) => None,
        });
        columns.collect()
    }

    /// Whether the index names the column anywhere: as a key, in an expression, in INCLUDE or in its
    /// condition.
    pub fn mentions(&self, column: &str) -> bool {
        let in_expression = |expression: &Expression| expression.columns.iter().any(|name| name == column);
        self.include.iter().any(|name| name == column)
            || self.predicate.as_ref().is_some_and(in_expression)
            || self.keys.iter().any(|key| match &key.target {
                IndexTarget::Column(name) => name == column,
                IndexTarget::Expression(expression) => in_expression(expression),
            })
    }
}
