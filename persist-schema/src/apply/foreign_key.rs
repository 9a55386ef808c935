//! Foreign keys.

use crate::analyse::name;
use crate::apply::constraint_clauses::{given_name, timing};
use crate::apply::constraint_name::has_constraint;
use crate::apply::fold::Fold;
use crate::apply::problem::Outcome;
use crate::catalog::{ForeignKey, ReferentialAction};
use crate::identifier::QualifiedName;
use crate::missing::Missing;
use crate::parse::{Kind, Node};

/// Adds a foreign key; `column` is the one that REFERENCES was written beside.
pub(crate) fn add(fold: &mut Fold, table: &QualifiedName, node: Node<'_>, column: Option<&str>) -> Outcome {
    let Some(target) = node.child(Kind::TABLE_NAME_REF) else {
        return Ok(());
    };
    let (columns, mut referenced_columns) = column_lists(node, column);
    let written = name::name(target);
    let references = match fold.require_table(&written)? {
        Some(found) => found,
        None => fold.target(written)?,
    };
    if referenced_columns.is_empty()
        && let Some(key) = fold.catalog.table_named(&references).and_then(|table| table.primary_key.as_ref())
    {
        referenced_columns.clone_from(&key.columns);
    }
    if let Some(found) = fold.table_mut(table)
        && found.opaque.is_none()
        && let Some(missing) = columns.iter().find(|name| found.column(name).is_none())
    {
        return Err(Missing::column(missing, &[found]).into());
    }
    let (on_delete, on_delete_columns) = action(node.child(Kind::ON_DELETE_ACTION));
    let (on_update, _) = action(node.child(Kind::ON_UPDATE_ACTION));
    let timing = timing(node);
    let key = ForeignKey {
        name: given_name(node).unwrap_or_else(|| fold.choose_foreign_key_name(table, &columns)),
        columns,
        references,
        referenced_columns,
        on_delete,
        on_update,
        on_delete_columns,
        match_full: node.has(Kind::MATCH_FULL),
        deferrable: timing.deferrable,
        initially_deferred: timing.initially_deferred,
        validated: !node.has(Kind::NOT_VALID),
        inherited: false,
        comment: None,
        origin: fold.origin(node),
    };
    push(fold, table, key);
    Ok(())
}

/// Adds a foreign key to a table and to its partitions, which keep its name unless they use it otherwise.
pub(crate) fn push(fold: &mut Fold, table: &QualifiedName, key: ForeignKey) {
    fold.remember(&key.name);
    let partitions = fold.partitions(table);
    if let Some(found) = fold.table_mut(table) {
        found.foreign_keys.push(key.clone());
    }
    for partition in partitions {
        let used = fold.table_mut(&partition).is_some_and(|found| has_constraint(found, &key.name));
        let name =
            if used { fold.choose_foreign_key_name(&partition, &key.columns) } else { key.name.clone() };
        push(fold, &partition, ForeignKey { name, inherited: true, ..key.clone() });
    }
}

fn column_lists(node: Node<'_>, column: Option<&str>) -> (Vec<String>, Vec<String>) {
    let mut lists = node.all(Kind::FOREIGN_KEY_COLUMN_LIST);
    match column {
        // Beside a column the referenced one stands in parentheses of the constraint itself.
        Some(column) => {
            let referenced = node.all(Kind::COLUMN_NAME_REF).map(name::identifier).collect();
            (vec![column.to_owned()], referenced)
        }
        None => {
            let mut next = || {
                lists.next().map(|list| name::identifiers(list, Kind::COLUMN_NAME_REF)).unwrap_or_default()
            };
            (next(), next())
        }
    }
}

fn action(node: Option<Node<'_>>) -> (ReferentialAction, Vec<String>) {
    let Some(action) = node.and_then(|node| node.children().find(|child| !child.is_token())) else {
        return (ReferentialAction::NoAction, Vec::new());
    };
    let kind = match action.kind() {
        Kind::CASCADE => ReferentialAction::Cascade,
        Kind::RESTRICT => ReferentialAction::Restrict,
        Kind::SET_NULL_COLUMNS => ReferentialAction::SetNull,
        Kind::SET_DEFAULT_COLUMNS => ReferentialAction::SetDefault,
        _ => ReferentialAction::NoAction,
    };
    (kind, name::identifiers(action, Kind::COLUMN_NAME_REF))
}
