//! Structs that are saved: rows that changed, and rows that came.

use std::collections::hash_map::Entry;

use super::Differ;
use super::index::held_twice;
use super::result::{Changed, gone};
use crate::error::Error;
use crate::table::facts::Table;
use crate::table::shape::Relation;
use crate::unit_of_work::relations::{inserts, is_owning};
use crate::write::encoded_row::{Cell, EncodedRow, same};
use crate::write::identity::RowKey;
use crate::write::saved_row::SavedRow;
use crate::write::shown_row::changed;
use crate::write::snapshot::{AsRead, Snapshot, relations};

/// To whom a row belongs that is looked at.
#[derive(Clone, Copy)]
pub(super) struct Owner {
    /// Its place among the rows of the struct.
    pub(super) place: usize,
    pub(super) relation: Relation,
    /// Its number, if it is a new row whose key the database will make.
    pub(super) made: Option<u32>,
}

impl Differ<'_, '_> {
    /// The rows of a struct: new ones, and changed ones.
    pub(super) fn save(&mut self, rows: &[SavedRow]) -> Result<Changed, Error> {
        let (before, updates) = (self.growing.count(), self.growing.changes.updates.len());
        self.linked_new.clear();
        self.visit(rows, 0, None)?;
        // The struct's own row is the first that is visited.
        let first = self.growing.changes.updates.get(updates).zip(rows.first());
        Ok(match first {
            Some((update, root)) if update.is_of(root) => Changed::Itself,
            _ if self.growing.count() > before => Changed::Below,
            _ => Changed::Nothing,
        })
    }

    /// Something of a struct has changed; its version counts the changes of all that belongs to it.
    pub(super) fn count_up(&mut self, rows: &[SavedRow]) -> Result<(), Error> {
        let Some(root) = rows.first() else { return Ok(()) };
        let key = RowKey::of(root);
        let known = self.index.identity_map.get(&key);
        match known.and_then(|known| Some((known, known.as_read(root.model)?))) {
            Some((known, read)) => self.growing.bump(key, known, read),
            None => Ok(()),
        }
    }

    fn visit(&mut self, rows: &[SavedRow], place: usize, owner: Option<Owner>) -> Result<(), Error> {
        let row = &rows[place];
        let key = RowKey::of(row);
        if self.index.doomed(&key).is_some() {
            return Ok(());
        }
        let is_owned = owner.is_some_and(|owner| is_owning(owner.relation));
        let known = self.index.identity_map.get(&key);
        let mut of_another = None;
        let read = known.and_then(|known| Some((known, as_read(known, row, is_owned, &mut of_another)?)));
        let mut made = None;
        match (read, owner) {
            (Some(_), Some(_)) if self.is_detached() && !is_owned => {
                self.leave_unwritten(rows, place);
                return Ok(());
            }
            (Some((known, read)), _) => {
                self.change(key, rows, place, owner.filter(|_| is_owned), known, read)?;
            }
            (None, Some(owner)) if is_owned && self.is_present(&key) => self.take_over(rows, place, owner)?,
            (None, Some(owner)) if is_owned => made = self.add(rows, place, Some(owner))?,
            (None, Some(owner)) if inserts(owner.relation) && known.is_none() && !self.is_present(&key) => {
                made = self.add(rows, place, None)?;
                self.linked_new.extend(made.map(|number| (place, number)));
            }
            (None, Some(owner)) if row.model.makes_key() && key.is_blank() => {
                return Err(not_there(rows[owner.place].model.table, row.model.table));
            }
            // What a link or `belongs_to` leads to is another aggregate: it was read elsewhere.
            (None, Some(_)) => {
                self.leave_unwritten(rows, place);
                return Ok(());
            }
            (None, None) if self.merges() => made = self.add(rows, place, None)?,
            (None, None) if is_written_whole(row) => self.write_whole(row, rows)?,
            (None, None) if self.index.identity_map.has_deleted(&key) => {
                return Err(deleted(row.model.table));
            }
            (None, None) => return Err(gone(&key)),
        }
        for (relation, places) in row.relations.iter().filter(|(relation, _)| !inserts(*relation)) {
            for child in places {
                self.visit(rows, *child, Some(Owner { place, relation: *relation, made }))?;
            }
        }
        Ok(())
    }

    /// Rows that links lead to, and that are inserted where they are not there: before the links.
    pub(super) fn insert_linked(&mut self, rows: &[SavedRow], place: usize) -> Result<(), Error> {
        for (relation, places) in rows[place].relations.iter().filter(|(relation, _)| inserts(*relation)) {
            for child in places {
                self.visit(rows, *child, Some(Owner { place, relation: *relation, made: None }))?;
            }
        }
        Ok(())
    }

