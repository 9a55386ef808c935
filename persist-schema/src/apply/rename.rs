//! RENAME and SET SCHEMA: the object itself, and everything that names it.

use crate::analyse::expression_text;
use crate::analyse::name::{self, Name};
use crate::apply::constraint::{missing_column, rename_in};
use crate::apply::constraint_name::has_index;
use crate::apply::{Fold, Outcome, Problem, sequence};
use crate::catalog::{Expression, IndexTarget, Table};
use crate::identifier::QualifiedName;
use crate::parse::{Kind, Node};
use crate::pg_type::PgType;

/// ALTER TABLE … RENAME TO, which is also accepted for views, indexes and sequences.
pub(crate) fn relation(fold: &mut Fold, from: &QualifiedName, action: Node<'_>) -> Outcome {
    let new = action.children().filter(|child| !child.is_token()).last().map(|node| name::name(node).name);
    let Some(new) = new else { return Ok(()) };
    let to = QualifiedName::new(from.schema.clone(), new);
    if fold.is_relation(&to.schema, &to.name) {
        return Err(Problem::new(format!("a relation `{to}` exists already")));
    }
    move_relation(fold, from, &to);
    Ok(())
}

/// ALTER TABLE … SET SCHEMA: indexes, constraints and owned sequences go along.
pub(crate) fn set_schema(fold: &mut Fold, from: &QualifiedName, action: Node<'_>) -> Outcome {
    let Some(schema) = action.child(Kind::SCHEMA_REF).map(name::identifier) else {
        return Ok(());
    };
    let to = QualifiedName::new(schema, from.name.clone());
    let owned: Vec<QualifiedName> = fold
        .schema(&from.schema)
        .sequences
        .values()
        .filter(|sequence| sequence.owned_by.as_ref().is_some_and(|(owner, _)| owner == from))
        .map(|sequence| sequence.name.clone())
        .collect();
    move_relation(fold, from, &to);
    for sequence in owned {
        let moved = QualifiedName::new(to.schema.clone(), sequence.name.clone());
        move_sequence(fold, &sequence, moved);
    }
    Ok(())
}

/// Gives a table another name or schema.
pub(crate) fn move_relation(fold: &mut Fold, from: &QualifiedName, to: &QualifiedName) {
    let Some(mut table) =
        fold.catalog.schemas.get_mut(&from.schema).and_then(|s| s.tables.remove(&from.name))
    else {
        return;
    };
    table.name.clone_from(to);
    for expression in expressions(&mut table) {
        expression.text = expression_text::rename_table(&expression.text, &from.name, &to.name);
    }
    fold.schema(&to.schema).tables.insert(to.name.clone(), table);
    let follow = |name: &mut QualifiedName| {
        if name == from {
            name.clone_from(to);
        }
    };
    for schema in fold.catalog.schemas.values_mut() {
        for table in schema.tables.values_mut() {
            table.foreign_keys.iter_mut().for_each(|key| follow(&mut key.references));
            table.inherits.iter_mut().for_each(follow);
            table.reads.iter_mut().for_each(follow);
            if let Some(partition) = &mut table.partition_of {
                follow(&mut partition.parent);
            }
        }
        for sequence in schema.sequences.values_mut() {
            if let Some((owner, _)) = &mut sequence.owned_by {
                follow(owner);
            }
        }
    }
    types_follow(fold, from, to);
}

/// Gives a sequence another name; the defaults that take values from it follow.
pub(crate) fn move_sequence(fold: &mut Fold, from: &QualifiedName, to: QualifiedName) {
    let Some(mut moved) = fold.schema(&from.schema).sequences.remove(&from.name) else {
        return;
    };
    let (old, new) = (sequence::next_value(from), sequence::next_value(&to));
    moved.name.clone_from(&to);
    fold.schema(&to.schema).sequences.insert(to.name, moved);
    for schema in fold.catalog.schemas.values_mut() {
        for column in schema.tables.values_mut().flat_map(|table| &mut table.columns) {
            if column.default.as_ref() == Some(&old) {
                column.default = Some(new.clone());
            }
        }
    }
}

