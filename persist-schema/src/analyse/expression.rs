//! SQL expressions that somebody wrote outside of the migrations, checked against the catalog: columns
//! exist, names are qualified and quoted, the type is told where it can be.

use crate::analyse::expression_text::without_parentheses;
use crate::analyse::expression_type;
use crate::catalog::{Catalog, Table};
use crate::parse::{Grammar, Node, parse};
use crate::pg_type::PgType;

mod alone;
mod context;
mod label;
mod mistake;
mod nullable;
mod order;
mod refuse;
mod resolve;
mod rewrite;

pub use mistake::{ExpressionMistake, MistakeKind};

use context::Context;

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
    /// The expression with every column qualified by its table's alias and quoted, without comments. Beside
    /// other operators it belongs in parentheses, as `a OR b` does.
    pub text: String,
    /// Its type; `None` where only the server can tell.
    pub ty: Option<PgType>,
    /// Whether it may be NULL, as far as can be told: false is certain, true is not.
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
    /// Its type; `None` where only the server can tell.
    pub ty: Option<PgType>,
    /// Whether it may be NULL, as far as can be told.
    pub nullable: bool,
    /// The columns it names, as in [`Checked::columns`].
    pub columns: Vec<(usize, String)>,
}

impl Catalog {
    /// Checks one expression over the columns of some tables: `upper(name) || ' ' || version`.
    ///
    /// A column without a table in front belongs to the one table that has it; the table in front is called
    /// by its name, with or without schema, not by its alias. Aggregates, window functions, sub-selects and
    /// parameters are refused.
    ///
    /// # Errors
    ///
    /// The first mistake in the text.
    pub fn expression(&self, tables: &[Named<'_>], text: &str) -> Result<Checked, ExpressionMistake> {
        let sql = alone::select(text);
        let tree = parse(&sql, Grammar::Sql);
        let node = alone::expression(&tree, text)?;
        self.checked(tables, node)
    }

    /// Checks an expression that is to be true or false: `enabled AND name <> ''`.
    ///
    /// # Errors
    ///
    /// As for [`Catalog::expression`], and when the type is known and is not `boolean`.
    pub fn condition(&self, tables: &[Named<'_>], text: &str) -> Result<Checked, ExpressionMistake> {
        let checked = self.expression(tables, text)?;
        match &checked.ty {
            Some(ty) if !self.base_type(ty).is("bool") => Err(mistake::not_boolean(text, ty)),
            _ => Ok(checked),
        }
    }

    /// Checks the items of an ORDER BY: `position DESC NULLS LAST, lower(name)`.
    ///
    /// # Errors
    ///
    /// As for [`Catalog::expression`]; also for what has no order, or another one each time, such as
    /// `random()`.
    pub fn order(&self, tables: &[Named<'_>], text: &str) -> Result<Vec<CheckedOrder>, ExpressionMistake> {
        let sql = alone::select_ordered(text);
        let tree = parse(&sql, Grammar::Sql);
        alone::order(&tree, text)?.into_iter().map(|item| order::check(self, tables, item)).collect()
    }

    fn checked(&self, tables: &[Named<'_>], node: Node<'_>) -> Result<Checked, ExpressionMistake> {
        let context = Context::new(self, tables);
        refuse::refuse(&context, node)?;
        let resolved = resolve::resolve(&context, node)?;
        label::check(&context, node)?;
        Ok(Checked {
            text: rewrite::rewrite(node, &resolved, tables),
            ty: expression_type::of(context.names(), without_parentheses(node), &context.scope),
            nullable: nullable::is_nullable(&context, &resolved, node),
            columns: resolve::columns(&resolved),
        })
    }
}
