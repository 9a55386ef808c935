//! Every struct must be insertable: what the table requires must have a field.

use persist_schema::Catalog;
use persist_schema::catalog::{Column, Table};

use super::bind;
use super::column::Matched;
use super::table::described;
use crate::context::{Context, Mistake};
use crate::model::{Entity, Insert};
use crate::suggest::listed;
use crate::type_map;

/// Reports required columns without a field, and setters that would be called `new`.
pub(super) fn check(
    ctx: &Context,
    entity: &Entity,
    table: &Table,
    matched: &[Matched<'_>],
    catalog: &Catalog,
    is_complete: bool,
) {
    let is_mapped = |column: &Column| matched.iter().any(|matched| matched.column.name == column.name);
    let required = table.columns.iter().filter(|column| !catalog.is_optional_on_insert(table, column));
    // A column of the primary key without a field has an error of its own.
    let required = required.filter(|column| !table.is_key_column(&column.name));
    let missing: Vec<&Column> = required.filter(|column| !is_mapped(column)).collect();
    if is_complete && !missing.is_empty() {
        ctx.report(&entity.ident, not_insertable(entity, table, &missing, catalog));
    }
    for matched in matched.iter().filter(|matched| matched.field.ident == "new") {
        if let Insert::Optional | Insert::ClientKey = bind::insert(matched, table, catalog) {
            let mistake = Mistake::new(format!(
                "the setter of this field would be `New{}::new`, which exists",
                entity.ident
            ));
            let write =
                format!("rename the field: `#[persist(column = \"{}\")] new_value: …`", matched.column.name);
            ctx.report(&matched.field.ident, mistake.write(write));
        }
    }
}

fn not_insertable(entity: &Entity, table: &Table, missing: &[&Column], catalog: &Catalog) -> Mistake {
    let names = listed(missing.iter().map(|column| column.name.as_str()));
    let mistake = Mistake::new(format!(
        "`{}` has no field for {names}, so that no row could be inserted",
        entity.ident
    ));
    if let ([column], Some(ty)) = (missing, &missing[0].ty) {
        let rust = type_map::map(catalog, ty).map_or_else(|_| "…".to_owned(), |mapped| mapped.rust);
        return mistake
            .found(format!(
                "`{}.{}` is `{} NOT NULL` without a DEFAULT ({})",
                table.name,
                column.name,
                type_map::written(ty),
                column.origin
            ))
            .write(format!("add `{}: {rust}`, or give the column a DEFAULT in a migration", column.name));
    }
    mistake
        .found(format!("these columns of {} are NOT NULL without a DEFAULT", described(table)))
        .write("add a field for each of them, or give them a DEFAULT in a migration")
}
