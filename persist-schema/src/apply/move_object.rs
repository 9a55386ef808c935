//! Gives objects another name or schema, and lets everything follow that names them.

use crate::apply::constraint_name::has_index;
use crate::apply::fold::Fold;
use crate::apply::next_value::next_value;
use crate::apply::rename_in_table;
use crate::identifier::QualifiedName;
use crate::pg_type::PgType;

/// Gives a table another name or schema.
pub(crate) fn relation(fold: &mut Fold, from: &QualifiedName, to: &QualifiedName) {
    let Some(mut table) =
        fold.catalog.schemas.get_mut(&from.schema).and_then(|s| s.tables.remove(&from.name))
    else {
        return;
    };
    table.name.clone_from(to);
    rename_in_table::qualifier(&mut table, &from.name, &to.name);
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
pub(crate) fn sequence(fold: &mut Fold, from: &QualifiedName, to: QualifiedName) {
    let Some(mut moved) = fold.schema(&from.schema).sequences.remove(&from.name) else {
        return;
    };
    let (old, new) = (next_value(from), next_value(&to));
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
pub(crate) fn user_type(fold: &mut Fold, from: &QualifiedName, to: &QualifiedName) {
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
fn types_follow(fold: &mut Fold, from: &QualifiedName, to: &QualifiedName) {
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

/// Gives an index, or a key and its index, another name.
pub(crate) fn index(fold: &mut Fold, from: &QualifiedName, to: &str) {
    fold.remember(to);
    for table in fold.schema(&from.schema).tables.values_mut() {
        if let Some(index) = table.indexes.iter_mut().find(|index| index.name == from.name) {
            to.clone_into(&mut index.name);
        } else if has_index(table, &from.name) {
            rename_in_table::constraint(table, &from.name, to);
        }
    }
}
