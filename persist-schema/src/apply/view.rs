//! Views, materialized views, and tables made of a query.

use crate::analyse::name::{self, Name};
use crate::analyse::scope::Scope;
use crate::analyse::{lookup, query};
use crate::apply::fold::Fold;
use crate::apply::problem::{Outcome, Problem};
use crate::apply::{alter_table, unknown};
use crate::catalog::{Column, Table, TableKind};
use crate::identifier::QualifiedName;
use crate::parse::{Kind, Node};

/// CREATE VIEW and CREATE MATERIALIZED VIEW.
pub(crate) fn create(fold: &mut Fold, node: Node<'_>) -> Outcome {
    let Some(written) = node.child(Kind::VIEW) else { return Err(Problem::new("the view has no name")) };
    let origin = fold.origin(node);
    let mut written = name::name(written);
    if node.has(Kind::TEMP) {
        written.schema = Some(lookup::TEMPORARY.to_owned());
    }
    let name = fold.target(written)?;
    let replaces = node.has(Kind::OR_REPLACE);
    if let Some(existing) = fold.catalog.table_named(&name).filter(|_| !replaces) {
        let exists = Problem::new(format!("the relation `{name}` exists already ({})", existing.origin));
        return if node.has(Kind::IF_NOT_EXISTS) { Ok(()) } else { Err(exists) };
    }
    let kind = match node.kind() {
        Kind::CREATE_MATERIALIZED_VIEW => TableKind::MaterializedView,
        _ => TableKind::View,
    };
    let mut view = Table::new(name.clone(), kind, origin);
    let body = node.children().skip_while(|child| !child.is(Kind::AS_KW)).find(|child| !child.is_token());
    let names = node.child(Kind::COLUMN_LIST).map(|list| name::identifiers(list, Kind::COLUMN_NAME));
    let names = names.unwrap_or_default();
    let outputs = body.and_then(|body| match node.has(Kind::RECURSIVE_KW) {
        true => query::recursive(fold.lookup(), body, &Scope::default(), &name.name, names.clone()),
        false => query::columns(fold.lookup(), body, &Scope::default()),
    });
    match outputs {
        Some(outputs) => {
            let mut names = names.into_iter();
            for output in outputs {
                let name = names.next().unwrap_or(output.name);
                view.columns.push(Column::new(name, output.ty, view.origin.clone()));
            }
        }
        None => {
            let columns = names.into_iter().map(|name| Column::new(name, None, view.origin.clone()));
            view.columns = columns.collect();
            if view.columns.is_empty() {
                view.opaque =
                    Some(fold.hide(node, "a view whose query cannot be followed", Some(name.clone())));
            }
        }
    }
    if let Some(body) = body {
        view.reads = relations(fold, body);
        view.definition = Some(body.text().to_owned());
    }
    if let Some(old) = fold.schema(&name.schema).tables.remove(&name.name) {
        (view.comment, view.triggers, view.rules) = (old.comment, old.triggers, old.rules);
        for column in &mut view.columns {
            let old = old.columns.iter().find(|old| old.name == column.name);
            column.comment = old.and_then(|old| old.comment.clone());
            column.default = old.and_then(|old| old.default.clone());
        }
    }
    fold.schema(&name.schema).tables.insert(name.name, view);
    Ok(())
}

/// The tables and views that a query names.
fn relations(fold: &Fold, body: Node<'_>) -> Vec<QualifiedName> {
    let mut found: Vec<QualifiedName> = Vec::new();
    for relation in body.descendants().filter(|below| below.is(Kind::RELATION_NAME_REF)) {
        if let Some(name) = fold.find_table(&name::name(relation))
            && !found.contains(&name)
        {
            found.push(name);
        }
    }
    found
}

/// CREATE TABLE AS and SELECT INTO: the columns are whatever the query returns when it runs.
pub(crate) fn create_table_as(fold: &mut Fold, node: Node<'_>) -> Outcome {
    let into = node.child(Kind::INTO_CLAUSE).unwrap_or(node);
    let Some(written) = into.child(Kind::TABLE_NAME) else { return Ok(()) };
    let mut written: Name = name::name(written);
    if into.has(Kind::TEMP) {
        written.schema = Some(lookup::TEMPORARY.to_owned());
    }
    let name = fold.target(written)?;
    if let Some(existing) = fold.catalog.table_named(&name) {
        let exists = Problem::new(format!("the table `{name}` exists already ({})", existing.origin));
        return if node.has(Kind::IF_NOT_EXISTS) { Ok(()) } else { Err(exists) };
    }
    let what = if node.is(Kind::SELECT_INTO) { "SELECT INTO" } else { "CREATE TABLE AS" };
    unknown::add(fold, node, name, TableKind::Table, what);
    Ok(())
}

/// ALTER VIEW and ALTER MATERIALIZED VIEW: the same actions as for tables.
pub(crate) fn alter(fold: &mut Fold, node: Node<'_>) -> Outcome {
    let Some(written) = node.child(Kind::VIEW_REF).map(name::name) else { return Ok(()) };
    let found =
        if node.has(Kind::IF_EXISTS) { fold.find_table(&written) } else { fold.require_table(&written)? };
    let Some(found) = found else { return Ok(()) };
    let actions = node.children().filter(|child| !child.is_token());
    for action in actions.filter(|child| !matches!(child.kind(), Kind::VIEW_REF | Kind::IF_EXISTS)) {
        alter_table::alter(fold, &found, action, true)?;
    }
    Ok(())
}
