//! Which rows are deleted last: those that other rows leave first.

use std::collections::HashMap;

use crate::error::Error;
use crate::table::facts::{Reference, Table, TableId};
use crate::unit_of_work::changes::{Changes, Deletion, Insertion, contradiction};
use crate::unit_of_work::grouped::distinct;
use crate::value::row_key::{KeyMap, KeySet, LinkKey};
use crate::write::encoded_row::{Cell, EncodedRow};
use crate::write::identity::RowKey;
use crate::write::identity_map::IdentityMap;

/// The deletions of rows that a row refers to which is changed only later, and of those that such rows refer
/// to.
pub(super) fn left_later(changes: &Changes, identity_map: &IdentityMap) -> Vec<bool> {
    let mut late = vec![false; changes.deletes.len()];
    let mut leaving = changes.updates.iter().filter(|update| update.dirty.touches_reference).peekable();
    if changes.deletes.is_empty() || leaving.peek().is_none() {
        return late;
    }
    let mut deleted = Deleted {
        deletes: &changes.deletes,
        tables: distinct(changes.deletes.iter().map(|row| row.table)),
        places: HashMap::new(),
        whole_tables: Vec::new(),
        identity_map,
    };
    let mut waiting: Vec<usize> = Vec::new();
    for update in leaving {
        let left = |reference: &&Reference| update.changes_any(reference.columns);
        for reference in update.table().references.iter().filter(left) {
            // Of one that was read elsewhere it is not known which row it leaves.
            match update.is_whole {
                true => deleted.of_table(reference, &mut waiting),
                false => deleted.left(reference, update.table(), &update.before, &mut waiting),
            }
        }
    }
    while let Some(place) = waiting.pop() {
        if std::mem::replace(&mut late[place], true) {
            continue;
        }
        let deletion = &changes.deletes[place];
        for reference in deletion.table().references {
            deleted.left(reference, deletion.table(), &deletion.encoded, &mut waiting);
        }
    }
    late
}

/// A row whose deletion has to come last cannot be written anew before.
pub(super) fn refuse_late(changes: &Changes, late: &[bool]) -> Result<(), Error> {
    let rows = changes.deletes.iter().zip(late).filter(|(_, late)| **late).map(|(row, _)| row);
    let keys: KeySet<RowKey> = rows.filter_map(Deletion::key).collect();
    if keys.is_empty() {
        return Ok(());
    }
    let is_late = |row: &&Insertion| row.key().is_some_and(|key| keys.contains(&key));
    match changes.inserts.iter().find(is_late) {
        Some(row) => Err(contradiction(row.table(), "deleted and written anew")),
        None => Ok(()),
    }
}

/// Rows above a row that a foreign key refers to no more: as far up a deletion may reach it by ON DELETE
/// CASCADE.
const CLIMB: usize = 64;

/// The rows that are deleted, to be found by what foreign keys refer to.
struct Deleted<'c> {
    deletes: &'c [Deletion],
    tables: Vec<TableId>,
    places: HashMap<*const Reference, KeyMap<LinkKey, usize>>,
    /// The foreign keys to tables all of whose rows were found already.
    whole_tables: Vec<*const Reference>,
    identity_map: &'c IdentityMap,
}

impl Deleted<'_> {
    /// The places of the deletions of the row that a foreign key of this one refers to; of all in its table
    /// where bytes do not find it.
    fn left(
        &mut self,
        reference: &'static Reference,
        ours: &Table,
        row: &EncodedRow,
        found: &mut Vec<usize>,
    ) {
        let is_unknown = reference.columns.iter().any(|column| row.cell(*column) == Cell::Absent);
        match !is_unknown && self.has_exact_keys(reference, ours) {
            true => self.targets(reference, row, found, &mut KeySet::default()),
            false => self.of_table(reference, found),
        }
    }

    /// The places of the deletions of all rows that a foreign key may refer to.
    fn of_table(&mut self, reference: &'static Reference, found: &mut Vec<usize>) {
        if self.whole_tables.iter().any(|known| std::ptr::eq(*known, reference)) {
            return;
        }
        self.whole_tables.push(reference);
        let rows = self.deletes.iter().enumerate().filter(|(_, row)| reference.is_to(row.table()));
        found.extend(rows.map(|(place, _)| place));
    }

    /// Is the row that a foreign key of this table refers to found by bytes?
    fn has_exact_keys(&self, reference: &Reference, ours: &Table) -> bool {
        let theirs = self.tables.iter().find(|table| reference.is_to(table.facts()));
        theirs.is_none_or(|theirs| reference.is_exact(ours, theirs.facts()))
    }

    /// The places of the deletions of the row that a foreign key refers to, or else of the rows that this one
    /// refers to: what is deleted with its parents is no deletion of its own.
    fn targets(
        &mut self,
        reference: &'static Reference,
        row: &EncodedRow,
        found: &mut Vec<usize>,
        seen: &mut KeySet<RowKey>,
    ) {
        let Some(key) = row.key(reference.columns.iter().copied()) else { return };
        let deletes = self.deletes;
        let places = self.places.entry(reference).or_insert_with(|| targets(reference, deletes));
        if let Some(place) = places.get(&key) {
            return found.push(*place);
        }
        let identity_map = self.identity_map;
        let Some((key, known)) = identity_map.referred(reference, &key) else { return };
        if seen.len() >= CLIMB || !seen.insert(key.clone()) {
            return;
        }
        let row = known.row();
        for above in key.table().references {
            self.targets(above, &row, found, seen);
        }
    }
}

fn targets(reference: &Reference, deletes: &[Deletion]) -> KeyMap<LinkKey, usize> {
    let rows = deletes.iter().enumerate().filter(|(_, row)| reference.is_to(row.table()));
    rows.filter_map(|(place, row)| Some((row.encoded.key(reference.target.iter().copied())?, place)))
        .collect()
}