/// Gives a type another name or schema.
pub(crate) fn move_type(fold: &mut Fold, from: &QualifiedName, to: &QualifiedName) {
    let schema = fold.schema(&from.schema);
    let found = (
        schema.enums.remove(&from.name),
        schema.domains.remove(&from.name),
        schema.composites.remove(&from.name),
        schema.ranges.remove(&from.name),
    );
    let schema = fold.schema(&to.schema);
    if let Some(mut ty) = found.0 {
        ty.name.clone_from(to);
        schema.enums.insert(to.name.clone(), ty);
    }
    if let Some(mut ty) = found.1 {
        ty.name.clone_from(to);
        schema.domains.insert(to.name.clone(), ty);
    }
    if let Some(mut ty) = found.2 {
        ty.name.clone_from(to);
        schema.composites.insert(to.name.clone(), ty);
    }
    if let Some(mut ty) = found.3 {
        ty.name.clone_from(to);
        schema.ranges.insert(to.name.clone(), ty);
    }
    types_follow(fold, from, to);
}

/// Every use of a type follows its new name.
pub(crate) fn types_follow(fold: &mut Fold, from: &QualifiedName, to: &QualifiedName) {
    let follow = |ty: &mut PgType| {
        if ty.name == *from {
            ty.name.clone_from(to);
        }
    };
    for schema in fold.catalog.schemas.values_mut() {
        let columns = schema.tables.values_mut().flat_map(|table| &mut table.columns);
        columns.filter_map(|column| column.ty.as_mut()).for_each(follow);
        schema.domains.values_mut().for_each(|domain| follow(&mut domain.base));
        schema.ranges.values_mut().for_each(|range| follow(&mut range.subtype));
        schema
            .composites
            .values_mut()
            .flat_map(|found| &mut found.fields)
            .for_each(|field| follow(&mut field.ty));
        for function in &mut schema.functions {
            function.arguments.iter_mut().flatten().for_each(follow);
            function.returns.iter_mut().for_each(follow);
        }
    }
}

/// RENAME COLUMN, in the tables that inherit it and in all that names it.
pub(crate) fn column(fold: &mut Fold, table: &QualifiedName, action: Node<'_>) -> Outcome {
    let Some(from) = action.child(Kind::COLUMN_NAME_REF).map(name::identifier) else {
        return Ok(());
    };
    let Some(to) = action.child(Kind::COLUMN_NAME).map(name::identifier) else {
        return Ok(());
    };
    for name in fold.family(table) {
        let Some(found) = fold.table_mut(&name) else {
            continue;
        };
        if found.column(&to).is_some() {
            return Err(Problem::new(format!("`{name}` has a column `{to}` already")));
        }
        match found.columns.iter_mut().find(|column| column.name == from) {
            Some(column) => column.name.clone_from(&to),
            None if found.opaque.is_some() => {}
            None => return Err(missing_column(found, &from)),
        }
        column_in_table(found, &from, &to);
        for schema in fold.catalog.schemas.values_mut() {
            let keys = schema.tables.values_mut().flat_map(|table| &mut table.foreign_keys);
            for key in keys.filter(|key| key.references == name) {
                replace(&mut key.referenced_columns, &from, &to);
            }
            for sequence in schema.sequences.values_mut() {
                if let Some((owner, column)) = &mut sequence.owned_by
                    && *owner == name
                    && *column == from
                {
                    column.clone_from(&to);
                }
            }
        }
    }
    Ok(())
}

fn column_in_table(table: &mut Table, from: &str, to: &str) {
    for key in table.primary_key.iter_mut().chain(&mut table.unique_keys) {
        replace(&mut key.columns, from, to);
        replace(&mut key.include, from, to);
    }
    for key in &mut table.foreign_keys {
        replace(&mut key.columns, from, to);
        replace(&mut key.on_delete_columns, from, to);
    }
    for index in &mut table.indexes {
        replace(&mut index.include, from, to);
        for key in &mut index.keys {
            if let IndexTarget::Column(name) = &mut key.target
                && name == from
            {
                to.clone_into(name);
            }
        }
    }
    expressions(table).into_iter().for_each(|expression| rename_in(expression, from, to));
}

