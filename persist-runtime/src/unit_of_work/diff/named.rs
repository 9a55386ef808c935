//! Rows that refer to others by other columns than their keys.

use super::Differ;
use super::result::gone;
use crate::error::Error;
use crate::table::facts::Table;
use crate::table::shape::Relation;
use crate::unit_of_work::relations::is_named;
use crate::write::encoded_row::{Cell, EncodedRow};
use crate::write::identity::RowKey;
use crate::write::saved_row::SavedRow;

impl Differ<'_, '_> {
    /// What a row has now to which others come that did not belong to it, if that was asked.
    pub(super) fn asked(&self, owner: &SavedRow, relation: Relation) -> Result<Option<&EncodedRow>, Error> {
        if self.index.named.is_empty() || !is_named(relation, owner.model.table) {
            return Ok(None);
        }
        let key = RowKey::of(owner);
        match self.index.named.get(&key) {
            Some(None) => Err(gone(&key)),
            Some(Some(row)) => Ok(Some(row)),
            None => Ok(None),
        }
    }

    /// Does a row come to one of which it was asked what it is called?
    pub(super) fn comes(
        &mut self,
        row: &SavedRow,
        owner: &SavedRow,
        relation: Relation,
    ) -> Result<bool, Error> {
        Ok(self.asked(owner, relation)?.is_some() && !self.belonged(row, owner, relation))
    }

    /// A row with the values by which others refer to it by this relation: other structs, and other sessions before rows
    /// `come` to it, may have renamed it.
    pub(super) fn above(
        &self,
        owner: &SavedRow,
        relation: Relation,
        comes: bool,
    ) -> Result<EncodedRow, Error> {
        let row = self.renewed(owner);
        let key = RowKey::of(owner);
        let known = self.index.identity_map.get(&key).filter(|_| is_named(relation, owner.model.table));
        let Some(known) = known else { return Ok(row.clone()) };
        let asked = if comes { self.asked(owner, relation)? } else { None };
        let (now, update) = (known.row(), self.growing.update_of(&key));
        let read = match known.as_read(owner.model) {
            Some(read) => &read.encoded,
            None if asked.is_some() => &now,
            None => return Ok(row.clone()),
        };
        let mut above = row.clone();
        for (_, near) in relation.pairs() {
            let changed = update.filter(|update| update.is_dirty(near)).map(|update| &update.encoded);
            // What the struct has changed itself counts.
            if row.cell(near) == read.cell(near) {
                above = above.replaced(
                    near,
                    match self.index.renamed(&key, near) {
                        Cell::Absent => changed.or(asked).unwrap_or(&now).cell(near),
                        changed => changed,
                    },
                );
            }
            if comes && above.cell(near) == Cell::Null {
                return Err(nameless(owner.model.table, near));
            }
        }
        Ok(above)
    }

    /// Rows have come to one that is not called any more what its struct shows, so that the struct has to be read again.
    pub(super) fn note_renamed(&mut self, owner: &SavedRow, relation: Relation) -> Result<(), Error> {
        let Some(known) = self.index.identity_map.get(&RowKey::of(owner)) else { return Ok(()) };
        let now = known.row();
        let Some(asked) = self.asked(owner, relation)? else { return Ok(()) };
        if relation.pairs().any(|(_, near)| asked.cell(near) != now.cell(near)) {
            self.has_other_keys(owner);
        }
        Ok(())
    }
}

/// NULL refers to nothing.
pub(super) fn nameless(table: &Table, column: usize) -> Error {
    Error::invalid(format!(
        "a row is put into one of `{}` whose `{}` is NULL, so that nothing can refer to it: give it a value",
        table.shown, table.columns[column].name
    ))
}
