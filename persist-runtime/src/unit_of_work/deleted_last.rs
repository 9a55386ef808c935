//! Which rows are deleted last: those that other rows leave first.

use std::collections::HashMap;

use crate::error::Error;
use crate::table::model::{Model, Reference};
use crate::unit_of_work::changes::{Changes, Deletion, Insertion, contradiction, position};
use crate::unit_of_work::grouped::distinct;
use crate::value::row_key::{KeyMap, KeySet, LinkKey};
use crate::write::encoded_row::EncodedRow;
use crate::write::identity_map::IdentityMap;

/// The deletions of rows that a row refers to which is changed only later, and of those that such rows refer to.
pub(super) fn left_later(changes: &Changes, identity_map: &IdentityMap) -> Vec<bool> {
    let mut late = vec![false; changes.deletes.len()];
    if changes.deletes.is_empty() {
        return late;
    }
    let mut deleted = Deleted {
        deletes: &changes.deletes,
        models: distinct(changes.deletes.iter().map(|row| row.model)),
        places: HashMap::new(),
        whole_tables: Vec::new(),
        identity_map,
    };
    let mut waiting: Vec<usize> = Vec::new();
    for update in &changes.updates {
        let left = |reference: &&Reference| reference.columns.iter().any(|column| update.is_dirty(*column));
        for reference in update.model.writing.references.iter().filter(left) {
            // Of one that was read elsewhere nobody knows which row it leaves.
            match update.is_whole {
                true => deleted.of_table(reference, &mut waiting),
                false => deleted.left(reference, update.model, &update.before, &mut waiting),
            }
        }
    }
    while let Some(place) = waiting.pop() {
        if std::mem::replace(&mut late[place], true) {
            continue;
        }
        let deletion = &changes.deletes[place];
        for reference in deletion.model.writing.references {
            deleted.left(reference, deletion.model, &deletion.encoded, &mut waiting);
        }
    }
    late
}

/// A row whose deletion has to come last cannot be written anew before.
pub(super) fn refuse_late(changes: &Changes, late: &[bool]) -> Result<(), Error> {
    let rows = changes.deletes.iter().zip(late).filter(|(_, late)| **late).map(|(row, _)| row);
    let models = distinct(rows.clone().map(|row| row.model));
    let key = |row: &Deletion| row.encoded.key(row.model.key_places());
    let keys: KeySet<LinkKey> = rows.filter_map(key).collect();
    let is_late = |row: &&Insertion| {
        let cells = || row.key_cells().collect::<Vec<Option<&[u8]>>>().into_iter();
        models.iter().any(|model| model.qualified == row.model.qualified)
            && LinkKey::of_cells(cells()).is_some_and(|key| keys.contains(&key))
    };
    match changes.inserts.iter().find(is_late) {
        Some(row) => Err(contradiction(row.model, "deleted and written anew")),
        None => Ok(()),
    }
}

/// Rows above a row that is left behind: as far up a deletion may reach it by ON DELETE CASCADE.
const CLIMB: usize = 64;

/// The rows that are deleted, to be found by what foreign keys refer to.
struct Deleted<'c> {
    deletes: &'c [Deletion],
    models: Vec<&'static Model>,
    places: HashMap<*const Reference, KeyMap<LinkKey, usize>>,
    /// The foreign keys to tables all of whose rows were found already.
    whole_tables: Vec<*const Reference>,
    identity_map: &'c IdentityMap,
}

impl Deleted<'_> {
    /// The places of the deletions of the row that a foreign key of this one refers to; of all in its table where bytes do not find it.
    fn left(
        &mut self,
        reference: &'static Reference,
        model: &Model,
        encoded: &EncodedRow,
        found: &mut Vec<usize>,
    ) {
        match self.has_exact_keys(reference, model) {
            true => self.targets(reference, encoded, found, CLIMB),
            false => self.of_table(reference, found),
        }
    }

    /// The places of the deletions of all rows that a foreign key may refer to.
    fn of_table(&mut self, reference: &'static Reference, found: &mut Vec<usize>) {
        if self.whole_tables.iter().any(|known| std::ptr::eq(*known, reference)) {
            return;
        }
        self.whole_tables.push(reference);
        let rows = self.deletes.iter().enumerate().filter(|(_, row)| reference.is_to(row.model));
        found.extend(rows.map(|(place, _)| place));
    }

    /// Is the row that a foreign key of this struct refers to found by bytes?
    fn has_exact_keys(&self, reference: &Reference, ours: &Model) -> bool {
        let theirs = self.models.iter().find(|model| reference.is_to(model));
        theirs.is_none_or(|theirs| {
            let mut pairs = reference.columns.iter().zip(reference.target);
            pairs.all(|(at, name)| {
                let theirs = position(theirs, name).map(|place| theirs.writing.columns[place]);
                theirs.is_some_and(|theirs| ours.writing.columns[*at].is_exactly(theirs))
            })
        })
    }

    /// The places of the deletions of the row that a foreign key refers to, or else of the rows that this one refers to: what is deleted
    /// with its parents is no deletion of its own.
    fn targets(
        &mut self,
        reference: &'static Reference,
        encoded: &EncodedRow,
        found: &mut Vec<usize>,
        climb: usize,
    ) {
        let Some(key) = encoded.key(reference.columns.iter().copied()) else { return };
        let deletes = self.deletes;
        let places = self.places.entry(reference).or_insert_with(|| targets(reference, deletes));
        if let Some(place) = places.get(&key) {
            return found.push(*place);
        }
        let Some(climb) = climb.checked_sub(1) else { return };
        let identity_map = self.identity_map;
        let Some(row) = identity_map.referred(reference, &key) else { return };
        for above in row.model.writing.references {
            self.targets(above, &row.encoded, found, climb);
        }
    }
}

fn targets(reference: &Reference, deletes: &[Deletion]) -> KeyMap<LinkKey, usize> {
    let target = |(place, deletion): (usize, &Deletion)| {
        let columns = deletion.model.writing.columns;
        let position = |name: &&str| columns.iter().position(|column| column.name == *name);
        let columns: Vec<usize> = reference.target.iter().map(position).collect::<Option<_>>()?;
        let is_there = reference.is_to(deletion.model);
        Some((deletion.encoded.key(columns.into_iter())?, place)).filter(|_| is_there)
    };
    deletes.iter().enumerate().filter_map(target).collect()
}
