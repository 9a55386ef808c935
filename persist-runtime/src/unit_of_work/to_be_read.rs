//! What has to be read before it can be compared: structs that were read elsewhere, or of which the database
//! made something.

use crate::table::facts::{Table, TableId};
use crate::table::model::Model;
use crate::unit_of_work::diff::saved::is_written_whole;
use crate::unit_of_work::pending::{Intent, Pending, Saved};
use crate::unit_of_work::relations::{goes_along, is_owning};
use crate::unit_of_work::unique_exchange::may_share;
use crate::value::row_key::KeySet;
use crate::write::identity::RowKey;
use crate::write::identity_map::IdentityMap;
use crate::write::saved_row::SavedRow;

/// The places of structs that have to be read.
#[derive(Default)]
pub(super) struct ToBeRead {
    /// Among those that are saved: before they can be compared.
    pub(super) saved: Vec<usize>,
    /// Among those that are deleted: so that all that belongs to them is known.
    pub(super) deleted: Vec<usize>,
}

/// The structs that have to be read before a flush.
pub(super) fn to_be_read(identity_map: &IdentityMap, pending: &Pending) -> ToBeRead {
    let deleted = pending.deleted.iter().enumerate();
    let is_read = |nodes: &[SavedRow]| {
        let Some(root) = nodes.first() else { return false };
        let mut relations = nodes.iter().flat_map(|row| &row.relations).map(|(relation, _)| *relation);
        match identity_map.knows(root) {
            false => relations.any(|relation| !goes_along(relation)),
            true => identity_map.has_stirred() && may_show_less(identity_map, RowKey::of(root)),
        }
    };
    ToBeRead {
        saved: saved_to_be_read(identity_map, pending),
        deleted: deleted.filter(|(_, deleted)| is_read(&deleted.nodes)).map(|(place, _)| place).collect(),
    }
}

/// May rows belong to one that is known, or to those below it, which this unit of work has brought or taken away since?
pub(super) fn may_show_less(identity_map: &IdentityMap, root: RowKey) -> bool {
    let (mut open, mut seen) = (vec![root], KeySet::default());
    while let Some(key) = open.pop() {
        let Some(known) = identity_map.get(&key).filter(|_| seen.insert(key.clone())) else { continue };
        for (relation, rows) in &known.relations {
            if identity_map.may_have_changed(known, *relation) {
                return true;
            }
            if is_owning(*relation) {
                open.extend(rows.iter().cloned());
            }
        }
    }
    false
}

fn saved_to_be_read(identity_map: &IdentityMap, pending: &Pending) -> Vec<usize> {
    let mut shared: Option<Vec<TableId>> = None;
    let mut is_shared =
        |model: &Model| shared.get_or_insert_with(|| shared_tables(&pending.saved)).contains(&model.id());
    let is_known = |root: &SavedRow| identity_map.get(&RowKey::of(root)).is_some();
    let mut is_whole = |root: &SavedRow| {
        // What another struct has read and changed of the row is not to be written over.
        is_written_whole(root) && !is_known(root) && !is_shared(root.model) && !hands_over(root, pending)
    };
    let mut is_read = |saved: &Saved| {
        let is_new = |node: &SavedRow| {
            saved.intent == Intent::Merge && node.model.makes_key() && RowKey::of(node).is_blank()
        };
        saved.nodes.iter().enumerate().any(|(place, node)| match is_outdated(identity_map, node) {
            _ if is_new(node) => false,
            Some(is_outdated) => is_outdated,
            None => place == 0 && (saved.intent == Intent::Merge || !is_whole(node)),
        })
    };
    let saved = pending.saved.iter().enumerate();
    saved.filter(|(_, saved)| is_read(saved)).map(|(place, _)| place).collect()
}

/// Did the database make something of the row, as this struct has read it? `None` where it has not.
fn is_outdated(identity_map: &IdentityMap, row: &SavedRow) -> Option<bool> {
    Some(identity_map.get(&RowKey::of(row))?.as_read(row.model)?.is_outdated)
}

/// The tables of which several rows are saved. Which UNIQUE values they exchange, and what each of several structs
/// has changed of one row, shows only once it is known what they were.
fn shared_tables(saved: &[Saved]) -> Vec<TableId> {
    let mut first: Vec<(TableId, &'static Model)> = Vec::new();
    let mut shared = Vec::new();
    for model in saved.iter().flat_map(|saved| &saved.nodes).map(|row| row.model) {
        match first.iter().rev().find(|(table, _)| *table == model.id()) {
            None => first.push((model.id(), model)),
            Some((table, first)) => {
                let is_shared = has_uniques(model.table) || !std::ptr::eq(*first, model);
                if is_shared && !shared.contains(table) {
                    shared.push(*table);
                }
            }
        }
    }
    shared
}

/// May the row take over a UNIQUE value from one that is deleted, and a new one another value from it? A row that
/// is written whole comes before what is inserted, or else after what is deleted.
fn hands_over(root: &SavedRow, pending: &Pending) -> bool {
    let Pending { inserted, upserted, deleted, removed, .. } = pending;
    let table = root.model.id();
    let mut new = inserted.new_rows.iter().chain(upserted);
    let mut deleted = deleted.iter().flat_map(|deleted| &deleted.nodes);
    has_uniques(root.model.table)
        && new.any(|row| row.model.id() == table)
        && (removed.iter().any(|removal| removal.table.id() == table)
            || deleted.any(|row| {
                row.model.id() == table && may_share(root.model.table, &root.encoded, &row.encoded)
            }))
}

fn has_uniques(table: &Table) -> bool {
    !table.uniques.is_empty() || !table.unknown.is_empty()
}
