//! INHERITS, PARTITION OF and what a child takes over from its parents.

use crate::analyse::name::{self, Name};
use crate::apply::fold::Fold;
use crate::apply::problem::{Outcome, Problem};
use crate::apply::{create_index, foreign_key, key, trigger};
use crate::catalog::{Column, ForeignKey, Partition, Table};
use crate::identifier::QualifiedName;
use crate::parse::{Kind, Node};

/// Gives a new table the columns and checks of the one it is a partition of.
pub(crate) fn of(fold: &mut Fold, table: &mut Table, clause: Node<'_>, statement: Node<'_>) -> Outcome {
    let Some(parent) = clause.child(Kind::TABLE_NAME_REF).map(name::name) else {
        return Ok(());
    };
    if let Some(parent) = take_columns(fold, table, &parent)? {
        fold.has_inheritance();
        table.partition_of = Some(Partition { parent, bound: bound(statement) });
    }
    Ok(())
}

/// Gives a new table the columns and checks of one that it INHERITS from.
pub(crate) fn inherits(fold: &mut Fold, table: &mut Table, parent: &Name) -> Outcome {
    if let Some(parent) = take_columns(fold, table, parent)? {
        fold.has_inheritance();
        table.inherits.push(parent);
    }
    Ok(())
}

fn take_columns(fold: &Fold, table: &mut Table, parent: &Name) -> Result<Option<QualifiedName>, Problem> {
    let Some(name) = fold.require_table(parent)? else {
        return Ok(None);
    };
    let Some(parent) = fold.catalog.table_named(&name) else {
        return Ok(None);
    };
    if table.opaque.is_none() {
        table.opaque.clone_from(&parent.opaque);
    }
    for column in &parent.columns {
        match table.columns.iter_mut().find(|own| own.name == column.name) {
            Some(own) => own.not_null |= column.not_null,
            None => table.columns.push(Column {
                inherited: true,
                local: false,
                identity: None,
                comment: None,
                origin: table.origin.clone(),
                ..column.clone()
            }),
        }
    }
    for check in parent.checks.iter().filter(|check| !check.no_inherit) {
        if !table.checks.iter().any(|own| own.name == check.name) {
            let mut check = check.clone();
            check.inherited = true;
            check.local = false;
            check.comment = None;
            table.checks.push(check);
        }
    }
    Ok(Some(name))
}

/// What a partition key says, as written: `RANGE (created_at)`.
pub(crate) fn key(node: Node<'_>) -> String {
    match (node.child(Kind::PARTITION_STRATEGY), node.child(Kind::PARTITION_ITEM_LIST)) {
        (Some(strategy), Some(items)) => format!("{} {}", strategy.text().to_uppercase(), items.text()),
        _ => node.text().to_owned(),
    }
}

/// The bound of a partition, as written.
pub(crate) fn bound(node: Node<'_>) -> String {
    let bound = node.children().find(|child| {
        matches!(
            child.kind(),
            Kind::PARTITION_FOR_VALUES_FROM
                | Kind::PARTITION_FOR_VALUES_IN
                | Kind::PARTITION_FOR_VALUES_WITH
                | Kind::PARTITION_DEFAULT
        )
    });
    bound.map(|bound| bound.text().to_owned()).unwrap_or_default()
}

/// Gives a partition the keys, foreign keys and indexes of its parent that it does not have yet.
pub(crate) fn inherit_keys(fold: &mut Fold, table: &QualifiedName) -> Outcome {
    let parent = fold.catalog.table_named(table).and_then(|table| table.partition_of.as_ref());
    let Some(parent) = parent.and_then(|partition| fold.catalog.table_named(&partition.parent)).cloned()
    else {
        return Ok(());
    };
    // The server walks over the indexes of the parent in the order of their creation; foreign keys follow.
    if let Some(primary_key) = &parent.primary_key {
        key::inherit(fold, table, primary_key.clone(), true)?;
    }
    for unique in &parent.unique_keys {
        key::inherit(fold, table, unique.clone(), false)?;
    }
    for index in &parent.indexes {
        let parts = create_index::part_names(index);
        create_index::inherit(fold, table, index, &parts);
    }
    if let Some(found) = fold.table_mut(table) {
        trigger::inherit(found, &parent);
    }
    for foreign in parent.foreign_keys {
        let own = fold.table_mut(table).and_then(|table| {
            table.foreign_keys.iter_mut().find(|own| {
                own.columns == foreign.columns && own.references == foreign.references && !own.inherited
            })
        });
        match own {
            Some(own) => own.inherited = true,
            None => foreign_key::push(fold, table, ForeignKey { inherited: true, comment: None, ..foreign }),
        }
    }
    Ok(())
}
