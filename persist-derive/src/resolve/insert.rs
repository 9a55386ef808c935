//! Every struct must be insertable: what the table requires must have a field.

use persist_schema::Catalog;
use persist_schema::catalog::{Column, Table};

use super::bind;
use super::column::{Matched, name};
use super::table::described;
use crate::context::{Context, Mistake};
use crate::model::{Entity, Insert, Role};
use crate::suggest::listed;

/// Reports required columns without a field, and setters that would be called `new`.
pub(super) fn check(ctx: &Context, entity: &Entity, table: &Table, matched: &[Matched<'_>], catalog: &Catalog) {
    let is_mapped = |column: &Column| entity.fields.iter().any(|field| name(field) == column.name && !is_skipped(&field.role));
    let required = table.columns.iter().filter(|column| !catalog.is_optional_on_insert(column));
    // A column of the primary key without a field has an error of its own.
    let required = required.filter(|column| !table.is_key_column(&column.name));
    let missing: Vec<&Column> = required.filter(|column| !is_mapped(column)).collect();
    if let Some(first) = missing.first() {
        let names = listed(missing.iter().map(|column| column.name.as_str()));
        let place = if missing.len() == 1 { first.origin.to_string() } else { table.origin.to_string() };
        let mistake = Mistake::new(format!("no row of {} could be inserted: `{}` has no field for {names}", described(table), entity.ident))
            .found(format!("NOT NULL without a DEFAULT ({place})"))
            .write("add a field for each of them, or give them a DEFAULT in a migration");
        ctx.report(&entity.ident, mistake);
    }
    for matched in matched.iter().filter(|matched| matched.field.ident == "new") {
        if let Insert::Optional | Insert::ClientKey = bind::insert(matched, table, catalog) {
            let mistake = Mistake::new(format!("the setter of this field would be `New{}::new`, which exists", entity.ident));
            let write = format!("rename the field: `#[persist(column = \"{}\")] new_value: …`", matched.column.name);
            ctx.report(&matched.field.ident, mistake.write(write));
        }
    }
}

fn is_skipped(role: &Role) -> bool {
    matches!(role, Role::Skipped { .. })
}
