//! RENAME and SET SCHEMA: the object itself, and everything that names it.

use crate::analyse::name::{self, Name};
use crate::apply::constraint_name::{has_index, index_names, missing_constraint};
use crate::apply::fold::Fold;
use crate::apply::problem::{Outcome, Problem};
use crate::apply::{move_object, rename_in_table};
use crate::catalog::GoneColumn;
use crate::identifier::QualifiedName;
use crate::missing::Missing;
use crate::parse::{Kind, Node};

/// ALTER TABLE … RENAME TO, which is also accepted for views, indexes and sequences.
pub(crate) fn relation(fold: &mut Fold, from: &QualifiedName, action: Node<'_>) -> Outcome {
    let new = action.children().filter(|child| !child.is_token()).last().map(|node| name::name(node).name);
    let Some(new) = new else { return Ok(()) };
    let to = QualifiedName::new(from.schema.clone(), new);
    if fold.is_relation(&to.schema, &to.name) {
        return Err(Problem::new(format!("a relation `{to}` exists already")));
    }
    move_object::relation(fold, from, &to);
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
    move_object::relation(fold, from, &to);
    for sequence in owned {
        let moved = QualifiedName::new(to.schema.clone(), sequence.name.clone());
        move_object::sequence(fold, &sequence, moved);
    }
    Ok(())
}

/// RENAME COLUMN, in the tables that inherit it and in all that names it.
pub(crate) fn column(fold: &mut Fold, table: &QualifiedName, action: Node<'_>) -> Outcome {
    let Some(from) = action.child(Kind::COLUMN_NAME_REF).map(name::identifier) else {
        return Ok(());
    };
    let Some(to) = action.child(Kind::COLUMN_NAME).map(name::identifier) else {
        return Ok(());
    };
    let origin = fold.origin(action);
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
            None => return Err(Missing::column(&from, &[found]).into()),
        }
        // What was renamed before has a new name once more.
        let renamed = found.gone.iter_mut().filter(|gone| gone.renamed.as_ref() == Some(&from));
        renamed.for_each(|gone| gone.renamed = Some(to.clone()));
        found.gone.push(GoneColumn { name: from.clone(), renamed: Some(to.clone()), origin: origin.clone() });
        rename_in_table::column(found, &from, &to);
        for schema in fold.catalog.schemas.values_mut() {
            let keys = schema.tables.values_mut().flat_map(|table| &mut table.foreign_keys);
            for key in keys.filter(|key| key.references == name) {
                rename_in_table::replace(&mut key.referenced_columns, &from, &to);
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
        renamed |= rename_in_table::constraint(found, &from, &to);
    }
    match fold.catalog.table_named(table) {
        Some(table) if !renamed && table.opaque.is_none() => Err(missing_constraint(table, &from).into()),
        _ => Ok(()),
    }
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
        return if fine { Ok(()) } else { Err(fold.missing("index", &written, index_names)) };
    };
    move_object::index(fold, &found, &to);
    Ok(())
}
