//! Rows of other aggregates that a struct shows are not written with it; what only stands below them would be lost.

use super::Differ;
use super::links::link_between;
use crate::error::Error;
use crate::table::facts::Table;
use crate::table::shape::Relation;
use crate::unit_of_work::relations::{Below, below, is_owning};
use crate::unit_of_work::to_be_asked::is_known_below;
use crate::write::encoded_row::EncodedRow;
use crate::write::identity::RowKey;
use crate::write::saved_row::SavedRow;

impl Differ<'_, '_> {
    /// The row at this place is another aggregate, which is not written.
    pub(super) fn leave_unwritten(&mut self, rows: &[SavedRow], place: usize) {
        let is_bare = rows[place].relations.iter().all(|(_, places)| places.is_empty());
        if let Some(saved) = self.saved.filter(|_| !is_bare) {
            self.unwritten.push((saved, place));
        }
    }

    /// Is all that stands below those rows stored, or written by itself in the same flush?
    pub(super) fn refuse_lost(&self) -> Result<(), Error> {
        for (saved, place) in &self.unwritten {
            let rows = &saved.nodes;
            for shown in below(rows, *place) {
                let row = &rows[shown.place];
                let key = RowKey::of(row);
                let is_new = row.model.makes_key() && key.is_blank();
                let is_stored = || {
                    !saved.has_lost(shown.place)
                        || is_known_below(self.index.identity_map, rows, &shown)
                        || self.is_written(rows, &shown, &key)
                };
                if is_new || !is_stored() {
                    return Err(lost(rows[*place].model.table, row.model.table, is_new));
                }
            }
        }
        Ok(())
    }

    /// Is a row written by itself where a struct shows it, or deleted?
    fn is_written(&self, rows: &[SavedRow], shown: &Below, key: &RowKey) -> bool {
        let above = &rows[shown.above];
        match shown.relation {
            Relation::Many(many) if !is_owning(shown.relation) => {
                let link = link_between(many, above, &rows[shown.place]);
                link.is_ok_and(|link| self.growing.changes.links.iter().any(|written| written.is(&link)))
            }
            relation => {
                let mut inserts = self.growing.changes.inserts.iter();
                let refers = |row: &EncodedRow| {
                    relation.pairs().all(|(far, near)| row.cell(far) == above.encoded.cell(near))
                };
                self.index.doomed(key).is_some()
                    || self.growing.update_of(key).is_some_and(|update| refers(&update.encoded))
                    || inserts.any(|new| new.key().as_ref() == Some(key) && refers(&new.encoded))
            }
        }
    }
}

/// A struct that is another aggregate, and was not read here, is not written; what is new in it would be lost.
fn lost(above: &Table, table: &Table, is_new: bool) -> Error {
    let (above, table) = (above.shown, table.shown);
    let what = match is_new {
        true => format!("holds a new row of `{table}`: read that of `{above}` here, or save it by itself"),
        false => format!(
            "holds a row of `{table}` that is not stored there, and would not be written: read that of `{above}` here, or save it by \
             itself; if the row of `{table}` was removed meanwhile, read the struct again"
        ),
    };
    Error::invalid(format!(
        "a row of `{above}` that is linked or referred to, and was not read in this unit of work, {what}"
    ))
}
