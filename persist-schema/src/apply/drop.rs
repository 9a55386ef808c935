//! DROP and what goes with it.

use crate::analyse::{expression_text, name};
use crate::apply::constraint_name::{index_names, missing_constraint};
use crate::apply::fold::Fold;
use crate::apply::problem::Outcome;
use crate::catalog::{GoneColumn, Schema, Table};
use crate::identifier::QualifiedName;
use crate::missing::Missing;
use crate::parse::{Kind, Node};

/// DROP TABLE, DROP VIEW and their like.
pub(crate) fn tables(fold: &mut Fold, node: Node<'_>) -> Outcome {
    for target in
        node.children().filter(|child| matches!(child.kind(), Kind::TABLE_NAME_REF | Kind::VIEW_REF))
    {
        let written = name::name(target);
        let found =
            if node.has(Kind::IF_EXISTS) { fold.find_table(&written) } else { fold.require_table(&written)? };
        if let Some(found) = found {
            table(fold, &found);
        }
    }
    Ok(())
}

/// Takes a table away with what depends on it: foreign keys that point at it, partitions and children,
/// sequences it owns, views that read it. Without CASCADE the server refuses unless there is nothing of that.
pub(crate) fn table(fold: &mut Fold, name: &QualifiedName) {
    for gone in fold.family(name).into_iter().rev() {
        let Some(schema) = fold.catalog.schemas.get_mut(&gone.schema) else {
            continue;
        };
        schema.tables.remove(&gone.name);
        for schema in fold.catalog.schemas.values_mut() {
            schema
                .sequences
                .retain(|_, sequence| sequence.owned_by.as_ref().is_none_or(|(owner, _)| *owner != gone));
            for table in schema.tables.values_mut() {
                table.foreign_keys.retain(|key| key.references != gone);
            }
        }
        for view in readers(fold, &gone) {
            table(fold, &view);
        }
        columns_of_type(fold, &gone);
    }
}

/// The views that read a relation.
pub(crate) fn readers(fold: &Fold, name: &QualifiedName) -> Vec<QualifiedName> {
    fold.catalog.tables().filter(|table| table.reads.contains(name)).map(|table| table.name.clone()).collect()
}

/// DROP TYPE and DROP DOMAIN, with the columns of that type.
pub(crate) fn types(fold: &mut Fold, node: Node<'_>) -> Outcome {
    for target in
        node.children().filter(|child| matches!(child.kind(), Kind::TYPE_NAME_REF | Kind::DOMAIN_REF))
    {
        let name = fold.resolve_type_name(&name::name(target));
        drop_type(fold, &name);
    }
    Ok(())
}

/// Takes a type away with the columns, attributes and domains that are made of it.
pub(crate) fn drop_type(fold: &mut Fold, name: &QualifiedName) {
    let Some(schema) = fold.catalog.schemas.get_mut(&name.schema) else { return };
    schema.enums.remove(&name.name);
    schema.domains.remove(&name.name);
    schema.composites.remove(&name.name);
    schema.ranges.remove(&name.name);
    columns_of_type(fold, name);
}

/// Drops the columns whose type is gone, and the domains over it.
pub(crate) fn columns_of_type(fold: &mut Fold, ty: &QualifiedName) {
    if ty.schema.is_empty() {
        return;
    }
    let uses: Vec<(QualifiedName, String)> = fold
        .catalog
        .tables()
        .flat_map(|table| table.columns.iter().map(move |column| (table, column)))
        .filter(|(_, column)| column.ty.as_ref().is_some_and(|used| used.name == *ty))
        .map(|(table, column)| (table.name.clone(), column.name.clone()))
        .collect();
    for (table, column) in uses {
        drop_readers(fold, &table, &column);
        take_column(fold, &table, &column);
    }
    let over: Vec<QualifiedName> = fold
        .catalog
        .domains()
        .filter(|domain| domain.base.name == *ty)
        .map(|domain| domain.name.clone())
        .collect();
    for domain in over {
        fold.schema(&domain.schema).domains.remove(&domain.name);
        columns_of_type(fold, &domain);
    }
    for schema in fold.catalog.schemas.values_mut() {
        for composite in schema.composites.values_mut() {
            composite.fields.retain(|field| field.ty.name != *ty);
        }
    }
}

