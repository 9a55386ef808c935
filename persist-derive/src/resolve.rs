//! The second pass: what was written is compared with the catalog and becomes what is true.

mod aggregate;
mod arc;
mod bind;
mod column;
mod composite;
mod constraint;
mod enumeration;
mod facts;
mod insert;
mod key;
mod made_key;
mod meddling;
mod module;
mod namesake;
mod newtype;
mod relation;
mod role;
mod schema;
pub(crate) mod scope;
mod table;
mod text;
mod underived;
mod unique;

use crate::context::Context;
use crate::model::{BoundColumn, BoundEntity, ColumnRole, Entity, Field, HalfBound, Role, SkippedField};
use persist_schema::Catalog;
use persist_schema::catalog::Table;

pub(crate) use arc::one_of;
pub(crate) use composite::composite;
pub(crate) use enumeration::enumeration;
pub(crate) use namesake::namesakes;
pub(crate) use newtype::newtype;
pub(crate) use schema::schema;
pub(crate) use underived::underived;

/// Binds the struct to its table. What does not fit is reported; then only the plain fields that have a
/// column are bound, so that the compiler can say at once which of their types are wrong.
pub(crate) fn entity(ctx: &Context, entity: Entity, catalog: &Catalog) -> Result<BoundEntity, HalfBound> {
    let table = table::find(ctx, &entity, catalog).ok_or_else(HalfBound::default)?;
    let matched = column::matched(ctx, &entity, table);
    // What seems to be missing may be what a reported mistake was meant to be.
    let is_complete = ctx.is_empty();
    let is_view = entity.of.is_some();
    let key = match is_view {
        true => Some(Vec::new()),
        false => key::checked(ctx, &entity, table, &matched, is_complete),
    };
    role::check(ctx, table, &matched, catalog);
    if entity.is_written() {
        insert::check(ctx, &entity, table, &matched, catalog, is_complete);
    }
    let columns = matched.iter().map(|matched| bind::column(ctx, table, matched, catalog));
    let mut columns: Vec<_> = columns.collect();
    columns.extend(aggregate::columns(ctx, &entity, table, catalog));
    let names: Vec<String> =
        columns.iter().map(|column| column.as_ref().map_or(String::new(), read_as)).collect();
    let (relations, hidden) = relation::bound(ctx, &entity, table, &names, catalog);
    let paths = relation::paths(ctx, &entity, table, catalog);
    let Some(key) = key.filter(|_| ctx.is_empty()) else {
        let plain = matched.iter().zip(columns).filter(|(matched, _)| matched.role == ColumnRole::Plain);
        let columns = plain.filter_map(|(_, column)| column).collect();
        return Err(HalfBound { columns, constants: constant_names(table) });
    };
    // Where one is missing, that was reported.
    let columns: Vec<BoundColumn> = columns.into_iter().flatten().collect();
    let arcs = arc::bound(&entity, table, &columns);
    let version = matched.iter().position(|matched| matched.role == ColumnRole::Version);
    let mut bound = BoundEntity {
        table: table::bound(table),
        key_is_arbiter: table.row_key().is_some_and(|key| !key.deferrable),
        uniques: if is_view { Vec::new() } else { unique::uniques(catalog, table, &columns) },
        constraints: if is_view { Vec::new() } else { constraint::named(table) },
        made: entity.made,
        is_view,
        is_read_only: entity.read_only.is_some(),
        hidden,
        relations,
        paths,
        arcs,
        skipped: entity.fields.iter().filter_map(skipped).collect(),
        ident: entity.ident,
        vis: entity.vis,
        krate: entity.krate,
        columns,
        key,
        version,
        validation: entity.validation,
        facts: None,
    };
    bound.facts = (!is_view).then(|| facts::of(&bound, table, catalog));
    Ok(bound)
}

/// The names of the constants of a struct, as far as its table is known. Nothing is reported.
pub(crate) fn constants(entity: &Entity, catalog: &Catalog) -> Vec<String> {
    let ctx = Context::new();
    let table = table::find(&ctx, entity, catalog);
    ctx.finish();
    table.map(constant_names).unwrap_or_default()
}

fn constant_names(table: &Table) -> Vec<String> {
    constraint::named(table).into_iter().map(|named| named.constant).collect()
}

fn skipped(field: &Field) -> Option<SkippedField> {
    match &field.role {
        Role::Skipped { default } => {
            Some(SkippedField { ident: field.ident.clone(), ty: field.ty.clone(), default: default.clone() })
        }
        Role::Column(_)
        | Role::OneOf(_)
        | Role::Relation(_)
        | Role::Aggregate(_)
        | Role::Line(_)
        | Role::Expression(_)
        | Role::Unclear => None,
    }
}

/// The column that is read; an expression is none.
fn read_as(column: &BoundColumn) -> String {
    if column.derived.is_some() { String::new() } else { column.name.clone() }
}
