//! What has to be read before it can be compared: structs that were read elsewhere, or of which the database
//! made something.

use crate::table::facts::TableId;
use crate::table::model::Model;
use crate::unit_of_work::diff::saved::is_written_whole;
use crate::unit_of_work::pending::{Pending, Saved};
use crate::write::identity::RowKey;
use crate::write::identity_map::IdentityMap;
use crate::write::saved_row::SavedRow;

/// The places of the structs that have to be read before they can be compared.
pub(super) fn to_be_read(identity_map: &IdentityMap, pending: &Pending) -> Vec<usize> {
    let is_whole = |root: &SavedRow| !identity_map.knows(root) && is_written_whole(root);
    let mut crowded: Option<Vec<TableId>> = None;
    let mut is_crowded = |model: &Model| {
        let is_unique = !model.table.uniques.is_empty() || !model.table.unknown.is_empty();
        is_unique
            && crowded.get_or_insert_with(|| crowded_tables(&pending.saved, is_whole)).contains(&model.id())
    };
    let is_known = |root: &SavedRow| identity_map.get(&RowKey::of(root)).is_some();
    let mut is_read = |nodes: &[SavedRow]| {
        nodes.iter().enumerate().any(|(place, node)| match is_outdated(identity_map, node) {
            Some(is_outdated) => is_outdated,
            // What another struct has read and changed of the row is not to be written over.
            None => place == 0 && (!is_written_whole(node) || is_known(node) || is_crowded(node.model)),
        })
    };
    let saved = pending.saved.iter().enumerate();
    saved.filter(|(_, saved)| is_read(&saved.nodes)).map(|(place, _)| place).collect()
}

/// Did the database make something of the row, as this struct has read it? `None` where it has not.
fn is_outdated(identity_map: &IdentityMap, row: &SavedRow) -> Option<bool> {
    Some(identity_map.get(&RowKey::of(row))?.as_read(row.model)?.is_outdated)
}

/// The tables of which several rows would be written whole: which UNIQUE values they exchange shows only once
/// it is known which they had.
fn crowded_tables(saved: &[Saved], is_whole: impl Fn(&SavedRow) -> bool) -> Vec<TableId> {
    let roots = saved.iter().filter_map(|saved| saved.nodes.first()).filter(|root| is_whole(root));
    let mut counts: Vec<(TableId, usize)> = Vec::new();
    for table in roots.map(|root| root.model.id()) {
        match counts.iter_mut().rev().find(|(known, _)| *known == table) {
            Some((_, count)) => *count += 1,
            None => counts.push((table, 1)),
        }
    }
    counts.into_iter().filter(|(_, count)| *count > 1).map(|(table, _)| table).collect()
}
