//! What a comparison comes to. It only grows.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::error::Error;
use crate::table::facts::{Reference, Table, TableId};
use crate::table::model::Model;
use crate::table::shape::Relation;
use crate::unit_of_work::changes::{Changes, Update, next_version};
use crate::unit_of_work::dirty::Dirty;
use crate::value::row_key::{KeyMap, KeySet};
use crate::write::encoded_row::{Cell, EncodedRow, same};
use crate::write::identity::RowKey;
use crate::write::identity_map::IdentityMap;
use crate::write::saved_row::SavedRow;
use crate::write::snapshot::{AsRead, Snapshot, version};

pub(super) struct Growing {
    pub(super) changes: Changes,
    /// The place of each changed row among the updates.
    updates: KeyMap<RowKey, usize>,
    /// The new rows whose keys are known.
    pub(super) inserted: KeyMap<RowKey, Added>,
    pub(super) deleted: KeySet<RowKey>,
    /// The rows that the database deletes with others: they may refer to each other in a circle.
    pub(super) carried: KeySet<RowKey>,
    /// Counts changes of rows, and rows that went somewhere else.
    pub(super) touches: usize,
    /// The number of the next row that is inserted without a handle.
    next_number: u32,
    /// The columns in which the last row differed that did, and its table.
    last_dirty: Option<(TableId, Dirty)>,
    /// Those of the row that is looked at.
    scratch: Vec<usize>,
}

/// A new row that a struct holds.
pub(super) struct Added {
    /// Its place among the insertions.
    pub(super) place: usize,
    /// The columns that refer to the struct.
    pub(super) by: &'static [usize],
    /// Those that refer to other structs that hold it.
    pub(super) more: Vec<usize>,
}

/// What has changed of a struct.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Changed {
    Nothing,
    /// Its own row, whose version counts up with that.
    Itself,
    /// What belongs to it; its version counts that.
    Below,
}

impl Growing {
    /// Nothing yet, with room for so many changed rows.
    pub(super) fn new(updates: usize) -> Self {
        let mut growing = Growing {
            changes: Changes::default(),
            updates: KeyMap::default(),
            inserted: KeyMap::default(),
            deleted: KeySet::default(),
            carried: KeySet::default(),
            touches: 0,
            next_number: u32::MAX,
            last_dirty: None,
            scratch: Vec::new(),
        };
        growing.updates.reserve(updates);
        growing.changes.updates.reserve(updates);
        growing
    }

    /// Counts what is different.
    pub(super) fn count(&self) -> usize {
        let Changes { inserts, deletes, unlinks, links, .. } = &self.changes;
        self.touches + inserts.len() + deletes.len() + unlinks.len() + links.len()
    }

    /// A number for a row that is inserted without a handle.
    pub(super) fn number(&mut self) -> u32 {
        self.next_number -= 1;
        self.next_number
    }

    /// A row of a struct that was read elsewhere is inserted.
    pub(super) fn assume_new(&mut self, table: &'static Table) {
        let tables = &mut self.changes.assumed_new;
        if !tables.iter().any(|known| known.id() == table.id()) {
            tables.push(table);
        }
    }

    /// The change of a row, if there is one so far.
    pub(super) fn update_of(&self, key: &RowKey) -> Option<&Update> {
        self.updates.get(key).map(|place| &self.changes.updates[*place])
    }

    /// A row refers by this relation to a row that holds it.
    pub(super) fn hold(&mut self, key: &RowKey, relation: Relation) {
        self.changes.held.entry(key.clone()).or_default().extend(relation.far());
    }

    /// Has a row itself changed the columns by which it belonged to another one?
    pub(super) fn refers_anew(&self, key: &RowKey, relation: Relation) -> bool {
        self.update_of(key).is_some_and(|update| self.changes.refers_anew(update, relation.far()))
    }

    /// What is known of a row once all is written, as far as it is known now.
    pub(super) fn snapshot(&mut self, key: &RowKey, known: &Snapshot) -> &mut Snapshot {
        self.changes.snapshots.entry(key.clone()).or_insert_with(|| known.clone())
    }

    /// Columns of a table, shared with the last row that differed if that was in the same.
    pub(super) fn dirty(&mut self, table: TableId, columns: impl Iterator<Item = usize>) -> Dirty {
        self.scratch.clear();
        self.scratch.extend(columns);
        if self.scratch.is_empty() {
            return Dirty::default();
        }
        self.scratch.sort_unstable();
        match &self.last_dirty {
            Some((of, last)) if *of == table && last.columns() == self.scratch => last.clone(),
            _ => {
                let dirty = Dirty::of(table.facts(), &self.scratch);
                self.last_dirty = Some((table, dirty.clone()));
                dirty
            }
        }
    }

