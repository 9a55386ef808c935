//! Rows that are taken out of a struct, or deleted.

use super::Differ;
use super::added::refuse_part;
use super::result::gone;
use super::saved::not_a_field;
use crate::error::Error;
use crate::table::facts::Table;
use crate::table::link::Orphans;
use crate::table::shape::Relation;
use crate::unit_of_work::changes::{Carried, Deletion, Update};
use crate::unit_of_work::let_go::refers_elsewhere;
use crate::unit_of_work::relations::{goes_along, is_owning, orphans};
use crate::value::row_key::KeySet;
use crate::write::encoded_row::{Cell, EncodedRow};
use crate::write::identity::RowKey;
use crate::write::saved_row::SavedRow;
use crate::write::snapshot::{AsRead, Snapshot};

impl Differ<'_, '_> {
    /// Rows that do not belong to a struct any more. Are there any?
    pub(super) fn miss(&mut self, rows: &[SavedRow]) -> Result<bool, Error> {
        let before = self.growing.count();
        for row in rows.iter().filter(|row| !row.relations.is_empty()) {
            let owner = RowKey::of(row);
            let Some(known) = self.index.identity_map.get(&owner) else { continue };
            for (relation, places) in row.relations.iter().filter(|(relation, _)| is_owning(*relation)) {
                let Some(then) = known.relation(*relation) else { continue };
                let now: KeySet<RowKey> = places.iter().map(|place| RowKey::of(&rows[*place])).collect();
                for key in then.iter().filter(|key| !now.contains(key)) {
                    refuse_part(*relation)?;
                    self.growing.touches += 1;
                    if !self.index.is_held(key, *relation) && !self.growing.refers_anew(key, *relation) {
                        self.orphan(key, *relation, owner.table(), &known.row())?;
                    }
                }
            }
        }
        Ok(self.growing.count() > before)
    }

    /// A row belongs to its owner no more. One that has been read again since, and refers to another row, belongs
    /// to that one.
    fn orphan(
        &mut self,
        key: &RowKey,
        relation: Relation,
        owners: &Table,
        owner: &EncodedRow,
    ) -> Result<(), Error> {
        let Some(known) = self.index.identity_map.get(key) else { return Ok(()) };
        if refers_elsewhere(relation, (key.table(), &known.row()), (owners, owner)) {
            return Ok(());
        }
        match orphans(relation) {
            Orphans::Delete => self.delete_row(key, known, relation.far()),
            Orphans::Null(columns) => self.release(key, known, relation, columns),
        }
    }

    /// Of the columns that become NULL, those that no other foreign key has: that one stays as it is.
    fn alone(table: &Table, relation: Relation, columns: &'static [usize]) -> Vec<usize> {
        let others = table.references.iter().filter(|reference| !relation.is_over(reference.columns));
        let shared: Vec<usize> = others.flat_map(|reference| reference.columns).copied().collect();
        let alone: Vec<usize> = columns.iter().copied().filter(|column| !shared.contains(column)).collect();
        if alone.is_empty() { columns.to_vec() } else { alone }
    }

    /// A row stays, with NULL in these columns.
    fn release(
        &mut self,
        key: &RowKey,
        known: &Snapshot,
        relation: Relation,
        columns: &'static [usize],
    ) -> Result<(), Error> {
        let columns = Self::alone(key.table(), relation, columns);
        let holds = |read: &&AsRead| columns.iter().all(|far| read.model.changing().contains(far));
        let Some(read) = known.all().find(holds) else {
            return Err(not_a_field(key.table(), columns.first().copied().unwrap_or_default()));
        };
        let mut encoded = match self.growing.update_of(key) {
            Some(update) => update.encoded.clone(),
            None => read.encoded.clone(),
        };
        for far in &columns {
            encoded = encoded.replaced(*far, Cell::Null);
        }
        let dirty = self.growing.dirty(key.id(), columns.iter().copied());
        self.growing.update(key.clone(), known, read, encoded, dirty)?;
        self.growing.leave(key, relation);
        Ok(())
    }

    pub(super) fn delete(&mut self, rows: &[SavedRow]) -> Result<(), Error> {
        let Some(root) = rows.first() else { return Ok(()) };
        let key = RowKey::of(root);
        let known = self.index.identity_map.get(&key);
        match known.and_then(|known| Some((known, known.as_read(root.model)?))) {
            Some((_, read)) if !read.has_version(&root.encoded) => Err(gone(&key)),
            Some((known, _)) => self.delete_row(&key, known, &[]),
            None => self.delete_detached(rows, 0, &[]),
        }
    }

