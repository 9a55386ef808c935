//! COMMENT ON. A comment on something that is not in the catalog is skipped: it changes nothing.

use crate::analyse::literal;
use crate::analyse::name::{self, Name};
use crate::apply::fold::Fold;
use crate::apply::problem::Outcome;
use crate::catalog::{Schema, Table};
use crate::parse::{Kind, Node};

pub(crate) fn apply(fold: &mut Fold, node: Node<'_>) -> Outcome {
    let comment = node.child(Kind::LITERAL).and_then(literal::string).filter(|text| !text.is_empty());
    let Some(object) = node.children().find(|child| !child.is_token() && !child.is(Kind::LITERAL)) else {
        return Ok(());
    };
    if let Some(slot) = slot(fold, object) {
        *slot = comment;
    }
    Ok(())
}

/// Where the comment on an object is kept.
fn slot<'f>(fold: &'f mut Fold, object: Node<'_>) -> Option<&'f mut Option<String>> {
    let target = object.children().find(|child| !child.is_token())?;
    let written = name::name(target);
    match object.kind() {
        Kind::OBJECT_TABLE
        | Kind::OBJECT_VIEW
        | Kind::OBJECT_MATERIALIZED_VIEW
        | Kind::OBJECT_FOREIGN_TABLE => Some(&mut table(fold, &written)?.comment),
        Kind::OBJECT_COLUMN => {
            let (of, column) = name::column_of(target);
            column_slot(fold, &of, &column)
        }
        Kind::OBJECT_CONSTRAINT => {
            let on = object.children().filter(|child| !child.is_token()).nth(1)?;
            let constraint = name::name(target).name;
            match object.has(Kind::DOMAIN_KW) {
                true => domain_constraint(fold, &name::name(on), &constraint),
                false => constraint_slot(table(fold, &name::name(on))?, &constraint),
            }
        }
        Kind::OBJECT_TRIGGER | Kind::OBJECT_RULE | Kind::OBJECT_POLICY => {
            let on = object.children().filter(|child| !child.is_token()).nth(1)?;
            let wanted = name::identifier(target);
            let table = table(fold, &name::name(on))?;
            match object.kind() {
                Kind::OBJECT_TRIGGER => {
                    table.triggers.iter_mut().find(|t| t.name == wanted).map(|t| &mut t.comment)
                }
                Kind::OBJECT_RULE => {
                    table.rules.iter_mut().find(|r| r.name == wanted).map(|r| &mut r.comment)
                }
                _ => table.policies.iter_mut().find(|p| p.name == wanted).map(|p| &mut p.comment),
            }
        }
        Kind::OBJECT_INDEX => index_slot(fold, &written),
        Kind::OBJECT_TYPE | Kind::OBJECT_DOMAIN => type_slot(fold, &written),
        Kind::OBJECT_SEQUENCE => {
            let found = fold.find(&written, |schema, name| schema.sequences.contains_key(name))?;
            Some(&mut schema(fold, &found.schema)?.sequences.get_mut(&found.name)?.comment)
        }
        Kind::OBJECT_FUNCTION | Kind::OBJECT_PROCEDURE | Kind::OBJECT_AGGREGATE => {
            let named = target.children().find(|child| !child.is_token()).map(name::name).unwrap_or(written);
            let has = |schema: &Schema, name: &str| schema.functions.iter().any(|f| f.name.name == name);
            let found = fold.find(&named, has)?;
            let functions = &mut schema(fold, &found.schema)?.functions;
            functions.iter_mut().find(|function| function.name.name == found.name).map(|f| &mut f.comment)
        }
        Kind::OBJECT_SCHEMA => Some(&mut schema(fold, &name::identifier(target))?.comment),
        _ => None,
    }
}

fn schema<'f>(fold: &'f mut Fold, name: &str) -> Option<&'f mut Schema> {
    fold.catalog.schemas.get_mut(name)
}

fn table<'f>(fold: &'f mut Fold, name: &Name) -> Option<&'f mut Table> {
    let found = fold.find_table(name)?;
    fold.table_mut(&found)
}

/// A column of a table; composite types have comments on their attributes too, which are not kept.
fn column_slot<'f>(fold: &'f mut Fold, of: &Name, column: &str) -> Option<&'f mut Option<String>> {
    let columns = &mut table(fold, of)?.columns;
    columns.iter_mut().find(|candidate| candidate.name == column).map(|column| &mut column.comment)
}

fn constraint_slot<'f>(table: &'f mut Table, name: &str) -> Option<&'f mut Option<String>> {
    let keys =
        table.primary_key.iter_mut().chain(&mut table.unique_keys).map(|key| (&key.name, &mut key.comment));
    let foreign = table.foreign_keys.iter_mut().map(|key| (&key.name, &mut key.comment));
    let checks = table.checks.iter_mut().map(|check| (&check.name, &mut check.comment));
    let exclusions = table.exclusions.iter_mut().map(|found| (&found.name, &mut found.comment));
    let mut all = keys.chain(foreign).chain(checks).chain(exclusions);
    all.find(|(candidate, _)| *candidate == name).map(|(_, comment)| comment)
}

fn domain_constraint<'f>(fold: &'f mut Fold, domain: &Name, name: &str) -> Option<&'f mut Option<String>> {
    let found = fold.find(domain, |schema, name| schema.domains.contains_key(name))?;
    let domain = schema(fold, &found.schema)?.domains.get_mut(&found.name)?;
    domain.checks.iter_mut().find(|check| check.name == name).map(|check| &mut check.comment)
}

fn index_slot<'f>(fold: &'f mut Fold, name: &Name) -> Option<&'f mut Option<String>> {
    let has = |schema: &Schema, name: &str| {
        schema.tables.values().any(|table| table.indexes.iter().any(|index| index.name == name))
    };
    let found = fold.find(name, has)?;
    let tables = schema(fold, &found.schema)?.tables.values_mut();
    let mut indexes = tables.flat_map(|table| &mut table.indexes);
    indexes.find(|index| index.name == found.name).map(|index| &mut index.comment)
}

fn type_slot<'f>(fold: &'f mut Fold, name: &Name) -> Option<&'f mut Option<String>> {
    let found = fold.resolve_type_name(name);
    let schema = schema(fold, &found.schema)?;
    let name = &found.name;
    if let Some(found) = schema.enums.get_mut(name) {
        return Some(&mut found.comment);
    }
    if let Some(found) = schema.domains.get_mut(name) {
        return Some(&mut found.comment);
    }
    if let Some(found) = schema.composites.get_mut(name) {
        return Some(&mut found.comment);
    }
    schema.ranges.get_mut(name).map(|found| &mut found.comment)
}
