//! ATTACH PARTITION, DETACH PARTITION, INHERIT and NO INHERIT.

use crate::analyse::name;
use crate::apply::fold::Fold;
use crate::apply::partition;
use crate::apply::problem::{Outcome, Problem};
use crate::catalog::{Partition, Table};
use crate::identifier::QualifiedName;
use crate::parse::{Kind, Node};

fn other(fold: &Fold, action: Node<'_>) -> Result<Option<QualifiedName>, Problem> {
    match action.child(Kind::TABLE_NAME_REF) {
        Some(target) => fold.require_table(&name::name(target)),
        None => Ok(None),
    }
}

/// ATTACH PARTITION: the columns are the parent's from now on, keys and indexes are added where they are
/// missing.
pub(crate) fn attach(fold: &mut Fold, table: &QualifiedName, action: Node<'_>) -> Outcome {
    let Some(child) = other(fold, action)? else {
        return Ok(());
    };
    fold.has_inheritance();
    follow(fold, table, &child, true);
    if let Some(found) = fold.table_mut(&child) {
        // What a partition shares with its parent is the parent's alone.
        found.columns.iter_mut().for_each(|column| column.local &= !column.inherited);
        found.checks.iter_mut().for_each(|check| check.local &= !check.inherited);
        found.partition_of = Some(Partition { parent: table.clone(), bound: partition::bound(action) });
    }
    partition::inherit_keys(fold, &child)
}

/// DETACH PARTITION: what the partition had from its parent is its own from now on.
pub(crate) fn detach(fold: &mut Fold, table: &QualifiedName, action: Node<'_>) -> Outcome {
    let Some(child) = other(fold, action)? else {
        return Ok(());
    };
    follow(fold, table, &child, false);
    let cloned = fold.catalog.table_named(table).map(|table| table.triggers.clone()).unwrap_or_default();
    if let Some(found) = fold.table_mut(&child) {
        found.partition_of = None;
        found.triggers.retain(|own| !own.for_each_row || !cloned.iter().any(|other| other.name == own.name));
    }
    Ok(())
}

/// INHERIT.
pub(crate) fn inherit(fold: &mut Fold, table: &QualifiedName, action: Node<'_>) -> Outcome {
    let Some(parent) = other(fold, action)? else {
        return Ok(());
    };
    fold.has_inheritance();
    follow(fold, &parent, table, true);
    if let Some(found) = fold.table_mut(table) {
        found.inherits.push(parent);
    }
    Ok(())
}

/// NO INHERIT.
pub(crate) fn no_inherit(fold: &mut Fold, table: &QualifiedName, action: Node<'_>) -> Outcome {
    let Some(parent) = other(fold, action)? else {
        return Ok(());
    };
    follow(fold, &parent, table, false);
    if let Some(found) = fold.table_mut(table) {
        found.inherits.retain(|name| *name != parent);
    }
    Ok(())
}

/// Marks the columns, checks and foreign keys that both tables have as inherited, or as the child's own.
fn follow(fold: &mut Fold, parent: &QualifiedName, child: &QualifiedName, inherited: bool) {
    let Some(parent): Option<Table> = fold.catalog.table_named(parent).cloned() else {
        return;
    };
    let Some(child) = fold.table_mut(child) else {
        return;
    };
    for column in child.columns.iter_mut().filter(|own| parent.column(&own.name).is_some()) {
        column.inherited = inherited;
        column.local |= !inherited;
    }
    for check in
        child.checks.iter_mut().filter(|own| parent.checks.iter().any(|check| check.name == own.name))
    {
        check.inherited = inherited;
        check.local |= !inherited;
    }
    for key in &mut child.foreign_keys {
        let shared = parent
            .foreign_keys
            .iter()
            .any(|other| other.columns == key.columns && other.references == key.references);
        if shared {
            key.inherited = inherited;
        }
    }
}
