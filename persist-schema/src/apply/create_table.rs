//! CREATE TABLE and CREATE FOREIGN TABLE.

use crate::analyse::name::{self, Name};
use crate::analyse::{lookup, type_name};
use crate::apply::column::{self, Definition};
use crate::apply::constraint::is_constraint;
use crate::apply::fold::Fold;
use crate::apply::problem::{Outcome, Problem};
use crate::apply::{like, partition};
use crate::catalog::{Column, Table, TableKind};
use crate::parse::{Kind, Node};

pub(crate) fn apply(fold: &mut Fold, node: Node<'_>) -> Outcome {
    let Some(table) = announce(fold, node)? else {
        return Ok(());
    };
    let mut parts = Parts { table, pending: Vec::new(), likes: Vec::new() };
    inherit(fold, &mut parts.table, node)?;
    if let Some(list) = node.child(Kind::TABLE_ARG_LIST) {
        for part in list.children() {
            element(fold, &mut parts, part)?;
        }
    }
    if let Some(key) = node.child(Kind::PARTITION_BY) {
        parts.table.partition_key = Some(partition::key(key));
        parts.table.kind = TableKind::PartitionedTable;
    }
    settle_generated(&mut parts.table);
    let name = parts.table.name.clone();
    fold.schema(&name.schema).tables.insert(name.name.clone(), parts.table);
    // What a partition has of its own is merged with what its parent gives it, therefore that comes first.
    let outcome = column::add_constraints(fold, &name, parts.pending);
    for clause in parts.likes {
        like::add_details(fold, &name, clause)?;
    }
    partition::inherit_keys(fold, &name)?;
    outcome
}

/// A table while its elements are read.
struct Parts<'t> {
    table: Table,
    pending: Vec<(Node<'t>, Option<String>)>,
    likes: Vec<Node<'t>>,
}

/// The new table with its name, if it is not there already.
fn announce(fold: &mut Fold, node: Node<'_>) -> Result<Option<Table>, Problem> {
    let Some(written) = node.child(Kind::TABLE_NAME) else {
        return Err(Problem::new("the table has no name"));
    };
    let origin = fold.origin(node);
    let mut written = name::name(written);
    if node.has(Kind::TEMP) {
        written = Name { schema: Some(lookup::TEMPORARY.to_owned()), ..written };
    }
    let name = fold.target(written)?;
    if let Some(existing) = fold.catalog.table_named(&name).filter(|existing| existing.opaque.is_none()) {
        let exists = Problem::new(format!("the table `{name}` exists already ({})", existing.origin));
        return if node.has(Kind::IF_NOT_EXISTS) { Ok(None) } else { Err(exists) };
    }
    // A table that could not be known is declared by this one: see the documentation of the crate.
    fold.catalog.opaque.retain(|note| note.hides.as_ref() != Some(&name));
    let kind = match node.kind() {
        Kind::CREATE_FOREIGN_TABLE => TableKind::ForeignTable,
        _ => TableKind::Table,
    };
    let mut table = Table::new(name, kind, origin);
    table.unlogged = node.has(Kind::UNLOGGED);
    Ok(Some(table))
}

/// The columns that come from INHERITS, PARTITION OF or OF.
fn inherit(fold: &mut Fold, table: &mut Table, node: Node<'_>) -> Outcome {
    if let Some(clause) = node.child(Kind::PARTITION_OF) {
        partition::of(fold, table, clause, node)?;
    }
    if let Some(clause) = node.child(Kind::INHERITS) {
        for parent in clause.descendants().filter(|below| below.is(Kind::TABLE_NAME_REF)) {
            partition::inherits(fold, table, &name::name(parent))?;
        }
    }
    if let Some(clause) = node.child(Kind::OF_TYPE) {
        let written = type_name::child(clause).map(name::name);
        let ty = written.map(|name| fold.resolve_type_name(&name));
        let composite = ty.and_then(|ty| fold.catalog.schemas.get(&ty.schema)?.composites.get(&ty.name));
        for field in composite.map(|composite| composite.fields.clone()).unwrap_or_default() {
            table.columns.push(Column::new(field.name, Some(field.ty), table.origin.clone()));
        }
    }
    Ok(())
}

fn element<'t>(fold: &mut Fold, parts: &mut Parts<'t>, part: Node<'t>) -> Outcome {
    match part.kind() {
        Kind::COLUMN => {
            if let Some(definition) = column::read(fold, &parts.table, part) {
                add_column(parts, definition)?;
            }
        }
        Kind::LIKE_CLAUSE => {
            like::add_columns(fold, &mut parts.table, part)?;
            parts.likes.push(part);
        }
        kind if is_constraint(kind) => parts.pending.push((part, None)),
        _ => {}
    }
    Ok(())
}

/// Adds a column, or merges it with the inherited one of the same name.
fn add_column<'t>(parts: &mut Parts<'t>, definition: Definition<'t>) -> Outcome {
    let Definition { column, constraints } = definition;
    parts.pending.extend(constraints.into_iter().map(|node| (node, Some(column.name.clone()))));
    match parts.table.columns.iter_mut().find(|existing| existing.name == column.name) {
        Some(existing) if existing.inherited => {
            // With a type it is a definition that is merged, without one only options of a partition's
            // column.
            existing.local |= column.ty.is_some();
            existing.not_null |= column.not_null;
            existing.default = column.default.or(existing.default.take());
            existing.generated = column.generated.or(existing.generated.take());
            existing.identity = column.identity.or(existing.identity);
        }
        Some(_) if column.ty.is_some() => {
            return Err(Problem::new(format!("the column `{}` is defined twice", column.name)));
        }
        Some(existing) => {
            existing.not_null |= column.not_null;
            existing.default = column.default.or(existing.default.take());
        }
        None => parts.table.columns.push(column),
    }
    Ok(())
}

/// Generation expressions may name columns that follow: only now is it known which names are columns.
fn settle_generated(table: &mut Table) {
    let names: Vec<String> = table.column_names().map(str::to_owned).collect();
    for generated in table.columns.iter_mut().filter_map(|column| column.generated.as_mut()) {
        generated.expression.columns.retain(|name| names.contains(name));
    }
}