    /// A row that is there.
    fn change(
        &mut self,
        key: RowKey,
        rows: &[SavedRow],
        place: usize,
        owner: Option<Owner>,
        known: &Snapshot,
        read: &AsRead,
    ) -> Result<(), Error> {
        self.insert_linked(rows, place)?;
        let row = &rows[place];
        let table = row.model.table;
        if read.has_unknown {
            return Err(Error::invalid(format!(
                "`{}` was saved with rows whose keys the database has made or changed: `refresh` it before it is saved again",
                table.shown
            )));
        }
        if !read.has_version(&row.encoded) {
            return Err(gone(&key));
        }
        self.refuse_changed_views(row, read)?;
        let (encoded, comes) = match owner {
            Some(owner) => self.owned(row, rows, owner)?,
            None => (row.encoded.clone(), &[][..]),
        };
        let differs = |place: &usize| {
            comes.contains(place)
                || !same(table.columns[*place].oid, encoded.cell(*place), read.encoded.cell(*place))
        };
        let dirty = self.growing.dirty(key.id(), row.model.changing().iter().copied().filter(differs));
        let is_moved = |owner: &Owner| owner.relation.far().iter().any(|far| dirty.contains(*far));
        if let Some(owner) = owner.filter(is_moved) {
            self.growing.hold(&key, owner.relation);
            self.leave(&rows[owner.place], owner.relation, known)?;
        }
        let refers =
            |(relation, _): &(Relation, Vec<usize>)| relation.pairs().any(|(_, near)| dirty.contains(near));
        if !dirty.is_empty() && row.relations.iter().any(refers) {
            self.growing.changes.renamed.insert(key.clone());
        }
        self.growing.update(key, known, read, encoded, dirty)?;
        self.wait(row, rows, owner)?;
        self.relate(rows, place, known)
    }

    /// A row that is there belongs to a new one whose key the database will make.
    fn wait(&mut self, row: &SavedRow, rows: &[SavedRow], owner: Option<Owner>) -> Result<(), Error> {
        let made = owner.and_then(|owner| Some((owner, owner.made?)));
        let Some((Owner { place, relation, made: _ }, number)) = made else { return Ok(()) };
        let mut waits = relation.pairs().filter(|(_, near)| *rows[place].model.table.key == [*near]);
        match waits.all(|(far, _)| self.growing.wait(&RowKey::of(row), far, number)) {
            true => Ok(()),
            false => Err(held_twice(row.model.table)),
        }
    }

    /// Rows of views are only read: whoever changes them would wait for what is never written. What another
    /// aggregate shows in a struct that was read elsewhere may have changed since.
    fn refuse_changed_views(&self, row: &SavedRow, read: &AsRead) -> Result<(), Error> {
        if read.shown.is_empty() && row.shown.is_empty() {
            return Ok(());
        }
        match changed(&read.shown, &row.shown) {
            Some(relation) if !(self.is_detached() && relation.is_of_others()) => {
                Err(views_changed(row.model.table, relation))
            }
            _ => Ok(()),
        }
    }

    /// Those of a new row are not there, and cannot be inserted.
    pub(super) fn refuse_new_views(row: &SavedRow) -> Result<(), Error> {
        match row.shown.iter().find(|shown| !shown.relation.is_of_others()) {
            Some(shown) => Err(views_changed(row.model.table, shown.relation)),
            None => Ok(()),
        }
    }

    /// A row moves: the one that it leaves has changed, too, whether it is saved or not.
    fn leave(&mut self, owner: &SavedRow, relation: Relation, known: &Snapshot) -> Result<(), Error> {
        if !relation.pairs().map(|(_, near)| near).eq(owner.model.table.key.iter().copied()) {
            return Ok(());
        }
        let left = known.row().key(relation.far().iter().copied());
        let Some(left) = left.map(|key| RowKey::new(owner.model.id(), key)) else { return Ok(()) };
        let donor = self.index.identity_map.get(&left);
        match donor.and_then(|donor| Some((donor, donor.as_read(owner.model)?))) {
            Some((donor, read)) => self.growing.bump(left, donor, read),
            None => Ok(()),
        }
    }

