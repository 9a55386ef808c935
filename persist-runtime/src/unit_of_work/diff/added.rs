//! Rows that came to a struct that is saved.

use tokio_postgres::types::Type;

use super::Differ;
use super::named::nameless;
use super::result::{Added, Growing};
use super::saved::{Owner, not_a_field};
use crate::error::Error;
use crate::table::facts::Table;
use crate::table::model::MadeKey;
use crate::table::shape::Relation;
use crate::unit_of_work::changes::{EndKey, Insertion};
use crate::unit_of_work::relations::is_owning;
use crate::write::encoded_row::{Cell, EncodedRow, same};
use crate::write::identity::RowKey;
use crate::write::saved_row::SavedRow;
use crate::write::snapshot::{Snapshot, relations};

impl Differ<'_, '_> {
    /// A row that is new, and belongs to another unless it is a whole struct; answers its number if the database will
    /// make its key.
    pub(super) fn add(
        &mut self,
        rows: &[SavedRow],
        place: usize,
        owner: Option<Owner>,
    ) -> Result<Option<u32>, Error> {
        let row = &rows[place];
        let key = RowKey::of(row);
        let is_made = self.is_made(row, &key);
        if self.growing.inserted.contains_key(&key) {
            match owner {
                Some(owner) => self.add_again(rows, place, owner)?,
                None => {
                    self.refuse_other(row, &key)?;
                    self.insert_linked(rows, place)?;
                    let number = self.growing.inserted.get(&key).map(|added| added.place);
                    if let Some(number) = number.map(|place| self.growing.changes.inserts[place].number) {
                        self.link_again(row, rows, number)?;
                    }
                }
            }
            return Ok(None);
        }
        self.insert_linked(rows, place)?;
        if let (None, Some(added)) = (owner, self.growing.inserted.get(&key)) {
            let number = self.growing.changes.inserts[added.place].number;
            self.refuse_other(row, &key)?;
            self.link_back(row, rows, number)?;
            return Ok(None);
        }
        Self::refuse_new_views(row)?;
        self.refuse_addition(row, &key, owner.map(|owner| (&rows[owner.place], owner.relation)))?;
        let (encoded, waits) = self.referring(row, rows, owner, is_made)?;
        let is_other = |far: &usize| encoded.cell(*far) != row.encoded.cell(*far);
        if let Some(owner) = owner.filter(|owner| !is_made && owner.made.is_none())
            && owner.relation.far().iter().any(is_other)
        {
            self.renewed.insert(key.clone(), encoded.over(&row.encoded));
        }
        let number = self.growing.number();
        if !is_made {
            if self.is_detached() {
                self.growing.assume_new(row.model.table);
            }
            let place = self.growing.changes.inserts.len();
            let added =
                Added { place, by: owner.map_or(&[], |owner| owner.relation.far()), more: Vec::new() };
            self.growing.inserted.insert(key.clone(), added);
        }
        if !is_made && self.keeps_snapshots {
            self.keep_added(rows, place, owner, &encoded);
        }
        if let Some(owner) = owner {
            self.note_renamed(&rows[owner.place], owner.relation)?;
        }
        let insertion = Insertion { model: row.model, encoded, waits, number, is_upsert: false };
        self.growing.changes.inserts.push(insertion);
        for (_, places) in row.relations.iter().filter(|(relation, _)| is_owning(*relation)) {
            self.growing.changes.regrouped.extend(places.first().map(|place| RowKey::of(&rows[*place]).id()));
        }
        self.link_new(row, rows, number)?;
        Ok(is_made.then_some(number))
    }

    /// A new row to which its own links lead back, so that it is inserted already.
    fn link_back(&mut self, row: &SavedRow, rows: &[SavedRow], number: u32) -> Result<(), Error> {
        if let Some(snapshot) = self.growing.changes.snapshots.get_mut(&RowKey::of(row)) {
            snapshot.relate(relations(row, rows));
        }
        self.link_again(row, rows, number)
    }

    /// A new row that links lead to from several structs: it is the same in all.
    fn refuse_other(&self, row: &SavedRow, key: &RowKey) -> Result<(), Error> {
        let table = row.model.table;
        let added = self.growing.inserted.get(key);
        let known = added.map(|added| &self.growing.changes.inserts[added.place].encoded);
        let differs = |column: &&usize| {
            known.is_some_and(|known| {
                !same(table.columns[**column].oid, known.cell(**column), row.encoded.cell(**column))
            })
        };
        row.model.insert.places.iter().find(differs).map_or(Ok(()), |column| Err(added_twice(table, *column)))
    }

