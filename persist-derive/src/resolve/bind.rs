//! A field that fits its column, as the later passes want it.

use persist_schema::Catalog;
use persist_schema::catalog::Table;
use persist_schema::identifier::quote_identifier;

use super::column::Matched;
use crate::context::{Context, Mistake};
use crate::model::{BoundColumn, ColumnRole, Declared, Insert, Update};
use crate::option::option_argument;
use crate::type_map;

/// Binds a field to its column. `None` where no Rust type holds the column, which is reported.
pub(super) fn column(
    ctx: &Context,
    table: &Table,
    matched: &Matched<'_>,
    catalog: &Catalog,
) -> Option<BoundColumn> {
    let Matched { field, column, ty, .. } = matched;
    let shown = format!("{}.{}", table.name, column.name);
    let mapped = match type_map::map(catalog, ty) {
        Ok(mapped) => mapped,
        Err(why) => {
            let mistake = Mistake::new(format!("`{shown}` has a type that no field can hold yet: {why}"));
            let found = format!("`{}` at {}", type_map::written(ty), column.origin);
            ctx.report(
                &field.ty,
                mistake.found(found).write("leave the field out, and read the column by `Sql` with a cast"),
            );
            return None;
        }
    };
    let arm = matched.arm.as_ref();
    Some(BoundColumn {
        ident: arm.map_or(&field.ident, |arm| &arm.ident).clone(),
        vis: field.vis.clone(),
        ty: arm.map_or(&field.ty, |arm| &arm.ty).clone(),
        arm: arm.map(|arm| arm.place),
        name: column.name.clone(),
        sql: quote_identifier(&column.name),
        derived: None,
        declared: Declared {
            column: shown,
            ty: type_map::written(ty),
            named: mapped.named,
            place: column.origin.to_string(),
            expected: mapped.rust,
            feature: mapped.feature,
        },
        wire: mapped.wire,
        nullable: match table.is_base_table() {
            true => catalog.is_nullable(column),
            // Of what a view computes the field says whether it may be NULL; one that is there is an error when it is read.
            false => option_argument(&field.ty).is_some(),
        },
        is_foreign_key: is_foreign_key(table, &column.name),
        insert: insert(matched, table, catalog),
        update: update(matched, table, catalog),
    })
}

/// What an INSERT does with the column.
pub(super) fn insert(matched: &Matched<'_>, table: &Table, catalog: &Catalog) -> Insert {
    let Matched { role, column, ty, .. } = matched;
    let nullable = catalog.is_nullable(column);
    if !column.is_writable() || !table.is_base_table() {
        return Insert::Never;
    }
    if let Some(arm) = &matched.arm {
        return if arm.is_required { Insert::Required } else { Insert::Optional };
    }
    match role {
        ColumnRole::CreatedAt | ColumnRole::UpdatedAt if is_in_zone_of_session(matched, catalog) => {
            Insert::Unless(NOW_IN_UTC)
        }
        // Only the library counts it.
        ColumnRole::Version if column.has_default() => Insert::Never,
        ColumnRole::Version => Insert::Computed("1"),
        ColumnRole::CreatedAt | ColumnRole::UpdatedAt if column.has_default() => Insert::Optional,
        // NULL says that the row was never changed.
        ColumnRole::UpdatedAt if nullable => Insert::Optional,
        ColumnRole::CreatedAt | ColumnRole::UpdatedAt => Insert::Unless(now(matched, catalog)),
        ColumnRole::Id { database: false }
            if is_client_made(matched, table) && catalog.base_type(ty).is("uuid") =>
        {
            Insert::ClientKey
        }
        ColumnRole::Plain | ColumnRole::Id { .. } | ColumnRole::Generated => {
            if catalog.is_optional_on_insert(table, column) { Insert::Optional } else { Insert::Required }
        }
    }
}

/// What an UPDATE does with the column.
fn update(matched: &Matched<'_>, table: &Table, catalog: &Catalog) -> Update {
    let Matched { role, column, ty, .. } = matched;
    if !column.is_writable() || table.is_key_column(&column.name) || !table.is_base_table() {
        return Update::Kept;
    }
    match role {
        ColumnRole::Version => Update::Touched(format!("t0.{} + 1", quote_identifier(&column.name))),
        ColumnRole::CreatedAt => Update::Kept,
        // A timestamp without time zone is in whatever zone its DEFAULT says.
        ColumnRole::UpdatedAt
            if catalog.base_type(ty).is("timestamp")
                && column.has_default()
                && !is_in_zone_of_session(matched, catalog) =>
        {
            Update::Touched("DEFAULT".to_owned())
        }
        ColumnRole::UpdatedAt => Update::Touched(now(matched, catalog).to_owned()),
        ColumnRole::Plain | ColumnRole::Id { .. } | ColumnRole::Generated => Update::Changed,
    }
}

const NOW_IN_UTC: &str = "(now() AT TIME ZONE 'UTC')";

/// The moment as a value of the column. A timestamp without time zone is in UTC.
fn now(matched: &Matched<'_>, catalog: &Catalog) -> &'static str {
    if catalog.base_type(matched.ty).is("timestamp") { NOW_IN_UTC } else { "now()" }
}

/// Is it a timestamp without time zone whose DEFAULT says no zone? Then it would be in that of whoever writes it.
fn is_in_zone_of_session(matched: &Matched<'_>, catalog: &Catalog) -> bool {
    const OF_SESSION: [&str; 6] = [
        "now",
        "current_timestamp",
        "localtimestamp",
        "transaction_timestamp",
        "statement_timestamp",
        "clock_timestamp",
    ];
    let default = matched.column.default.as_deref().unwrap_or_default();
    // With or without a precision, or the parentheses of a call.
    let name = default.split('(').next().unwrap_or_default().trim();
    let is_alone = default.find(')').is_none_or(|end| end + 1 == default.trim_end().len());
    catalog.base_type(matched.ty).is("timestamp")
        && is_alone
        && OF_SESSION.iter().any(|function| function.eq_ignore_ascii_case(name))
}

/// Keys that point elsewhere are given, and of a composite key at most the column `id` is made.
fn is_client_made(matched: &Matched<'_>, table: &Table) -> bool {
    let is_alone = table.row_key().is_some_and(|key| key.columns.len() == 1);
    let name = &matched.column.name;
    (is_alone || name == "id") && !table.foreign_keys.iter().any(|key| key.columns.contains(name))
}

fn is_foreign_key(table: &Table, name: &str) -> bool {
    table.foreign_keys.iter().any(|key| key.columns.iter().any(|column| column == name))
}
