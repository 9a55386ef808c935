//! What becomes of the rows of a relation that are taken out of it, and with their parent: what was written
//! must be true of the foreign key.

use persist_schema::catalog::{Column, ReferentialAction};

use super::find::Search;
use super::reference::Reference;
use crate::context::Mistake;
use crate::model::{Nested, Orphans, Owned};

/// What becomes of rows that refer here by a key.
pub(super) fn of(search: &Search<'_, '_>, key: &Reference<'_>) -> Owned {
    let columns: Vec<&Column> = key.columns().into_iter().filter_map(|name| key.from.column(name)).collect();
    let (nullable, bound): (Vec<&Column>, Vec<&Column>) =
        columns.iter().partition(|column| search.catalog.is_nullable(column));
    // A key refers to nothing as soon as one of its columns is NULL, unless it says MATCH FULL.
    let is_bound = nullable.is_empty() || key.key.match_full && !bound.is_empty();
    let bound = bound.first().filter(|_| is_bound);
    let place = |column: &&Column| key.from.column_names().position(|name| name == column.name);
    let nullable: Vec<usize> = nullable.iter().filter_map(place).collect();
    let written = search.relation.orphans.as_ref().map(|written| (written, written.value()));
    let orphans = match (written, bound) {
        (Some((written, value)), Some(column)) if value == "null" => {
            let name = format!("{}.{}", key.from.name, column.name);
            let mistake =
                Mistake::new(format!("rows of `{}` cannot be kept without their parent", key.from.name));
            let mistake = mistake.found(format!("`{name}` is NOT NULL ({})", column.origin));
            search.ctx.report(written, mistake.write("write `orphans = \"delete\"`, or leave it out"));
            Orphans::Delete
        }
        (Some((_, value)), _) if value == "delete" => Orphans::Delete,
        (_, Some(_)) => Orphans::Delete,
        (_, None) => Orphans::Null(nullable),
    };
    Owned { orphans, cascades: cascades(search, key) }
}

/// What becomes of the rows of a link table that refer here by a key: they are nothing without one of their
/// sides.
pub(super) fn links(search: &Search<'_, '_>, key: &Reference<'_>) -> Owned {
    Owned { orphans: Orphans::Delete, cascades: cascades(search, key) }
}

/// What can be given to a new row: the keys of the other side, if a row of the link table can be made of
/// those and the key of this side.
pub(super) fn linked(search: &Search<'_, '_>, ours: &Reference<'_>, theirs: &Reference<'_>) -> Nested {
    let is_given = |column: &Column| {
        let name = column.name.as_str();
        ours.columns().contains(&name) || theirs.columns().contains(&name)
    };
    let is_by_key = matches!(
        (theirs.pairs().as_slice(), theirs.to.row_key()),
        ([(_, referred)], Some(key)) if key.columns == [*referred]
    );
    let mut columns = ours.from.columns.iter();
    let is_made =
        columns.all(|column| is_given(column) || search.catalog.is_optional_on_insert(ours.from, column));
    if is_by_key && is_made { Nested::Links } else { Nested::Nothing }
}

/// Is the key ON DELETE CASCADE? It must be where `cascade` says so.
fn cascades(search: &Search<'_, '_>, key: &Reference<'_>) -> bool {
    let on_delete = match key.key.on_delete {
        ReferentialAction::Cascade => return true,
        ReferentialAction::NoAction => "without ON DELETE",
        ReferentialAction::Restrict => "ON DELETE RESTRICT",
        ReferentialAction::SetNull => "ON DELETE SET NULL",
        ReferentialAction::SetDefault => "ON DELETE SET DEFAULT",
    };
    if let Some(cascade) = &search.relation.cascade {
        let mistake = Mistake::new(format!(
            "the database does not delete rows of `{}` with their parent",
            key.from.name
        ));
        let mistake = mistake.found(format!("`{}` is {on_delete} ({})", key.key.name, key.key.origin));
        search.ctx.report(
            cascade,
            mistake.write("leave `cascade` out, or make the key ON DELETE CASCADE in a migration"),
        );
    }
    false
}
