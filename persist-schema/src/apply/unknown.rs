//! What cannot be known: statements that have an effect nobody can follow, and the tables they hide.

use crate::analyse::name;
use crate::apply::Fold;
use crate::catalog::{Table, TableKind};
use crate::identifier::QualifiedName;
use crate::parse::{Kind, Node};

/// Whether a statement of that kind, when it cannot be understood, leaves the catalog wrong.
pub(crate) fn has_effect(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::CREATE_TABLE
            | Kind::CREATE_TABLE_AS
            | Kind::CREATE_FOREIGN_TABLE
            | Kind::ALTER_TABLE
            | Kind::CREATE_INDEX
            | Kind::CREATE_TYPE
            | Kind::ALTER_TYPE
            | Kind::CREATE_DOMAIN
            | Kind::ALTER_DOMAIN
            | Kind::CREATE_VIEW
            | Kind::CREATE_MATERIALIZED_VIEW
            | Kind::CREATE_SCHEMA
            | Kind::DROP_TABLE
            | Kind::DROP_TYPE
            | Kind::DROP_VIEW
            | Kind::COMMENT_ON
            | Kind::ERROR
    )
}

/// Keeps the name of what a misunderstood statement creates.
pub(crate) fn register(fold: &mut Fold, node: Node<'_>) {
    let kind = match node.kind() {
        Kind::CREATE_TABLE | Kind::CREATE_TABLE_AS => TableKind::Table,
        Kind::CREATE_FOREIGN_TABLE => TableKind::ForeignTable,
        Kind::CREATE_VIEW => TableKind::View,
        Kind::CREATE_MATERIALIZED_VIEW => TableKind::MaterializedView,
        _ => return,
    };
    let Some(written) = node.children().find(|child| matches!(child.kind(), Kind::TABLE_NAME | Kind::VIEW))
    else {
        return;
    };
    if let Ok(name) = fold.target(name::name(written)) {
        add(fold, node, name, kind, "a statement with a syntax error");
    }
}

/// Adds a table whose columns cannot be known.
pub(crate) fn add(fold: &mut Fold, node: Node<'_>, name: QualifiedName, kind: TableKind, why: &str) {
    let note = fold.hide(node, why, Some(name.clone()));
    let mut table = Table::new(name.clone(), kind, note.origin.clone());
    table.opaque = Some(note);
    fold.schema(&name.schema).tables.entry(name.name).or_insert(table);
}