/// DROP INDEX.
pub(crate) fn indexes(fold: &mut Fold, node: Node<'_>) -> Outcome {
    for target in node.all(Kind::INDEX_REF) {
        let written = name::name(target);
        let has = |schema: &Schema, name: &str| {
            schema.tables.values().any(|table| table.indexes.iter().any(|index| index.name == name))
        };
        match fold.find(&written, has) {
            Some(found) => {
                for table in fold.schema(&found.schema).tables.values_mut() {
                    table.indexes.retain(|index| index.name != found.name);
                }
            }
            None if node.has(Kind::IF_EXISTS) || fold.may_be_elsewhere(&written) => {}
            None => return Err(fold.missing("index", &written, index_names)),
        }
    }
    Ok(())
}

/// ALTER TABLE … DROP COLUMN.
pub(crate) fn column(fold: &mut Fold, table: &QualifiedName, action: Node<'_>) -> Outcome {
    let Some(column) = action.child(Kind::COLUMN_NAME_REF).map(name::identifier) else {
        return Ok(());
    };
    let Some(found) = fold.catalog.table_named(table) else {
        return Ok(());
    };
    if found.column(&column).is_none() {
        let fine = action.has(Kind::IF_EXISTS) || found.opaque.is_some();
        return if fine { Ok(()) } else { Err(Missing::column(&column, &[found]).into()) };
    }
    for child in fold.family(table).into_iter().skip(1) {
        let found = fold.table_mut(&child);
        let own =
            found.and_then(|table| table.columns.iter_mut().find(|own| own.name == column && own.inherited));
        match own {
            Some(own) if own.local => own.inherited = false,
            Some(_) => take_column(fold, &child, &column),
            None => {}
        }
    }
    if action.has(Kind::CASCADE) {
        drop_readers(fold, table, &column);
    }
    let origin = fold.origin(action);
    if let Some(table) = fold.table_mut(table) {
        let renamed = table.gone.iter_mut().filter(|gone| gone.renamed.as_ref() == Some(&column));
        renamed.for_each(|gone| (gone.renamed, gone.origin) = (None, origin.clone()));
        table.gone.push(GoneColumn { name: column.clone(), renamed: None, origin });
    }
    take_column(fold, table, &column);
    Ok(())
}

/// Drops the views that read a column: those that read the table and name the column or ask for all of them.
fn drop_readers(fold: &mut Fold, table: &QualifiedName, column: &str) {
    for view in readers(fold, table) {
        let text = fold.catalog.table_named(&view).and_then(|view| view.definition.as_deref());
        if text.is_some_and(|text| expression_text::mentions(text, column)) {
            self::table(fold, &view);
        }
    }
}

/// Takes a column away with the constraints and indexes that name it, the foreign keys that need those, the
/// columns that are generated from it, its sequence, and the views that read the table and the column.
pub(crate) fn take_column(fold: &mut Fold, table: &QualifiedName, column: &str) {
    let Some(found) = fold.table_mut(table) else {
        return;
    };
    found.columns.retain(|candidate| candidate.name != column);
    let names = |columns: &[String]| columns.iter().any(|name| name == column);
    let lost_keys: Vec<Vec<String>> = found
        .keys()
        .filter(|key| names(&key.columns) || names(&key.include))
        .map(|key| key.columns.clone())
        .collect();
    found.primary_key.take_if(|key| names(&key.columns) || names(&key.include));
    found.unique_keys.retain(|key| !names(&key.columns) && !names(&key.include));
    found.foreign_keys.retain(|key| !names(&key.columns));
    found.checks.retain(|check| !names(&check.expression.columns));
    found.exclusions.retain(|exclusion| {
        !names(&exclusion.elements.columns)
            && !exclusion.predicate.as_ref().is_some_and(|predicate| names(&predicate.columns))
    });
    found.indexes.retain(|index| !index.mentions(column));
    let generated: Vec<String> = found
        .columns
        .iter()
        .filter(|other| {
            other.generated.as_ref().is_some_and(|generated| names(&generated.expression.columns))
        })
        .map(|other| other.name.clone())
        .collect();
    for key in lost_keys {
        drop_references(fold, table, &key);
    }
    for schema in fold.catalog.schemas.values_mut() {
        schema.sequences.retain(|_, sequence| {
            sequence.owned_by.as_ref().is_none_or(|(owner, owned)| owner != table || owned != column)
        });
        for other in schema.tables.values_mut() {
            other.foreign_keys.retain(|key| key.references != *table || !names(&key.referenced_columns));
        }
    }
    for other in generated {
        take_column(fold, table, &other);
    }
}

