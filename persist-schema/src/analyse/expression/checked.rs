//! What an expression is checked over, and what a checked one is known to be.

use crate::catalog::Table;
use crate::pg_type::PgType;

/// A table whose columns an expression may name, and the alias under which the statement knows it.
#[derive(Debug, Clone, Copy)]
pub struct Named<'c> {
    /// The table.
    pub table: &'c Table,
    /// What is written in front of its columns, as it stands here: it is not quoted.
    pub alias: &'c str,
}

/// An expression in which every column is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The expression with every column qualified by its table's alias and quoted, types, functions, collations and
    /// operators of extensions with their schemas, without comments. Beside other operators it belongs in
    /// parentheses, as `a OR b` does.
    pub text: String,
    /// Its type; `None` where only the server knows it.
    pub ty: Option<PgType>,
    /// Whether it may be NULL, as far as is known: false is certain, true is not.
    pub nullable: bool,
    /// The columns it names, each once, in the order of their first use: which of the tables, and the name.
    pub columns: Vec<(usize, String)>,
}

/// One item of an ORDER BY.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedOrder {
    /// The expression as in [`Checked::text`].
    pub text: String,
    /// What follows it: nothing, ` DESC`, ` DESC NULLS LAST` or ` NULLS FIRST`.
    pub direction: String,
    /// Set when it is just a column: which of the tables, and the name.
    pub column: Option<(usize, String)>,
    /// Its type; `None` where only the server knows it.
    pub ty: Option<PgType>,
    /// Whether it may be NULL, as far as is known.
    pub nullable: bool,
    /// The columns it names, as in [`Checked::columns`].
    pub columns: Vec<(usize, String)>,
}
