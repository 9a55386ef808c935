//! One expression over the columns of some tables.

use super::checked::{Checked, Named};
use super::context::Context;
use super::mistake::ExpressionMistake;
use super::{label, nullable, qualify, refuse, resolve, rewrite};
use crate::analyse::operand::without_parentheses;
use crate::catalog::Catalog;
use crate::parse::Node;

/// Checks the expression in a node.
pub(super) fn check(
    catalog: &Catalog,
    tables: &[Named<'_>],
    node: Node<'_>,
) -> Result<Checked, ExpressionMistake> {
    let context = Context::new(catalog, tables);
    refuse::refuse(&context, node)?;
    let resolved = resolve::resolve(&context, node)?;
    label::check(&context, node)?;
    let names = qualify::qualify(&context, node)?;
    Ok(Checked {
        text: rewrite::rewrite(node, &resolved, tables, names),
        ty: context.types().of(without_parentheses(node)),
        nullable: nullable::is_nullable(&context, &resolved, node),
        columns: resolve::columns(&resolved),
    })
}