    /// What is known of a row that has been saved.
    fn relate(&mut self, rows: &[SavedRow], place: usize, known: &Snapshot) -> Result<(), Error> {
        let row = &rows[place];
        if row.relations.is_empty() {
            return Ok(());
        }
        let now = relations(row, rows);
        let differs = |(relation, now): &&(Relation, Vec<RowKey>)| known.relation(*relation) != Some(now);
        let mut regrouped = now.iter().filter(differs).peekable();
        if regrouped.peek().is_none() {
            return Ok(());
        }
        for (relation, now) in regrouped.filter(|(relation, _)| is_owning(*relation)) {
            let then = known.relation(*relation).into_iter().flatten();
            self.growing.changes.regrouped.extend(now.iter().chain(then).next().map(RowKey::id));
        }
        self.links(row, rows, known)?;
        if !self.keeps_snapshots {
            return Ok(());
        }
        let has_unknown = self.has_unknown(row, rows);
        let snapshot = self.growing.snapshot(&RowKey::of(row), known);
        snapshot.relate(now);
        if let Some(read) = snapshot.as_read_mut(row.model) {
            read.has_unknown = has_unknown;
        }
        Ok(())
    }

    /// Does a row get others whose keys the database will make?
    pub(super) fn has_unknown(&self, row: &SavedRow, rows: &[SavedRow]) -> bool {
        row.relations.iter().any(|(relation, places)| {
            let is_unknown = |place: &usize| {
                let (row, key) = (&rows[*place], RowKey::of(&rows[*place]));
                let has_no_key = row.model.makes_key() && key.is_blank();
                // Of a row that is merged and was not read it is not known what it was.
                let is_taken_over = is_owning(*relation) && self.is_present(&key);
                (has_no_key || is_taken_over) && self.index.identity_map.get(&key).is_none()
            };
            (is_owning(*relation) || inserts(*relation)) && places.iter().any(is_unknown)
        })
    }

    /// A row that is there, and of which nothing else is known: its links are there already, or are added.
    fn take_over(&mut self, rows: &[SavedRow], place: usize, owner: Owner) -> Result<(), Error> {
        self.insert_linked(rows, place)?;
        let row = &rows[place];
        let (encoded, _) = self.owned(row, rows, owner)?;
        self.growing.write_whole(RowKey::of(row), row.model, &encoded)?;
        self.wait(row, rows, Some(owner))?;
        let number = self.growing.number();
        self.link_new(row, rows, number)?;
        self.has_other_keys(&rows[owner.place]);
        Ok(())
    }

    /// A row that was read elsewhere: its version tells whether anything is as it was then.
    fn write_whole(&mut self, row: &SavedRow, rows: &[SavedRow]) -> Result<(), Error> {
        let key = RowKey::of(row);
        self.growing.write_whole(key.clone(), row.model, &row.encoded)?;
        if self.keeps_snapshots {
            let fresh = Snapshot::read(row, rows);
            match self.index.identity_map.get(&key) {
                Some(known) => self.growing.snapshot(&key, known).learn(fresh),
                None => match self.growing.changes.snapshots.entry(key) {
                    Entry::Occupied(mut other) => other.get_mut().learn(fresh),
                    Entry::Vacant(place) => drop(place.insert(fresh)),
                },
            }
        }
        Ok(())
    }

    /// A row that belongs to another refers to that one, whatever its own columns say. Also answers the columns that are to be
    /// written although they may be the same: another row may have had their values when this one was read.
    pub(super) fn owned(
        &mut self,
        row: &SavedRow,
        rows: &[SavedRow],
        owner: Owner,
    ) -> Result<(EncodedRow, &'static [usize]), Error> {
        let Owner { place, relation, made } = owner;
        let (owner, table) = (&rows[place], row.model.table);
        let comes = self.comes(row, owner, relation)?;
        let mut encoded = row.encoded.clone();
        let (mut is_moved, mut is_cascaded) = (false, false);
        let mut renewed = encoded.clone();
        for (far, near) in relation.pairs() {
            if !row.model.places.contains(&far) {
                if self.belonged(row, owner, relation) {
                    continue;
                }
                return Err(not_a_field(table, far));
            }
            let waits = made.is_some() && *owner.model.table.key == [near];
            let value = if waits { Cell::Absent } else { self.renewed(owner).cell(near) };
            if value == Cell::Absent && !waits || !comes && encoded.cell(far) == value {
                continue;
            }
            let of_owner = self.above(owner, relation, comes)?;
            let value = if waits { Cell::Absent } else { of_owner.cell(near) };
            if comes && encoded.cell(far) == value {
                continue;
            }
            is_moved = true;
            renewed = renewed.replaced(far, value);
            if !row.model.changing().contains(&far) {
                if !comes && self.is_renamed_with(row, owner, (far, near)) {
                    is_cascaded = true;
                    continue;
                }
                return Err(Error::invalid(format!(
                    "a row of `{table}` cannot be moved: its key contains `{far}`; delete it, and insert another",
                    table = table.shown,
                    far = table.columns[far].name
                )));
            }
            encoded = encoded.replaced(far, value);
        }
        if is_cascaded {
            self.growing.changes.cascaded.insert(RowKey::of(row));
            self.has_other_keys(owner);
        }
        if is_moved {
            self.renewed.insert(RowKey::of(row), renewed);
        }
        if !comes {
            return Ok((encoded, &[]));
        }
        self.note_renamed(owner, relation)?;
        Ok((encoded, relation.far()))
    }

