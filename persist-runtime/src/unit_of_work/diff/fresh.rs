//! Rows that are inserted, and what else is asked for them before the same flush: there is no order in which
//! both would be done.

use std::borrow::Borrow;
use std::collections::HashMap;

use crate::error::Error;
use crate::table::facts::{Reference, TableId};
use crate::unit_of_work::changes::{Changes, contradiction};
use crate::unit_of_work::grouped::distinct;
use crate::unit_of_work::pending::{Deleted, Pending};
use crate::value::row_key::{KeyMap, KeySet, LinkKey};
use crate::write::encoded_row::EncodedRow;
use crate::write::identity::RowKey;
use crate::write::new_row::NewRow;

/// New rows by their keys, as far as something else may be asked for them: their numbers, and whether they are
/// upserted.
#[derive(Default)]
pub(super) struct Fresh(KeyMap<RowKey, (u32, bool)>);

impl Fresh {
    pub(super) fn new(pending: &Pending) -> Result<Self, Error> {
        let mut fresh = Fresh::default();
        let (inserted, upserted) = (&pending.inserted.new_rows, &pending.upserted);
        if inserted.is_empty() && upserted.is_empty() {
            return Ok(fresh);
        }
        let saved = pending.saved.iter().flat_map(|saved| &saved.nodes);
        let deleted = pending.deleted.iter().filter_map(|deleted| deleted.nodes.first());
        let mut others = distinct(saved.chain(deleted).map(|row| row.model.id()));
        if !inserted.is_empty() {
            others.extend(distinct(upserted.iter().map(|row| row.model.id())));
        }
        let is_in_another = |row: &&NewRow| others.contains(&row.model.id());
        for row in inserted.iter().filter(is_in_another) {
            fresh.take(row, false)?;
        }
        // A struct may have held rows of any table, and let go of all.
        let all = !(pending.saved.is_empty() && pending.deleted.is_empty());
        for row in upserted.iter().filter(|row| all || is_in_another(row)) {
            fresh.take(row, true)?;
        }
        Ok(fresh)
    }

    fn take(&mut self, row: &NewRow, is_upsert: bool) -> Result<(), Error> {
        let Some(key) = row.row_key() else { return Ok(()) };
        // The numbers of rows go up: the first is kept.
        let (_, other) = self.0.entry(key).or_insert((row.number, is_upsert));
        if *other != is_upsert {
            return Err(contradiction(row.model.table, "inserted and upserted"));
        }
        Ok(())
    }

    /// Rows that are saved, too. Where nothing is new, no key is asked for.
    pub(super) fn refuse_saved(
        &self,
        keys: impl IntoIterator<Item = impl Borrow<RowKey>>,
    ) -> Result<(), Error> {
        if self.0.is_empty() {
            return Ok(());
        }
        let found = |key: &RowKey| Some((key.table(), *self.0.get(key)?));
        match keys.into_iter().find_map(|key| found(key.borrow())) {
            Some((table, (_, true))) => Err(contradiction(table, "upserted and saved")),
            Some((table, (_, false))) => Err(contradiction(table, "inserted and saved")),
            None => Ok(()),
        }
    }

    /// Rows that are deleted with others, or because they were taken out: what is below them would be lost.
    pub(super) fn refuse_gone<'k>(&self, keys: impl Iterator<Item = &'k RowKey>) -> Result<(), Error> {
        let is_upserted = |key: &&RowKey| self.0.get(*key).is_some_and(|(_, is_upsert)| *is_upsert);
        if self.0.is_empty() {
            return Ok(());
        }
        let mut keys = keys;
        keys.find(is_upserted).map_or(Ok(()), |key| {
            Err(contradiction(key.table(), "upserted, and taken out of a struct or deleted with one"))
        })
    }

    /// Deletions come first: a new row that refers to one which is deleted would neither go with it nor find it.
    pub(super) fn refuse_below(changes: &Changes) -> Result<(), Error> {
        if changes.inserts.is_empty() || changes.deletes.is_empty() {
            return Ok(());
        }
        let deleted = changes.deletes.iter().map(|row| (row.table, &row.encoded));
        let gone: Vec<(TableId, &EncodedRow)> =
            deleted.chain(changes.carried.iter().map(|row| (row.key.id(), &row.encoded))).collect();
        let tables = distinct(gone.iter().map(|(table, _)| *table));
        let mut known: HashMap<(*const Reference, TableId), KeySet<LinkKey>> = HashMap::new();
        for row in &changes.inserts {
            for reference in row.table().references {
                for to in tables.iter().filter(|to| reference.is_to(to.facts())) {
                    if !reference.is_exact(row.table(), to.facts()) {
                        continue;
                    }
                    let gone = known.entry((reference, *to)).or_insert_with(|| {
                        let target = || reference.target.iter().copied();
                        let rows = gone.iter().filter(|(table, _)| table == to);
                        let mut keys: KeySet<LinkKey> =
                            rows.filter_map(|(_, row)| row.key(target())).collect();
                        // Another row may have the value afterwards.
                        let new = changes.inserts.iter().filter(|row| row.model.id() == *to);
                        let new = new.map(|row| &row.encoded);
                        let changed = changes.updates.iter().filter(|row| row.key.id() == *to);
                        let changed = changed.map(|row| &row.encoded);
                        for key in new.chain(changed).filter_map(|row| row.key(target())) {
                            keys.remove(&key);
                        }
                        keys
                    });
                    let key = row.encoded.key(reference.columns.iter().copied());
                    if key.is_some_and(|key| gone.contains(&key)) {
                        return Err(Error::invalid(format!(
                            "a row of `{row}` is inserted that refers to one of `{to}` which is deleted, or was taken out of a struct, \
                             both before a flush: flush in between, so that it goes along, or leave out one of them",
                            row = row.table().shown,
                            to = to.facts().shown
                        )));
                    }
                }
            }
        }
        Ok(())
    }

    /// Deletions come first: that of a row which is inserted by the same flush would not find it.
    pub(super) fn refuse_deleted(&self, deleted: &[Deleted]) -> Result<(), Error> {
        let is_new = |deleted: &&Deleted| {
            let row = deleted.nodes.first().and_then(|root| self.0.get(&RowKey::of(root)));
            row.is_some_and(|(number, _)| (*number as usize) < deleted.inserted_before)
        };
        match deleted.iter().find(is_new).and_then(|deleted| deleted.nodes.first()) {
            Some(root) => Err(contradiction(root.model.table, "inserted and then deleted")),
            None => Ok(()),
        }
    }
}