    /// A row is changed by a struct in these columns.
    pub(super) fn update(
        &mut self,
        key: RowKey,
        known: &Snapshot,
        read: &AsRead,
        encoded: EncodedRow,
        dirty: Dirty,
    ) -> Result<(), Error> {
        if dirty.is_empty() {
            return Ok(());
        }
        self.touches += 1;
        let encoded = with_version(encoded, read);
        match self.place(&key) {
            Some(place) => self.changes.updates[place].merge(read.model, encoded, dirty.columns()),
            None => {
                self.push(key, read.model, known.completed(read.model, encoded), known.row(), dirty);
                Ok(())
            }
        }
    }

    /// A column of a changed row waits for the key of a new row. Is that the only one?
    pub(super) fn wait(&mut self, key: &RowKey, column: usize, number: u32) -> bool {
        let place = self.updates.get(key).copied();
        let Some(update) = place.and_then(|place| self.changes.updates.get_mut(place)) else { return true };
        let known = update.waits.iter().find(|(waiting, _)| *waiting == column).map(|(_, known)| *known);
        if known.is_none() {
            update.waits.push((column, number));
        }
        known.is_none_or(|known| known == number)
    }

    /// A row belongs by this relation to another no more; it must have done so until now.
    pub(super) fn leave(&mut self, key: &RowKey, relation: Relation) {
        let place = self.updates.get(key).copied();
        if let Some(update) = place.and_then(|place| self.changes.updates.get_mut(place)) {
            let more = relation.far().iter().filter(|far| !update.by.contains(far)).copied();
            let more: Vec<usize> = more.collect();
            update.by.extend(more);
        }
    }

    /// The version of a row counts up although none of its columns changes.
    pub(super) fn bump(&mut self, key: RowKey, known: &Snapshot, read: &AsRead) -> Result<(), Error> {
        if read.model.version.is_none() {
            return Ok(());
        }
        match self.place(&key) {
            Some(place) => self.changes.updates[place].check(read.model, &read.encoded),
            None => {
                let encoded = known.completed(read.model, read.encoded.clone());
                self.push(key, read.model, encoded, known.row(), Dirty::default());
                Ok(())
            }
        }
    }

    /// A row that was read elsewhere is written as a whole.
    pub(super) fn write_whole(
        &mut self,
        key: RowKey,
        model: &'static Model,
        encoded: &EncodedRow,
    ) -> Result<(), Error> {
        let dirty = self.dirty(key.id(), model.changing().iter().copied());
        if let Some(place) = self.place(&key) {
            return self.changes.updates[place].merge(model, encoded.clone(), dirty.columns());
        }
        self.push(key, model, encoded.clone(), encoded.clone(), dirty);
        if let Some(update) = self.changes.updates.last_mut() {
            update.is_whole = true;
        }
        Ok(())
    }

    /// The place of the change of a row, if there is one so far; else the next one is its.
    fn place(&mut self, key: &RowKey) -> Option<usize> {
        let next = self.changes.updates.len();
        let place = *self.updates.entry(key.clone()).or_insert(next);
        (place < next).then_some(place)
    }

    /// Adds a change of the row whose place was asked for last.
    fn push(
        &mut self,
        key: RowKey,
        model: &'static Model,
        encoded: EncodedRow,
        before: EncodedRow,
        dirty: Dirty,
    ) {
        self.changes.updates.push(Update {
            key,
            model,
            encoded,
            before,
            dirty,
            version: model.version,
            touched: Cow::Borrowed(model.touched),
            is_whole: false,
            by: Vec::new(),
            waits: Vec::new(),
            saved: Vec::new(),
        });
    }

    /// The changes; where something follows, with what is known of the rows then.
    pub(super) fn finish(mut self, identity_map: Option<&IdentityMap>) -> Changes {
        let mut gone = std::mem::take(&mut self.deleted);
        for (place, row) in self.changes.carried.iter().enumerate() {
            if self.updates.contains_key(&row.key) && !gone.contains(&row.key) {
                self.changes.dropped.push(place);
            }
        }
        gone.extend(self.changes.carried.iter().map(|row| row.key.clone()));
        self.changes.updates.retain(|update| !gone.contains(&update.key));
        self.changes.snapshots.retain(|key, _| !gone.contains(key));
        if let Some(identity_map) = identity_map {
            self.renew(identity_map);
            self.disown(identity_map);
        }
        self.changes
    }

    /// What is known of the rows that are changed.
    fn renew(&mut self, identity_map: &IdentityMap) {
        let Changes { updates, snapshots, .. } = &mut self.changes;
        for update in updates {
            let known = snapshots.get(&update.key).or_else(|| identity_map.get(&update.key));
            let Some(mut known) = known.cloned() else { continue };
            for (model, encoded) in update.structs() {
                let next = version(model, encoded).and_then(next_version);
                let renewed = match (model.version, next) {
                    (Some(at), Some(next)) => encoded.replaced(at, Cell::Value(&next)),
                    _ => encoded.clone(),
                };
                known.renew(model, renewed);
                if let Some(read) = known.as_read_mut(model) {
                    read.is_outdated |= !update.waits.is_empty();
                }
            }
            if update.version.is_some() {
                known.advance_others(update.leader());
            }
            snapshots.insert(update.key.clone(), known);
        }
    }

