//! EXCLUDE constraints.

use crate::analyse::{expression_text, name, operand};
use crate::apply::constraint_clauses::{given_name, timing};
use crate::apply::constraint_name::index_column_names;
use crate::apply::create_index;
use crate::apply::fold::Fold;
use crate::apply::problem::Outcome;
use crate::catalog::{Exclusion, Expression};
use crate::identifier::QualifiedName;
use crate::parse::{Kind, Node};

/// Adds an EXCLUDE constraint.
pub(crate) fn add(fold: &mut Fold, table: &QualifiedName, node: Node<'_>) -> Outcome {
    let origin = fold.origin(node);
    let Some(found) = fold.table_mut(table) else {
        return Ok(());
    };
    let Some(list) = node.child(Kind::CONSTRAINT_EXCLUSION_LIST) else {
        return Ok(());
    };
    let mut elements = expression_text::over(list, found);
    elements.text = inside(list);
    let predicate: Option<Expression> = node
        .child(Kind::WHERE_CONDITION_CLAUSE)
        .and_then(operand::operand)
        .map(|condition| expression_text::over(condition, found));
    let parts = list
        .all(Kind::CONSTRAINT_EXCLUSION)
        .filter_map(|element| element.children().next().map(create_index::part_name));
    let columns = index_column_names(parts);
    let method = node
        .child(Kind::CONSTRAINT_INDEX_METHOD)
        .and_then(|method| method.child(Kind::ACCESS_METHOD_REF))
        .map_or_else(|| "btree".to_owned(), name::identifier);
    let timing = timing(node);
    let exclusion = Exclusion {
        name: given_name(node).unwrap_or_else(|| fold.choose_exclusion_name(table, &columns)),
        method,
        elements,
        predicate,
        deferrable: timing.deferrable,
        initially_deferred: timing.initially_deferred,
        comment: None,
        origin,
    };
    fold.remember(&exclusion.name);
    if let Some(found) = fold.table_mut(table) {
        found.exclusions.push(exclusion);
    }
    Ok(())
}

/// The text between the parentheses of a list.
fn inside(list: Node<'_>) -> String {
    let text = list.text();
    text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(text).trim().to_owned()
}
