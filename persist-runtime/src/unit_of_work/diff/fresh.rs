//! Rows that are told as new, and what else is told of them before the same flush: there is no order in which both would be done.

use std::borrow::Borrow;

use crate::error::Error;
use crate::table::column::ColumnModel;
use crate::table::model::Model;
use crate::unit_of_work::changes::contradiction;
use crate::unit_of_work::grouped::distinct;
use crate::unit_of_work::pending::{Deleted, Pending};
use crate::value::row_key::KeyMap;
use crate::write::identity_map::RowKey;
use crate::write::new_row::NewRow;

/// New rows by their keys, as far as something else is told of their tables.
#[derive(Default)]
pub(super) struct Fresh {
    places: KeyPlaces,
    /// The first struct over each table stands for all of them.
    models: Vec<&'static Model>,
    /// Their numbers, and whether they are inserted or changed.
    rows: KeyMap<RowKey, (u32, bool)>,
}

impl Fresh {
    pub(super) fn new(pending: &Pending) -> Result<Self, Error> {
        let mut fresh = Fresh::default();
        let (inserted, upserted) = (&pending.inserted.new_rows, &pending.upserted);
        if inserted.is_empty() && upserted.is_empty() {
            return Ok(fresh);
        }
        let saved = pending.saved.iter().flat_map(|saved| &saved.nodes);
        let deleted = pending.deleted.iter().filter_map(|deleted| deleted.nodes.first());
        let mut others = distinct(saved.chain(deleted).map(|node| node.model));
        if !inserted.is_empty() {
            others.extend(distinct(upserted.iter().map(|new_row| new_row.model)));
        }
        let is_told_again =
            |new_row: &&NewRow| others.iter().any(|model| model.qualified == new_row.model.qualified);
        for new_row in inserted.iter().filter(is_told_again) {
            fresh.take(new_row, false)?;
        }
        for new_row in upserted.iter().filter(is_told_again) {
            fresh.take(new_row, true)?;
        }
        Ok(fresh)
    }

    fn take(&mut self, new_row: &NewRow, is_upsert: bool) -> Result<(), Error> {
        let Some(key) = self.places.key(new_row) else { return Ok(()) };
        if !self.models.iter().any(|model| model.qualified == key.model().qualified) {
            self.models.push(key.model());
        }
        let key = self.of_table(&key);
        // The numbers of rows go up: the first is kept.
        let (_, other) = self.rows.entry(key).or_insert((new_row.number, is_upsert));
        if *other != is_upsert {
            return Err(contradiction(new_row.model, "inserted and upserted"));
        }
        Ok(())
    }

    fn of_table(&self, key: &RowKey) -> RowKey {
        let of_table = self.models.iter().find(|model| model.qualified == key.model().qualified);
        key.as_of(of_table.copied().unwrap_or(key.model()))
    }

    fn find(&self, key: &RowKey) -> Option<(u32, bool)> {
        self.rows.get(&self.of_table(key)).copied()
    }

    /// Rows that are saved, too. Where nothing is new, no key is asked for.
    pub(super) fn refuse_saved(
        &self,
        keys: impl IntoIterator<Item = impl Borrow<RowKey>>,
    ) -> Result<(), Error> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let found = |key: &RowKey| Some((key.model(), self.find(key)?));
        match keys.into_iter().find_map(|key| found(key.borrow())) {
            Some((model, (_, true))) => Err(contradiction(model, "upserted and saved")),
            Some((model, (_, false))) => Err(contradiction(model, "inserted and saved")),
            None => Ok(()),
        }
    }

    /// Deletions come first: that of a row which is inserted by the same flush would not find it.
    pub(super) fn refuse_deleted(&self, deleted: &[Deleted]) -> Result<(), Error> {
        let is_new = |deleted: &&Deleted| {
            let row = deleted.nodes.first().and_then(|root| self.find(&RowKey::of(root)));
            row.is_some_and(|(number, _)| (number as usize) < deleted.behind)
        };
        match deleted.iter().find(is_new).and_then(|deleted| deleted.nodes.first()) {
            Some(root) => Err(contradiction(root.model, "inserted and then deleted")),
            None => Ok(()),
        }
    }
}

/// Where new rows have their primary keys. Most rows are of the same struct as the one before.
#[derive(Default)]
pub(super) struct KeyPlaces {
    model: Option<&'static Model>,
    places: Option<Vec<usize>>,
}

impl KeyPlaces {
    /// The primary key of a new row, if it has a value.
    pub(super) fn key(&mut self, new_row: &NewRow) -> Option<RowKey> {
        if !self.model.is_some_and(|model| std::ptr::eq(model, new_row.model)) {
            let place = |key: &&'static ColumnModel| new_row.insert.position(key.name);
            (self.model, self.places) = (Some(new_row.model), new_row.model.key.iter().map(place).collect());
        }
        Some(RowKey::new(new_row.model, new_row.encoded.key(self.places.as_ref()?.iter().copied())?))
    }
}
