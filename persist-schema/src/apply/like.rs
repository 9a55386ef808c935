//! CREATE TABLE (LIKE …): a copy of the columns, and of what INCLUDING asks for.

use crate::analyse::name;
use crate::apply::fold::Fold;
use crate::apply::problem::{Outcome, Problem};
use crate::apply::{create_index, key, sequence};
use crate::catalog::{Check, Column, Index, Key, Table};
use crate::identifier::QualifiedName;
use crate::parse::{Kind, Node};

/// What INCLUDING and EXCLUDING come to.
struct Including<'t>(Vec<(Node<'t>, bool)>);

impl Including<'_> {
    fn has(&self, property: Kind) -> bool {
        let mut included = false;
        for (node, include) in &self.0 {
            if node.has(property) || node.has(Kind::PROPERTY_ALL) {
                included = *include;
            }
        }
        included
    }
}

fn including(clause: Node<'_>) -> Including<'_> {
    let properties = clause.children().filter_map(|child| match child.kind() {
        Kind::INCLUDING_PROPERTY => Some((child, true)),
        Kind::EXCLUDING_PROPERTY => Some((child, false)),
        _ => None,
    });
    Including(properties.collect())
}

/// Copies the columns to where the clause stands.
pub(crate) fn add_columns(fold: &mut Fold, table: &mut Table, clause: Node<'_>) -> Outcome {
    let Some(source) = source(fold, clause)? else {
        return Ok(());
    };
    let including = including(clause);
    if table.opaque.is_none() {
        table.opaque.clone_from(&source.opaque);
    }
    for column in source.columns {
        let generated = column.generated.filter(|_| including.has(Kind::PROPERTY_GENERATED));
        let identity = column.identity.filter(|_| including.has(Kind::PROPERTY_IDENTITY));
        let mut copy = Column {
            default: column.default.filter(|_| including.has(Kind::PROPERTY_DEFAULTS)),
            comment: column.comment.filter(|_| including.has(Kind::PROPERTY_COMMENTS)),
            generated,
            identity,
            inherited: false,
            origin: fold.origin(clause),
            ..column
        };
        if identity.is_some() {
            sequence::copy_identity(fold, &source.name, &table.name, &copy);
            copy.not_null = true;
        }
        table.columns.push(copy);
    }
    Ok(())
}

/// Copies checks, keys and indexes, once the table is there.
pub(crate) fn add_details(fold: &mut Fold, table: &QualifiedName, clause: Node<'_>) -> Outcome {
    let Some(source) = source(fold, clause)? else {
        return Ok(());
    };
    let including = including(clause);
    let origin = fold.origin(clause);
    let comments = including.has(Kind::PROPERTY_COMMENTS);
    if including.has(Kind::PROPERTY_CONSTRAINTS)
        && let Some(found) = fold.table_mut(table)
    {
        for check in source.checks {
            let comment = check.comment.filter(|_| comments);
            found.checks.push(Check { inherited: false, comment, origin: origin.clone(), ..check });
        }
    }
    if !including.has(Kind::PROPERTY_INDEXES) {
        return Ok(());
    }
    let copy = |key: Key| Key { name: String::new(), comment: None, origin: origin.clone(), ..key };
    if let Some(primary_key) = source.primary_key {
        key::push(fold, table, copy(primary_key), true)?;
    }
    for index in source.indexes {
        let parts = create_index::part_names(&index);
        let comment = index.comment.clone().filter(|_| comments);
        create_index::push(
            fold,
            table,
            Index { comment, origin: origin.clone(), ..index },
            None,
            &parts,
            false,
        );
    }
    for unique in source.unique_keys {
        key::push(fold, table, copy(unique), false)?;
    }
    Ok(())
}

fn source(fold: &Fold, clause: Node<'_>) -> Result<Option<Table>, Problem> {
    let Some(relation) = clause.child(Kind::RELATION_NAME_REF) else {
        return Ok(None);
    };
    let name = fold.require_table(&name::name(relation))?;
    Ok(name.and_then(|name| fold.catalog.table_named(&name)).cloned())
}
