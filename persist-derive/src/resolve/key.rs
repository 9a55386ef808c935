//! The primary key, or what stands for it: the fields that are marked `id` must be its columns.

use persist_schema::catalog::{RowKey, Table};
use quote::ToTokens;

use super::column::Matched;
use super::table::described;
use crate::context::{Context, Mistake};
use crate::model::{ColumnRole, Entity};
use crate::suggest::listed;

/// The columns of the key in the order of the constraint, as indices of `matched`. `None` where the
/// marks do not fit, which is reported.
pub(super) fn checked(
    ctx: &Context,
    entity: &Entity,
    table: &Table,
    matched: &[Matched<'_>],
    is_complete: bool,
) -> Option<Vec<usize>> {
    if entity.read_only.is_some() {
        return of_view(ctx, entity, matched);
    }
    let Some(key) = &table.row_key() else {
        ctx.report(place(entity), no_key(entity, table));
        return None;
    };
    let mut fits = true;
    for matched in matched.iter().filter(|matched| is_marked(matched)) {
        if !key.columns.contains(&matched.column.name) {
            ctx.report(&matched.field.mark, outside(table, key, &matched.column.name));
            fits = false;
        }
    }
    let missing: Vec<&str> =
        key.columns.iter().map(String::as_str).filter(|name| marked(matched, name).is_none()).collect();
    if !missing.is_empty() && fits && is_complete {
        report_missing(ctx, entity, table, key, matched, &missing);
    }
    key.columns.iter().map(|name| marked(matched, name)).collect()
}

/// What the struct says of a view of the database, which has no key of its own.
fn of_view(ctx: &Context, entity: &Entity, matched: &[Matched<'_>]) -> Option<Vec<usize>> {
    let key: Vec<usize> = (0..matched.len()).filter(|index| is_marked(&matched[*index])).collect();
    if key.is_empty() {
        let mistake = Mistake::new(format!("`{}` has no `#[persist(id)]`", entity.ident));
        let write = "write `#[persist(id)]` above the fields that tell the rows of the view apart";
        ctx.report(&entity.ident, mistake.write(write));
        return None;
    }
    Some(key)
}

/// The place of the whole struct: the table's name, if it was written.
fn place(entity: &Entity) -> &dyn ToTokens {
    match &entity.table {
        Some(written) => written,
        None => &entity.ident,
    }
}

fn is_marked(matched: &Matched<'_>) -> bool {
    matches!(matched.role, ColumnRole::Id { .. })
}

fn marked(matched: &[Matched<'_>], name: &str) -> Option<usize> {
    matched.iter().position(|matched| is_marked(matched) && matched.column.name == name)
}

fn no_key(entity: &Entity, table: &Table) -> Mistake {
    Mistake::new(format!(
        "`{}` has no primary key, and no UNIQUE key of columns that are NOT NULL, so a row of `{}` cannot be found again",
        table.name, entity.ident
    ))
    .found(described(table))
    .write(format!(
        "add one in a migration: `ALTER TABLE {} ADD PRIMARY KEY (…);`",
        table.name.to_short_sql()
    ))
}

/// What the key is.
fn shown(table: &Table, key: &RowKey) -> String {
    let kind = if key.is_primary { "primary key" } else { "key" };
    format!("the {kind} of {} is ({})", described(table), key.columns.join(", "))
}

fn outside(table: &Table, key: &RowKey, name: &str) -> Mistake {
    let kind = if key.is_primary { "primary key" } else { "key" };
    Mistake::new(format!("`{}.{name}` is not part of the {kind}", table.name))
        .found(shown(table, key))
        .write(format!("write `#[persist(id)]` above {}", listed(key.columns.iter().map(String::as_str))))
}

fn report_missing(
    ctx: &Context,
    entity: &Entity,
    table: &Table,
    key: &RowKey,
    matched: &[Matched<'_>],
    missing: &[&str],
) {
    let names = listed(missing.iter().copied());
    let found = shown(table, key);
    let field = |name: &str| matched.iter().find(|matched| matched.column.name == name);
    if missing.len() == key.columns.len() {
        let mistake = Mistake::new(format!("`{}` has no `#[persist(id)]`", entity.ident)).found(found);
        let unmapped: Vec<&str> = missing.iter().copied().filter(|name| field(name).is_none()).collect();
        let write = if unmapped.is_empty() {
            format!("write `#[persist(id)]` above {names}")
        } else {
            format!("add a field for {}, and `#[persist(id)]` above each column of the key", listed(unmapped))
        };
        return ctx.report(&entity.ident, mistake.write(write));
    }
    let mistake =
        Mistake::new(format!("the id of `{}` is incomplete: {names} is missing", entity.ident)).found(found);
    match missing.first().and_then(|name| field(name)) {
        Some(matched) => {
            ctx.report(&matched.field.ident, mistake.write(format!("write `#[persist(id)]` above {names}")));
        }
        None => ctx.report(
            &entity.ident,
            mistake.write(format!("add a field for {names}, marked `#[persist(id)]`")),
        ),
    }
}