/// Drops the foreign keys that point at exactly these columns, when no key is left there that they could use.
fn drop_references(fold: &mut Fold, table: &QualifiedName, columns: &[String]) {
    let left = fold
        .catalog
        .table_named(table)
        .is_some_and(|table| table.keys().any(|key| same(&key.columns, columns)));
    if left {
        return;
    }
    for schema in fold.catalog.schemas.values_mut() {
        for other in schema.tables.values_mut() {
            other
                .foreign_keys
                .retain(|key| key.references != *table || !same(&key.referenced_columns, columns));
        }
    }
}

fn same(left: &[String], right: &[String]) -> bool {
    left.len() == right.len() && left.iter().all(|name| right.contains(name))
}

/// ALTER TABLE … DROP CONSTRAINT.
pub(crate) fn constraint(fold: &mut Fold, table: &QualifiedName, action: Node<'_>) -> Outcome {
    let Some(wanted) = action.child(Kind::CONSTRAINT_NAME_REF).map(|node| name::name(node).name) else {
        return Ok(());
    };
    let family = fold.family(table);
    if !take_constraint(fold, table, &wanted, false) && !take_not_null(fold, table, &wanted) {
        let Some(table) = fold.catalog.table_named(table) else { return Ok(()) };
        if !action.has(Kind::IF_EXISTS) && table.opaque.is_none() {
            return Err(missing_constraint(table, &wanted).into());
        }
    }
    for child in family.iter().skip(1) {
        take_constraint(fold, child, &wanted, true);
    }
    Ok(())
}

/// Since PostgreSQL 18 NOT NULL is a constraint with a name: `table_column_not_null` unless one was given.
fn take_not_null(fold: &mut Fold, table: &QualifiedName, constraint: &str) -> bool {
    let Some(found) = fold.table_mut(table) else { return false };
    let column = found
        .columns
        .iter_mut()
        .find(|column| constraint == format!("{}_{}_not_null", table.name, column.name));
    column.map(|column| column.not_null = false).is_some()
}

/// Takes a constraint away; foreign keys that need a dropped key go too. True when it was there.
fn take_constraint(fold: &mut Fold, table: &QualifiedName, name: &str, only_inherited: bool) -> bool {
    let Some(found) = fold.table_mut(table) else {
        return false;
    };
    let count = |table: &Table| {
        table.keys().count() + table.foreign_keys.len() + table.checks.len() + table.exclusions.len()
    };
    let before = count(found);
    let key = found.keys().find(|key| key.name == name && !only_inherited).map(|key| key.columns.clone());
    found.foreign_keys.retain(|key| key.name != name || (only_inherited && !key.inherited));
    found.checks.retain(|check| check.name != name || (only_inherited && (!check.inherited || check.local)));
    if only_inherited {
        found.checks.iter_mut().filter(|check| check.name == name).for_each(|check| check.inherited = false);
    }
    if !only_inherited {
        found.primary_key.take_if(|key| key.name == name);
        found.unique_keys.retain(|key| key.name != name);
        found.exclusions.retain(|exclusion| exclusion.name != name);
    }
    let gone = count(found) != before;
    if let Some(columns) = key {
        drop_references(fold, table, &columns);
        for partition in fold.partitions(table) {
            drop_partition_key(fold, &partition, &columns);
        }
    }
    gone
}

/// The key that a partition had from its parent goes with the parent's.
fn drop_partition_key(fold: &mut Fold, partition: &QualifiedName, columns: &[String]) {
    let found =
        fold.catalog.table_named(partition).and_then(|table| table.keys().find(|key| key.columns == columns));
    if let Some(name) = found.map(|key| key.name.clone()) {
        take_constraint(fold, partition, &name, false);
    }
}
