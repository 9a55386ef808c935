//! One item of an ORDER BY.

use super::checked::{Checked, CheckedOrder, Named};
use super::context::Context;
use super::extract::range;
use super::mistake::{ExpressionMistake, MistakeKind};
use super::{check, refuse, resolve};
use crate::analyse::name;
use crate::analyse::operand::without_parentheses;
use crate::builtin::ordering::is_sortable;
use crate::catalog::Catalog;
use crate::parse::{Kind, Node};

pub(super) fn check(
    catalog: &Catalog,
    tables: &[Named<'_>],
    item: Node<'_>,
) -> Result<CheckedOrder, ExpressionMistake> {
    let mut parts = item.children();
    let Some(node) = parts.next() else {
        return Err(ExpressionMistake::new(
            MistakeKind::Empty,
            range(item),
            "an item of the order is missing",
        ));
    };
    let direction = direction(parts)?;
    refuse::refuse_volatile(node)?;
    let Checked { text, ty, nullable, columns } = check::check(catalog, tables, node)?;
    if columns.is_empty() {
        let message = format!("`{}` names no column, so it orders nothing", node.text());
        return Err(ExpressionMistake::new(MistakeKind::Constant, range(node), message)
            .with_help("order by columns or by expressions over them"));
    }
    if let Some(ty) = ty.as_ref().filter(|ty| !is_sortable(catalog, ty)) {
        let message = format!("`{}` is of type `{ty}`, whose values have no order", node.text());
        return Err(ExpressionMistake::new(MistakeKind::Unsortable, range(node), message)
            .with_help("order by another column, or by an expression over this one"));
    }
    Ok(CheckedOrder { column: only_column(catalog, tables, node)?, text, direction, ty, nullable, columns })
}

/// The column, when the item is nothing else.
fn only_column(
    catalog: &Catalog,
    tables: &[Named<'_>],
    node: Node<'_>,
) -> Result<Option<(usize, String)>, ExpressionMistake> {
    let node = without_parentheses(node);
    if name::dotted(node).is_none() {
        return Ok(None);
    }
    let uses = resolve::resolve(&Context::new(catalog, tables), node)?;
    Ok(resolve::columns(&uses).pop())
}

/// What is written after the expression, without the defaults.
fn direction<'t>(parts: impl Iterator<Item = Node<'t>>) -> Result<String, ExpressionMistake> {
    let (mut descending, mut nulls_first) = (false, None);
    for part in parts {
        match part.kind() {
            Kind::SORT_ASC => {}
            Kind::SORT_DESC => descending = true,
            Kind::NULLS_FIRST => nulls_first = Some(true),
            Kind::NULLS_LAST => nulls_first = Some(false),
            _ => {
                let message = "only ASC or DESC and NULLS FIRST or NULLS LAST can follow what is ordered by";
                return Err(ExpressionMistake::new(MistakeKind::Unsupported, range(part), message));
            }
        }
    }
    let text = match (descending, nulls_first.unwrap_or(descending)) {
        (false, false) => "",
        (false, true) => " NULLS FIRST",
        (true, true) => " DESC",
        (true, false) => " DESC NULLS LAST",
    };
    Ok(text.to_owned())
}