    /// Deletes a row that is known, and what belongs to it and does not go with it by itself. It must still refer
    /// `by` these columns to what they refer to.
    fn delete_row(&mut self, key: &RowKey, known: &Snapshot, by: &'static [usize]) -> Result<(), Error> {
        if !self.growing.deleted.insert(key.clone()) {
            return Ok(());
        }
        self.growing.changes.buried.push(key.clone());
        self.below(key, key, known)?;
        let by = self.asked_for(key, by);
        let deletion = Deletion { table: key.id(), encoded: known.row(), version: known.version_at(), by };
        self.growing.changes.deletes.push(deletion);
        Ok(())
    }

    /// The columns by which a row must still belong to the one that it goes with: none if its deletion was asked for itself.
    fn asked_for(&self, key: &RowKey, by: &'static [usize]) -> &'static [usize] {
        if self.index.doomed(key).is_some() { &[] } else { by }
    }

    /// What becomes of the rows below one that is deleted, by itself or with another.
    fn below(&mut self, deleted: &RowKey, key: &RowKey, known: &Snapshot) -> Result<(), Error> {
        let row = known.row();
        for (relation, keys) in &known.relations {
            for child in keys {
                if let Relation::Many(many) = relation
                    && many.link.through.is_some()
                {
                    if !goes_along(*relation) {
                        let link = self.link_of(many, key, &row, child)?;
                        self.growing.changes.unlinks.push(link);
                    }
                } else if !is_owning(*relation) || self.has_left(child, *relation, key, &row) {
                } else if !goes_along(*relation) {
                    self.orphan(child, *relation, key.table(), &row)?;
                } else if let Some(found) = self.index.identity_map.get(child)
                    && !self.growing.deleted.contains(child)
                    && self.growing.carried.insert(child.clone())
                {
                    // It is deleted by the database, but what is below it may not be.
                    self.carry(deleted, *relation, child.clone(), found.row());
                    self.below(deleted, child, found)?;
                }
            }
        }
        Ok(())
    }

    /// Does a foreign key of a row refer to another owner now, because that one holds the row or because the row says
    /// so itself?
    fn has_left(&self, key: &RowKey, relation: Relation, owner: &RowKey, row: &EncodedRow) -> bool {
        let leaves = |update: &Update| {
            let mut pairs = relation.pairs();
            update.changes_any(relation.far())
                && pairs.any(|(far, near)| update.encoded.cell(far) != row.cell(near))
        };
        self.index.has_moved(key, owner, relation) || self.growing.update_of(key).is_some_and(leaves)
    }

    /// A row that the database deletes with another.
    fn carry(&mut self, with: &RowKey, relation: Relation, key: RowKey, encoded: EncodedRow) {
        self.growing.changes.buried.push(key.clone());
        self.growing.changes.carried.push(Carried { with: with.clone(), by: relation.far(), key, encoded });
    }

    /// The same for a struct that was read elsewhere.
    fn delete_detached(
        &mut self,
        rows: &[SavedRow],
        place: usize,
        by: &'static [usize],
    ) -> Result<(), Error> {
        let row = &rows[place];
        let key = RowKey::of(row);
        if !self.growing.deleted.insert(key.clone()) {
            return Ok(());
        }
        self.growing.changes.buried.push(key.clone());
        // Another struct may have read rows below it that this one does not hold.
        if let Some(known) = self.index.identity_map.get(&key) {
            self.below(&key, &key, known)?;
        }
        self.detached_below(&key, rows, place)?;
        let by = self.asked_for(&key, by);
        let (table, encoded, version) = (key.id(), row.encoded.clone(), row.model.version);
        self.growing.changes.deletes.push(Deletion { table, encoded, version, by });
        Ok(())
    }

    fn detached_below(&mut self, deleted: &RowKey, rows: &[SavedRow], place: usize) -> Result<(), Error> {
        let row = &rows[place];
        let key = RowKey::of(row);
        for (relation, places) in &row.relations {
            for child in places {
                let far = RowKey::of(&rows[*child]);
                match relation {
                    Relation::Many(many) if many.link.through.is_some() => {
                        if !goes_along(*relation) {
                            let link = self.link(many, row, &far)?;
                            self.growing.changes.unlinks.push(link);
                        }
                    }
                    _ if !is_owning(*relation) || self.has_left(&far, *relation, &key, &row.encoded) => {}
                    _ if goes_along(*relation) => {
                        self.carry(deleted, *relation, far, rows[*child].encoded.clone());
                        self.detached_below(deleted, rows, *child)?;
                    }
                    _ => match orphans(*relation) {
                        Orphans::Delete => self.delete_detached(rows, *child, relation.far())?,
                        Orphans::Null(columns) => {
                            self.release(&far, &Snapshot::read(&rows[*child], rows), *relation, columns)?;
                        }
                    },
                }
            }
        }
        Ok(())
    }
}
