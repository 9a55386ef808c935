//! ALTER TABLE.

use crate::analyse::name::{self, Name};
use crate::apply::constraint_clauses::timing;
use crate::apply::constraint_name::has_index;
use crate::apply::fold::Fold;
use crate::apply::problem::{Outcome, Problem};
use crate::apply::{alter_column, attach, column, constraint, drop, move_object, rename, sequence};
use crate::catalog::{Column, RowSecurity};
use crate::identifier::QualifiedName;
use crate::parse::{Kind, Node};

pub(crate) fn apply(fold: &mut Fold, node: Node<'_>) -> Outcome {
    let Some(relation) = node.child(Kind::TABLE_RELATION_NAME) else {
        return Ok(());
    };
    let written = name::name(relation);
    if fold.find_table(&written).is_none()
        && let Some(other) = other_relation(fold, &written)
    {
        return alter_other(fold, &other, node);
    }
    let Some(table) = find(fold, node, &written)? else {
        return Ok(());
    };
    let mut actions: Vec<Node<'_>> =
        node.children().skip_while(|child| child.start() <= relation.start()).collect();
    actions.retain(|action| !action.is_token());
    actions.sort_by_key(|action| pass(*action));
    for action in actions {
        alter(fold, &table, action, relation.has(Kind::ONLY_KW))?;
    }
    Ok(())
}

fn find(fold: &mut Fold, node: Node<'_>, written: &Name) -> Result<Option<QualifiedName>, Problem> {
    if node.has(Kind::IF_EXISTS) { Ok(fold.find_table(written)) } else { fold.require_table(written) }
}

/// A sequence or an index: ALTER TABLE takes their names too.
fn other_relation(fold: &Fold, written: &Name) -> Option<QualifiedName> {
    sequence::find(fold, written).or_else(|| {
        fold.find(written, |schema, name| schema.tables.values().any(|table| has_index(table, name)))
    })
}

fn alter_other(fold: &mut Fold, name: &QualifiedName, node: Node<'_>) -> Outcome {
    let Some(to) = node.child(Kind::TABLE_RENAME_TO).and_then(|action| action.child(Kind::TABLE_NAME)) else {
        return Ok(());
    };
    let to = name::name(to).name;
    if fold.schema(&name.schema).sequences.contains_key(&name.name) {
        move_object::sequence(fold, name, QualifiedName::new(name.schema.clone(), to));
    } else {
        move_object::index(fold, name, &to);
    }
    Ok(())
}

/// The server sorts the actions of one statement, so that for instance a new column is there for a new key.
fn pass(action: Node<'_>) -> u8 {
    match action.kind() {
        Kind::DROP_COLUMN | Kind::DROP_CONSTRAINT => 0,
        Kind::ALTER_COLUMN if action.has(Kind::SET_TYPE) => 1,
        Kind::ADD_COLUMN => 2,
        Kind::ALTER_COLUMN => 3,
        Kind::ADD_CONSTRAINT => {
            4 + action.children().map(|child| constraint::rank(child.kind())).max().unwrap_or_default()
        }
        _ => 10,
    }
}

/// One action of ALTER TABLE.
pub(crate) fn alter(fold: &mut Fold, table: &QualifiedName, action: Node<'_>, only: bool) -> Outcome {
    match action.kind() {
        Kind::ADD_COLUMN => add_column(fold, table, action),
        Kind::DROP_COLUMN => drop::column(fold, table, action),
        Kind::ALTER_COLUMN | Kind::ALTER_VIEW_COLUMN => alter_column::apply(fold, table, action, only),
        Kind::ADD_CONSTRAINT => match action.children().find(|child| !child.is_token()) {
            Some(added) => constraint::add(fold, table, added, None),
            None => Ok(()),
        },
        Kind::DROP_CONSTRAINT => drop::constraint(fold, table, action),
        Kind::VALIDATE_CONSTRAINT => validate(fold, table, action),
        Kind::ALTER_CONSTRAINT => defer(fold, table, action),
        Kind::RENAME_COLUMN => rename::column(fold, table, action),
        Kind::RENAME_CONSTRAINT => rename::constraint(fold, table, action),
        Kind::TABLE_RENAME_TO | Kind::VIEW_RENAME_TO => rename::relation(fold, table, action),
        Kind::SET_SCHEMA => rename::set_schema(fold, table, action),
        Kind::ATTACH_PARTITION => attach::attach(fold, table, action),
        Kind::DETACH_PARTITION => attach::detach(fold, table, action),
        Kind::INHERIT_TABLE => attach::inherit(fold, table, action),
        Kind::NO_INHERIT_TABLE => attach::no_inherit(fold, table, action),
        kind => {
            set_facts(fold, table, kind, action);
            Ok(())
        }
    }
}