    /// A row with the values that its foreign keys are going to have.
    pub(super) fn renewed<'r>(&'r self, row: &'r SavedRow) -> &'r EncodedRow {
        let renewed = if self.renewed.is_empty() { None } else { self.renewed.get(&RowKey::of(row)) };
        renewed.unwrap_or(&row.encoded)
    }

    /// Does a column of a row's key change because that of its owner does, which the row referred to before?
    fn is_renamed_with(&self, row: &SavedRow, owner: &SavedRow, (far, near): (usize, usize)) -> bool {
        let known = self.index.identity_map.get(&RowKey::of(owner));
        known.is_some_and(|known| known.row().cell(near) == row.encoded.cell(far))
    }

    /// Is the row among those that belonged to its owner before? Many may be asked for.
    pub(super) fn belonged(&mut self, row: &SavedRow, owner: &SavedRow, relation: Relation) -> bool {
        let owner = RowKey::of(owner);
        let Some(known) = self.index.identity_map.get(&owner) else { return false };
        let sets = self.members.entry(owner).or_insert_with(|| {
            let set =
                |(relation, keys): &(Relation, Vec<RowKey>)| (*relation, keys.iter().cloned().collect());
            known.relations.iter().map(set).collect()
        });
        sets.iter().any(|(found, keys)| found.is(relation) && keys.contains(&RowKey::of(row)))
    }
}

/// What this struct has read of a row; a row that belongs to another one is one that another struct over its
/// table has read, too.
fn as_read<'k>(
    known: &'k Snapshot,
    row: &SavedRow,
    is_owned: bool,
    of_another: &'k mut Option<AsRead>,
) -> Option<&'k AsRead> {
    match known.as_read(row.model) {
        None if is_owned => Some(of_another.insert(AsRead::new(row.model, known.row()))),
        read => read,
    }
}

/// Can a row be written without a look at what is there? Nothing but itself is to be compared, and its
/// version is checked.
pub(in crate::unit_of_work) fn is_written_whole(row: &SavedRow) -> bool {
    let is_compared = |relation: &Relation| match relation {
        Relation::Many(_) => true,
        Relation::One(one) => one.owned.is_some(),
    };
    row.model.version.is_some() && !row.relations.iter().any(|(relation, _)| is_compared(relation))
}

fn deleted(table: &Table) -> Error {
    Error::invalid(format!(
        "a row of `{}` that this unit of work has deleted is saved: `insert` it, if it is to be there again",
        table.shown
    ))
}

fn views_changed(table: &Table, relation: Relation) -> Error {
    let (shown, other) = match relation {
        Relation::Many(many) => (format!("`{}`", many.field), many.other.shape().table),
        Relation::One(one) => {
            (format!("a relation of `{}` to one row", table.shown), one.other.shape().table)
        }
    };
    Error::invalid(format!(
        "{shown} holds rows of `{other}` as a view, which is only read, but they are not as they were read: change, add and \
         remove them by a struct with `#[derive(Repository)]` over `{other}`, and leave the view as it was; if others have \
         changed them meanwhile, read the struct in this unit of work"
    ))
}

/// A new row in the place of another aggregate.
fn not_there(owner: &Table, table: &Table) -> Error {
    Error::invalid(format!(
        "a struct over `{}` that is saved holds a row of `{table}` without a key, which does not belong to it but is linked or referred \
         to: insert the row of `{table}` first, by `uow.insert` or its repository, and put in what that answers; a relation by a link table \
         inserts it where it says `insert = true`",
        owner.shown,
        table = table.shown
    ))
}

pub(super) fn not_a_field(table: &Table, column: usize) -> Error {
    Error::invalid(format!(
        "a row of `{shown}` cannot be added, moved or taken out here, because its struct has no field for `{column}`; \
         give it one, or change `{shown}` by itself",
        shown = table.shown,
        column = table.columns[column].name
    ))
}