    /// A new row that another relation holds, too: it refers to the owners in both, and is the same besides.
    fn add_again(&mut self, rows: &[SavedRow], place: usize, owner: Owner) -> Result<(), Error> {
        let (row, key) = (&rows[place], RowKey::of(&rows[place]));
        let table = row.model.table;
        let (encoded, waits) = self.referring(row, rows, Some(owner), false)?;
        let Growing { changes, inserted, .. } = &mut self.growing;
        let Some(added) = inserted.get_mut(&key) else { return Ok(()) };
        let insertion = &mut changes.inserts[added.place];
        if !std::ptr::eq(insertion.model, row.model) {
            return Err(Error::invalid(format!(
                "structs of two types hold the same new row of `{}`: insert it by itself",
                table.shown
            )));
        }
        for column in row.model.insert.places.iter().copied() {
            let waits = waits.iter().find(|(at, _)| *at == column);
            let waited = insertion.waits.iter().position(|(at, _)| *at == column);
            let is_same = waited.map(|at| insertion.waits[at].1) == waits.map(|(_, number)| *number)
                && same(table.columns[column].oid, insertion.encoded.cell(column), encoded.cell(column));
            let is_held = added.by.contains(&column) || added.more.contains(&column);
            match (owner.relation.far().contains(&column), is_held) {
                _ if is_same => {}
                // The row says something else only where it does not know its owner.
                (false, true) => {}
                (true, false) => {
                    insertion.encoded = insertion.encoded.replaced(column, encoded.cell(column));
                    insertion.waits.extend(waits);
                    insertion.waits.sort_unstable();
                }
                (true, true) | (false, false) => return Err(added_twice(table, column)),
            }
        }
        added.more.extend(owner.relation.far());
        if let Some(read) = changes.snapshots.get_mut(&key).and_then(|known| known.as_read_mut(row.model)) {
            for far in owner.relation.far() {
                read.encoded = read.encoded.replaced(*far, insertion.encoded.cell(*far));
            }
            read.is_outdated |= owner.made.is_some();
        }
        let number = insertion.number;
        self.link_again(row, rows, number)
    }

    /// The links of a new row that was looked at before, but for those that are there already.
    fn link_again(&mut self, row: &SavedRow, rows: &[SavedRow], number: u32) -> Result<(), Error> {
        let links = self.growing.changes.links.len();
        self.link_new(row, rows, number)?;
        let mut again = self.growing.changes.links.split_off(links);
        again.retain(|link| !self.growing.changes.links.iter().any(|known| known.is(link)));
        self.growing.changes.links.extend(again);
        Ok(())
    }

    /// What is known of a new row once it is written.
    fn keep_added(&mut self, rows: &[SavedRow], place: usize, owner: Option<Owner>, encoded: &EncodedRow) {
        let row = &rows[place];
        let mut snapshot = Snapshot::read(row, rows);
        let mut key = RowKey::of(row);
        let is_made = owner.is_some_and(|owner| owner.made.is_some());
        if let Some(owner) = owner.filter(|_| !is_made) {
            let encoded = encoded.over(&row.encoded);
            // The key may contain that of the owner, whatever the struct shows.
            if let Some(stored) = encoded.key(row.model.table.key.iter().copied()) {
                let stored = RowKey::new(row.model.id(), stored);
                if stored != key {
                    self.has_other_keys(&rows[owner.place]);
                    key = stored;
                }
            }
            snapshot.renew(row.model, encoded);
        }
        let has_unknown = self.has_unknown(row, rows);
        if let Some(read) = snapshot.as_read_mut(row.model) {
            read.is_outdated = is_made || row.model.version.is_some();
            read.has_unknown = has_unknown;
        }
        self.growing.changes.snapshots.insert(key, snapshot);
    }

    /// Rows of a struct get other keys than it shows, so that it has to be read again.
    pub(super) fn has_other_keys(&mut self, owner: &SavedRow) {
        let key = RowKey::of(owner);
        let known = self.index.identity_map.get(&key).filter(|_| self.keeps_snapshots);
        let snapshot = match (self.growing.changes.snapshots.contains_key(&key), known) {
            (false, Some(known)) => Some(self.growing.snapshot(&key, known)),
            _ => self.growing.changes.snapshots.get_mut(&key),
        };
        if let Some(read) = snapshot.and_then(|snapshot| snapshot.as_read_mut(owner.model)) {
            read.has_unknown = true;
        }
    }

    /// The columns of a new row, and those that wait for the key of the row that it belongs to, if the database
    /// makes that.
    fn referring(
        &self,
        row: &SavedRow,
        rows: &[SavedRow],
        owner: Option<Owner>,
        is_made: bool,
    ) -> Result<(EncodedRow, Vec<(usize, u32)>), Error> {
        let (model, table) = (row.model, row.model.table);
        let far = owner.map_or(&[][..], |owner| owner.relation.far());
        if let Some(far) = far.iter().find(|far| !model.insert.has(**far)) {
            return Err(not_a_field(table, *far));
        }
        let above = owner.map(|owner| self.above(&rows[owner.place], owner.relation, true)).transpose()?;
        let above = above.as_ref().unwrap_or(&row.encoded);
        let mut waits = Vec::new();
        let mut cells = vec![Cell::Absent; table.columns.len()];
        for place in model.insert.places.iter().copied() {
            let is_made = is_made && table.key.contains(&place);
            let refers = |owner: Owner| {
                let mut pairs = owner.relation.pairs();
                pairs.find(|(far, _)| *far == place).map(|(_, near)| (owner, near))
            };
            cells[place] = match owner.and_then(refers) {
                Some((Owner { made, place: at, relation: _ }, near)) => match (made, rows[at].model.table) {
                    (Some(number), owners) if *owners.key == [near] => {
                        waits.push((place, number));
                        Cell::Absent
                    }
                    (_, owners) => match above.cell(near) {
                        Cell::Absent => return Err(not_a_field(owners, near)),
                        Cell::Null => return Err(nameless(owners, near)),
                        cell => cell,
                    },
                },
                None if is_made => Cell::Absent,
                None => row.encoded.cell(place),
            };
        }
        Ok((EncodedRow::of_cells(cells.into_iter()), waits))
    }