/// All expressions over the columns of a table.
fn expressions(table: &mut Table) -> Vec<&mut Expression> {
    let mut found: Vec<&mut Expression> =
        table.checks.iter_mut().map(|check| &mut check.expression).collect();
    for exclusion in &mut table.exclusions {
        found.push(&mut exclusion.elements);
        found.extend(exclusion.predicate.as_mut());
    }
    for index in &mut table.indexes {
        found.extend(index.predicate.as_mut());
        found.extend(index.keys.iter_mut().filter_map(|key| match &mut key.target {
            IndexTarget::Expression(expression) => Some(expression),
            IndexTarget::Column(_) => None,
        }));
    }
    let generated = table.columns.iter_mut().filter_map(|column| column.generated.as_mut());
    found.extend(generated.map(|generated| &mut generated.expression));
    found
}

fn replace(names: &mut [String], from: &str, to: &str) {
    for name in names.iter_mut().filter(|name| *name == from) {
        to.clone_into(name);
    }
}

/// RENAME CONSTRAINT.
pub(crate) fn constraint(fold: &mut Fold, table: &QualifiedName, action: Node<'_>) -> Outcome {
    let Some(from) = action.child(Kind::CONSTRAINT_NAME_REF).map(|node| name::name(node).name) else {
        return Ok(());
    };
    let Some(to) = action.child(Kind::CONSTRAINT_NAME).map(name::identifier) else {
        return Ok(());
    };
    fold.remember(&to);
    let mut renamed = false;
    for name in fold.family(table) {
        let Some(found) = fold.table_mut(&name) else {
            continue;
        };
        renamed |= rename_constraint(found, &from, &to);
    }
    match renamed || fold.catalog.table_named(table).is_none_or(|table| table.opaque.is_some()) {
        true => Ok(()),
        false => Err(Problem::new(format!("the table `{table}` has no constraint `{from}`"))),
    }
}

fn rename_constraint(table: &mut Table, from: &str, to: &str) -> bool {
    let keys = table.primary_key.iter_mut().chain(&mut table.unique_keys).map(|key| &mut key.name);
    let foreign = table.foreign_keys.iter_mut().map(|key| &mut key.name);
    let checks = table.checks.iter_mut().map(|check| &mut check.name);
    let exclusions = table.exclusions.iter_mut().map(|exclusion| &mut exclusion.name);
    let mut found = keys.chain(foreign).chain(checks).chain(exclusions).filter(|name| *name == from);
    found.next().map(|name| to.clone_into(name)).is_some()
}

/// ALTER INDEX … RENAME TO; the index of a key takes the key's name along.
pub(crate) fn index(fold: &mut Fold, node: Node<'_>) -> Outcome {
    let (Some(target), Some(action)) = (node.child(Kind::INDEX_REF), node.child(Kind::INDEX_RENAME_TO))
    else {
        return Ok(());
    };
    let Some(to) = action.child(Kind::INDEX).map(|node| name::name(node).name) else {
        return Ok(());
    };
    let written: Name = name::name(target);
    let found =
        fold.find(&written, |schema, name| schema.tables.values().any(|table| has_index(table, name)));
    let Some(found) = found else {
        let fine = node.has(Kind::IF_EXISTS) || fold.may_be_elsewhere(&written);
        return if fine { Ok(()) } else { Err(fold.missing("index", &written)) };
    };
    move_index(fold, &found, &to);
    Ok(())
}

/// Gives an index, or a key and its index, another name.
pub(crate) fn move_index(fold: &mut Fold, from: &QualifiedName, to: &str) {
    fold.remember(to);
    for table in fold.schema(&from.schema).tables.values_mut() {
        if let Some(index) = table.indexes.iter_mut().find(|index| index.name == from.name) {
            to.clone_into(&mut index.name);
        } else if has_index(table, &from.name) {
            rename_constraint(table, &from.name, to);
        }
    }
}