/// Actions that only set a fact about the table. Those that are not listed do not change what is described.
fn set_facts(fold: &mut Fold, table: &QualifiedName, kind: Kind, action: Node<'_>) {
    let Some(table) = fold.table_mut(table) else {
        return;
    };
    let security: &mut RowSecurity = &mut table.row_security;
    match kind {
        Kind::ENABLE_RLS => security.enabled = true,
        Kind::DISABLE_RLS => security.enabled = false,
        Kind::FORCE_RLS => security.forced = true,
        Kind::NO_FORCE_RLS => security.forced = false,
        Kind::SET_LOGGED => table.unlogged = false,
        Kind::SET_UNLOGGED => table.unlogged = true,
        Kind::DISABLE_TRIGGER
        | Kind::ENABLE_TRIGGER
        | Kind::ENABLE_ALWAYS_TRIGGER
        | Kind::ENABLE_REPLICA_TRIGGER => {
            let only = action.child(Kind::TRIGGER_REF).map(name::identifier);
            for trigger in &mut table.triggers {
                if only.as_ref().is_none_or(|name| *name == trigger.name) {
                    trigger.enabled = kind != Kind::DISABLE_TRIGGER;
                }
            }
        }
        _ => {}
    }
}

/// ADD COLUMN, for the tables that inherit too.
fn add_column(fold: &mut Fold, table: &QualifiedName, action: Node<'_>) -> Outcome {
    let Some(found) = fold.catalog.table_named(table).cloned() else {
        return Ok(());
    };
    let written = action.child(Kind::COLUMN_NAME).map(name::identifier).unwrap_or_default();
    if let Some(existing) = found.column(&written) {
        let exists = format!("`{table}` has a column `{written}` already ({})", existing.origin);
        return if action.has(Kind::IF_NOT_EXISTS) { Ok(()) } else { Err(Problem::new(exists)) };
    }
    let Some(definition) = column::read(fold, &found, action) else {
        return Ok(());
    };
    let mut new = definition.column;
    if let Some(generated) = &mut new.generated {
        generated.expression.columns.retain(|name| found.column(name).is_some());
    }
    for (depth, name) in fold.family(table).iter().enumerate() {
        let Some(found) = fold.table_mut(name) else {
            continue;
        };
        match found.columns.iter_mut().find(|existing| existing.name == new.name) {
            Some(existing) => existing.inherited = true,
            None => found.columns.push(Column { inherited: depth > 0, local: depth == 0, ..new.clone() }),
        }
    }
    let pending = definition.constraints.into_iter().map(|node| (node, Some(new.name.clone()))).collect();
    column::add_constraints(fold, table, pending)
}

fn validate(fold: &mut Fold, table: &QualifiedName, action: Node<'_>) -> Outcome {
    let Some(wanted) = action.child(Kind::CONSTRAINT_NAME_REF).map(|node| name::name(node).name) else {
        return Ok(());
    };
    for name in fold.family(table) {
        let Some(table) = fold.table_mut(&name) else {
            continue;
        };
        for key in table.foreign_keys.iter_mut().filter(|key| key.name == wanted) {
            key.validated = true;
        }
        for check in table.checks.iter_mut().filter(|check| check.name == wanted) {
            check.validated = true;
        }
    }
    Ok(())
}

/// ALTER CONSTRAINT: only foreign keys can be altered.
fn defer(fold: &mut Fold, table: &QualifiedName, action: Node<'_>) -> Outcome {
    let Some(wanted) = action.child(Kind::CONSTRAINT_NAME_REF).map(|node| name::name(node).name) else {
        return Ok(());
    };
    let timing = timing(action);
    for name in fold.family(table) {
        let Some(table) = fold.table_mut(&name) else {
            continue;
        };
        for key in table.foreign_keys.iter_mut().filter(|key| key.name == wanted) {
            (key.deferrable, key.initially_deferred) = (timing.deferrable, timing.initially_deferred);
        }
    }
    Ok(())
}
