//! What cannot be known: statements whose effect is known only to the server, and the tables they hide.

use std::sync::Arc;

use crate::analyse::name;
use crate::apply::fold::Fold;
use crate::catalog::{Table, TableKind};
use crate::diagnostic::{Diagnostic, Origin};
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

/// A statement with a syntax error: one that matters becomes a diagnostic, and what it creates becomes
/// opaque, so that one error is reported and not one for each use.
pub(crate) fn misunderstood(fold: &mut Fold, root: Node<'_>, at: usize, message: &str) {
    // A text that was given up has no children.
    let first = root.children().next().unwrap_or(root);
    if !has_effect(first.kind()) {
        return;
    }
    let newlines = fold.place.text.bytes().take(at).filter(|&byte| byte == b'\n').count();
    let line = fold.place.line + u32::try_from(newlines).unwrap_or(0);
    let origin = Origin::new(Arc::clone(&fold.place.file), line);
    let words = fold.place.text.split_whitespace().take(2).collect::<Vec<_>>().join(" ").to_uppercase();
    fold.diagnostics.push(
        Diagnostic::at(origin, format!("this {words} statement cannot be understood: {message}"))
            .with_help("if PostgreSQL accepts it, please report it as a bug, with the statement"),
    );
    register(fold, first);
}

/// Keeps the name of what a misunderstood statement creates.
fn register(fold: &mut Fold, node: Node<'_>) {
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
