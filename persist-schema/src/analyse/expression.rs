//! SQL expressions that were written outside of the migrations, checked against the catalog: their columns
//! exist, names are qualified and quoted, the type is known where it can be.

use crate::catalog::Catalog;
use crate::parse::{Grammar, parse};

mod check;
mod checked;
mod context;
mod extract;
mod label;
mod mistake;
mod nullable;
mod order;
mod qualify;
mod refuse;
mod resolve;
mod rewrite;

pub use checked::{Checked, CheckedOrder, Named};
pub use mistake::{ExpressionMistake, MistakeKind};

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
        let sql = extract::select(text);
        let tree = parse(&sql, Grammar::Sql);
        let node = extract::expression(&tree, text)?;
        check::check(self, tables, node)
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
        let sql = extract::select_ordered(text);
        let tree = parse(&sql, Grammar::Sql);
        extract::order(&tree, text)?.into_iter().map(|item| order::check(self, tables, item)).collect()
    }
}
