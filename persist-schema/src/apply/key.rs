//! Primary keys and UNIQUE constraints.

use crate::analyse::name;
use crate::apply::change_column::set_not_null;
use crate::apply::constraint_clauses::{given_name, timing};
use crate::apply::constraint_name::index_column_names;
use crate::apply::fold::Fold;
use crate::apply::problem::{Outcome, Problem};
use crate::catalog::Key;
use crate::identifier::QualifiedName;
use crate::missing::{Missing, owner};
use crate::parse::{Kind, Node};

/// Adds a primary key or UNIQUE constraint.
pub(crate) fn add(fold: &mut Fold, table: &QualifiedName, node: Node<'_>, column: Option<&str>) -> Outcome {
    let primary = node.is(Kind::PRIMARY_KEY_CONSTRAINT);
    let key = read(fold, node, column);
    match node.child(Kind::USING_INDEX_NAME) {
        Some(index) => adopt_index(fold, table, name::name(index).name, key, primary),
        None => push(fold, table, key, primary),
    }
}

/// Reads a primary key or UNIQUE constraint; its name is empty where none was given.
fn read(fold: &Fold, node: Node<'_>, column: Option<&str>) -> Key {
    let timing = timing(node);
    let mut key = Key {
        name: given_name(node).unwrap_or_default(),
        columns: Vec::new(),
        include: Vec::new(),
        nulls_not_distinct: node.find(Kind::NULLS_NOT_DISTINCT).is_some(),
        deferrable: timing.deferrable,
        initially_deferred: timing.initially_deferred,
        comment: None,
        origin: fold.origin(node),
    };
    let parameters = node.child(Kind::INDEX_PARAMETERS).unwrap_or(node);
    if let Some(list) = parameters.child(Kind::CONSTRAINT_COLUMN_REF_LIST) {
        key.columns = name::identifiers(list, Kind::COLUMN_NAME_REF);
    } else if let Some(column) = column {
        key.columns = vec![column.to_owned()];
    }
    if let Some(include) = parameters.child(Kind::CONSTRAINT_INCLUDE_CLAUSE) {
        key.include = name::identifiers(include, Kind::COLUMN_NAME_REF);
    }
    key
}

/// Adds the keys of one statement: the primary key first, and of equal ones only the first, as the server
/// does.
pub(crate) fn add_all(
    fold: &mut Fold,
    table: &QualifiedName,
    nodes: &[(Node<'_>, Option<String>)],
) -> Outcome {
    let mut keys: Vec<(Key, bool)> = Vec::new();
    for (node, column) in nodes {
        let key = read(fold, *node, column.as_deref());
        let same = |kept: &Key| {
            kept.columns == key.columns
                && kept.include == key.include
                && kept.nulls_not_distinct == key.nulls_not_distinct
                && kept.deferrable == key.deferrable
                && kept.initially_deferred == key.initially_deferred
        };
        match keys.iter_mut().find(|(kept, _)| same(kept)) {
            Some((kept, _)) if kept.name.is_empty() => kept.name.clone_from(&key.name),
            Some(_) => {}
            None => keys.push((key, node.is(Kind::PRIMARY_KEY_CONSTRAINT))),
        }
    }
    keys.into_iter().try_for_each(|(key, primary)| push(fold, table, key, primary))
}

/// Adds a key to a table and to its partitions, naming it where it has no name.
pub(crate) fn push(fold: &mut Fold, table: &QualifiedName, mut key: Key, primary: bool) -> Outcome {
    let anything = fold.anything_may_have_happened();
    let Some(found) = fold.table_mut(table) else {
        return Ok(());
    };
    // The one before has gone by a statement that could not be followed, else this one would fail.
    if primary && anything {
        found.primary_key = None;
    }
    if primary && let Some(existing) = &found.primary_key {
        return Err(Problem::new(format!("`{table}` has a primary key already ({})", existing.origin)));
    }
    if let Some(missing) = key.columns.iter().chain(&key.include).find(|name| found.column(name).is_none())
        && found.opaque.is_none()
    {
        return Err(Missing::column(missing, &[found]).into());
    }
    if key.name.is_empty() {
        let columns = index_column_names(key.columns.iter().chain(&key.include).cloned());
        key.name = if primary {
            fold.choose_primary_key_name(table)
        } else {
            fold.choose_unique_name(table, &columns)
        };
    }
    if primary {
        for column in &key.columns {
            set_not_null(fold, table, column)?;
        }
    }
    fold.remember(&key.name);
    let unnamed = Key { name: String::new(), comment: None, ..key.clone() };
    if let Some(found) = fold.table_mut(table) {
        if primary {
            found.primary_key = Some(key);
        } else {
            found.unique_keys.push(key);
        }
    }
    for partition in fold.partitions(table) {
        inherit(fold, &partition, unnamed.clone(), primary)?;
    }
    Ok(())
}

/// Gives a partition a key of its parent, unless it has the same one already.
pub(crate) fn inherit(fold: &mut Fold, partition: &QualifiedName, key: Key, primary: bool) -> Outcome {
    let same = fold.table_mut(partition).is_some_and(|table| {
        table.primary_key.as_ref().filter(|_| primary).is_some_and(|own| own.columns == key.columns)
            || (!primary && table.unique_keys.iter().any(|own| own.columns == key.columns))
    });
    if same { Ok(()) } else { push(fold, partition, Key { name: String::new(), ..key }, primary) }
}

/// ADD … USING INDEX: the index becomes the key's own, and takes its name.
fn adopt_index(fold: &mut Fold, table: &QualifiedName, index: String, key: Key, primary: bool) -> Outcome {
    let Some(found) = fold.table_mut(table) else {
        return Ok(());
    };
    let Some(position) = found.indexes.iter().position(|candidate| candidate.name == index) else {
        let owner = owner("table", table, &found.origin);
        let names = found.indexes.iter().map(|index| index.name.as_str());
        return Err(Missing::part(&owner, "index", &index, names).into());
    };
    let adopted = found.indexes.remove(position);
    let name = if key.name.is_empty() { adopted.name.clone() } else { key.name.clone() };
    let columns = adopted.columns().unwrap_or_default();
    let (include, nulls_not_distinct) = (adopted.include, adopted.nulls_not_distinct);
    push(fold, table, Key { name, columns, include, nulls_not_distinct, ..key }, primary)
}