    /// The links of a new row.
    pub(super) fn link_new(&mut self, row: &SavedRow, rows: &[SavedRow], number: u32) -> Result<(), Error> {
        for (relation, places) in &row.relations {
            let Relation::Many(many) = relation else { continue };
            if many.link.through.is_none() {
                continue;
            }
            for place in places {
                let mut link = self.link_to(many, row, (*place, &rows[*place]))?;
                if many.near == row.model.table.key && self.is_made(row, &RowKey::of(row)) {
                    link.near.key = EndKey::Waits(number);
                }
                self.growing.changes.links.push(link);
            }
        }
        Ok(())
    }

    /// Will the database make the key of a new row? Where a struct is merged, a key that it has is its own.
    fn is_made(&self, row: &SavedRow, key: &RowKey) -> bool {
        row.model.makes_key() && (key.is_blank() || !self.merges())
    }

    /// Rows that cannot be added to a struct.
    fn refuse_addition(
        &self,
        row: &SavedRow,
        key: &RowKey,
        owner: Option<(&SavedRow, Relation)>,
    ) -> Result<(), Error> {
        if let Some((_, relation)) = owner {
            refuse_part(relation)?;
        }
        let table = row.model.table;
        if row.model.made == MadeKey::InPart {
            return Err(made_in_part(table));
        }
        // What belongs to another row may have its key.
        let is_uuid = |place: &usize| {
            let is_of_owner = owner.is_some_and(|(_, relation)| relation.far().contains(place));
            table.columns[*place].oid == Type::UUID.oid() && !is_of_owner
        };
        if row.model.made == MadeKey::Given && key.is_blank() && table.key.iter().all(is_uuid) {
            return Err(Error::invalid(format!(
                "a new row of `{}` has a nil UUID for a key, which nobody makes: give it one, or write `#[persist(id(database))]` above the \
                 field, so that the database makes it",
                table.shown
            )));
        }
        if self.merges() && row.model.makes_key() && !row.model.insert.has(table.key[0]) && !key.is_blank() {
            return Err(Error::invalid(format!(
                "a row of `{}` that is not there is merged, but the database always makes its key: leave the key 0, or empty",
                table.shown
            )));
        }
        if self.is_made(row, key) && !key.is_blank() {
            return Err(Error::invalid(format!(
                "a struct that is saved holds a row of `{table}` that this unit of work has not read: if it is there, read it here before, so \
                 that it can be moved; if it was deleted meanwhile, read the struct again; if it is new, leave its key 0, nil or empty, \
                 because the database makes it",
                table = table.shown
            )));
        }
        // Is it as old as the row, or was the row put in again?
        let is_old = |(owner, relation): (&SavedRow, Relation)| {
            let known = self.index.identity_map.get(&RowKey::of(owner));
            known.and_then(|known| known.relation(relation)).is_some_and(|rows| rows.contains(key))
        };
        if self.index.identity_map.has_deleted(key) && owner.is_some_and(is_old) {
            return Err(Error::invalid(format!(
                "a row of `{}` that this unit of work has deleted is saved with a struct that still holds it: take it out there, too",
                table.shown
            )));
        }
        Ok(())
    }
}

fn added_twice(table: &Table, column: usize) -> Error {
    Error::invalid(format!(
        "structs that are saved hold a new row of `{}` twice, with different values of `{}`",
        table.shown, table.columns[column].name
    ))
}

/// A relation that is cut by a `limit` shows a part of its rows: whether a row is missing or only not shown
/// is not known.
pub(super) fn refuse_part(relation: Relation) -> Result<(), Error> {
    match relation {
        Relation::Many(many) if many.limit.is_some() => Err(Error::invalid(format!(
            "`{}` holds a part of its rows (`limit`): add rows by `insert`, and take them away by `delete`",
            many.field
        ))),
        Relation::Many(_) | Relation::One(_) => Ok(()),
    }
}

fn made_in_part(table: &Table) -> Error {
    Error::invalid(format!(
        "a row was added to a struct that is saved, but the primary key of `{table}` has several columns, of which the database makes \
         one: insert the row by the repository of `{table}`, and `refresh` the struct",
        table = table.shown
    ))
}
