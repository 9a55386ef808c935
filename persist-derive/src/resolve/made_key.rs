//! What the database makes of a primary key.

use persist_schema::Catalog;
use persist_schema::catalog::{Column, Sequence, Table};
use persist_schema::identifier::split_qualified;

use super::meddling::may_change_keys;
use crate::model::{BoundEntity, Insert, MadeKey};

/// What the database makes of the primary key of an entity.
pub(super) fn of(entity: &BoundEntity, table: &Table, catalog: &Catalog) -> MadeKey {
    let columns = entity.key.iter().map(|index| &entity.columns[*index]);
    let columns: Vec<(&Column, &Insert)> = columns
        .filter_map(|column| Some((table.column(&column.name)?, &column.insert)))
        .filter(|(_, insert)| matches!(insert, Insert::Optional | Insert::Never))
        .collect();
    match columns.as_slice() {
        [] => MadeKey::Given,
        [(column, _)] if entity.key.len() == 1 => {
            let goes_up = sequence(catalog, table, column).is_some_and(goes_up) && is_number(catalog, column);
            if goes_up && !may_change_keys(catalog, table) { MadeKey::Ascending } else { MadeKey::Made }
        }
        made if made.iter().any(|(column, _)| is_made(table, column)) => MadeKey::InPart,
        _ => MadeKey::Given,
    }
}

/// Does the DEFAULT make a value that a struct cannot hold before? A constant is no such, and what refers
/// elsewhere is known.
fn is_made(table: &Table, column: &Column) -> bool {
    let refers = table.foreign_keys.iter().any(|key| key.columns.contains(&column.name));
    let is_called = column.default.as_ref().is_some_and(|default| default.contains('('));
    column.identity.is_some() || column.generated.is_some() || is_called && !refers
}

/// The sequence that a column takes its values from.
fn sequence<'c>(catalog: &'c Catalog, table: &Table, column: &Column) -> Option<&'c Sequence> {
    if column.identity.is_some() {
        let owner = (&table.name, &column.name);
        let mut sequences = catalog.schemas.values().flat_map(|schema| schema.sequences.values());
        return sequences.find(|sequence| {
            sequence.identity
                && sequence.owned_by.as_ref().map(|(table, column)| (table, column)) == Some(owner)
        });
    }
    let default = column.default.as_deref()?.trim();
    let written = default.strip_prefix("pg_catalog.").unwrap_or(default).strip_prefix("nextval('")?;
    let name = written.strip_suffix("'::regclass)").or_else(|| written.strip_suffix("')"))?;
    let (schema, name) = split_qualified(&name.replace("''", "'"));
    catalog.schemas.get(schema.as_deref().unwrap_or("public"))?.sequences.get(&name)
}

fn goes_up(sequence: &Sequence) -> bool {
    sequence.increment > 0 && !sequence.cycle
}

fn is_number(catalog: &Catalog, column: &Column) -> bool {
    column.ty.as_ref().is_some_and(|ty| {
        let base = catalog.base_type(ty);
        !base.is_array && ["int2", "int4", "int8"].iter().any(|name| base.is(name))
    })
}