    /// The rows that refer to others now belong to those no more that they referred to.
    fn disown(&mut self, identity_map: &IdentityMap) {
        let Changes { updates, snapshots, .. } = &mut self.changes;
        let mut leaving: HashMap<*const Reference, Leaving> = HashMap::new();
        for update in updates.iter().filter(|update| !update.is_whole && update.dirty.touches_reference) {
            let left = |reference: &&Reference| update.changes_any(reference.columns);
            for reference in update.table().references.iter().filter(left) {
                let Some(before) = update.before.key(reference.columns.iter().copied()) else { continue };
                let Leaving { owners, .. } = leaving
                    .entry(reference)
                    .or_insert_with(|| Leaving { reference, owners: KeyMap::default() });
                for owner in identity_map.owners(&update.key, reference, &before) {
                    owners.entry(owner).or_default().insert(update.key.clone());
                }
            }
        }
        for Leaving { reference, owners } in leaving.into_values() {
            for (owner, rows) in owners {
                let Some(known) = identity_map.get(&owner) else { continue };
                let known = snapshots.entry(owner).or_insert_with(|| known.clone());
                known.disown(&rows, reference.columns);
            }
        }
    }
}

/// The rows that leave others by a foreign key, by those others.
struct Leaving {
    reference: &'static Reference,
    owners: KeyMap<RowKey, KeySet<RowKey>>,
}

/// The row with the version that is checked.
fn with_version(encoded: EncodedRow, read: &AsRead) -> EncodedRow {
    match read.model.version.map(|at| (at, read.encoded.cell(at))) {
        Some((at, version @ Cell::Value(_))) if encoded.cell(at) != version => encoded.replaced(at, version),
        Some(_) | None => encoded,
    }
}

impl Update {
    /// Is it this row, as this struct has it?
    pub(super) fn is_of(&self, row: &SavedRow) -> bool {
        std::ptr::eq(self.model, row.model) && self.key.is_of(row)
    }

    /// The structs that the row is saved in, with their columns.
    fn structs(&self) -> impl Iterator<Item = (&'static Model, &EncodedRow)> {
        let first = self.saved.is_empty().then_some((self.model, &self.encoded));
        first.into_iter().chain(self.saved.iter().map(|(model, encoded)| (*model, encoded)))
    }

    /// The struct whose version is checked.
    fn leader(&self) -> &'static Model {
        self.structs().map(|(model, _)| model).find(|model| model.version.is_some()).unwrap_or(self.model)
    }

    /// The row is saved once more: by the same struct, reached in another way, or by another one.
    fn merge(&mut self, model: &'static Model, encoded: EncodedRow, dirty: &[usize]) -> Result<(), Error> {
        let is_alone = self.saved.is_empty() && std::ptr::eq(self.model, model);
        if !is_alone {
            self.merge_struct(model, &encoded, dirty)?;
        }
        let table = self.table();
        for &at in dirty {
            let value = encoded.cell(at);
            if !self.is_dirty(at) {
                self.encoded = self.encoded.replaced(at, value);
                self.add_dirty(at);
            } else if !same(table.columns[at].oid, self.encoded.cell(at), value) {
                return Err(Error::invalid(format!(
                    "a row of `{}` is saved twice, with different values of `{}`",
                    table.shown, table.columns[at].name
                )));
            }
        }
        Ok(())
    }

    /// Keeps apart what each struct has.
    fn merge_struct(
        &mut self,
        model: &'static Model,
        encoded: &EncodedRow,
        dirty: &[usize],
    ) -> Result<(), Error> {
        if self.saved.is_empty() {
            self.saved.push((self.model, self.encoded.clone()));
        }
        match self.saved.iter_mut().find(|(known, _)| std::ptr::eq(*known, model)) {
            Some((_, known)) => {
                for &at in dirty {
                    *known = known.replaced(at, encoded.cell(at));
                }
                Ok(())
            }
            None => {
                self.saved.push((model, encoded.clone()));
                self.check(model, encoded)
            }
        }
    }

    /// Has the version checked and counted up that this struct has, and sets what it sets besides.
    fn check(&mut self, model: &'static Model, encoded: &EncodedRow) -> Result<(), Error> {
        match (self.version, model.version) {
            (Some(at), Some(_)) if self.encoded.cell(at) != encoded.cell(at) => return Err(gone(&self.key)),
            (None, Some(at)) => {
                self.version = Some(at);
                self.encoded = self.encoded.replaced(at, encoded.cell(at));
            }
            _ => {}
        }
        for touched in model.touched {
            if self.touched.iter().all(|(known, _)| *known != touched.0) {
                self.touched.to_mut().push(*touched);
            }
        }
        Ok(())
    }
}

/// The row is not there, or has another version.
pub(super) fn gone(key: &RowKey) -> Error {
    let table = key.table();
    let cells =
        table.key.iter().zip(key.cells()).map(|(place, cell)| (table.columns[*place].oid, cell.into()));
    Error::stale_rows(table.shown, vec![cells.collect()])
}
