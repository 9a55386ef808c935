//! What a flush will do: rows to be inserted, changed and deleted, not yet in any order.

use std::sync::Arc;

use crate::error::Error;
use crate::table::model::Model;
use crate::table::shape::ToMany;
use crate::write::encoded_row::{Cell, EncodedRow};
use crate::write::identity_map::{RowKey, Snapshot};

/// Changes of rows.
#[derive(Default)]
pub(crate) struct Changes {
    pub(crate) inserts: Vec<Insertion>,
    pub(crate) updates: Vec<Update>,
    pub(crate) deletes: Vec<Deletion>,
    pub(crate) unlinks: Vec<LinkRow>,
    pub(crate) links: Vec<LinkRow>,
    /// What is remembered once the changes are written.
    pub(crate) snapshots: Vec<(RowKey, Snapshot)>,
    pub(crate) forgotten: Vec<RowKey>,
    /// The rows that are deleted.
    pub(crate) buried: Vec<RowKey>,
}

/// A row to be inserted.
pub(crate) struct Insertion {
    pub(crate) model: &'static Model,
    /// The columns of [`Model::insert`]; those that are left to their DEFAULT, and those that wait, are absent.
    pub(crate) encoded: EncodedRow,
    /// The columns that wait for the key of another inserted row, and the number of that row.
    pub(crate) waits: Vec<(usize, u32)>,
    pub(crate) number: u32,
    /// Does it change the row that has its key already?
    pub(crate) is_upsert: bool,
}

/// A row to be changed.
pub(crate) struct Update {
    pub(crate) model: &'static Model,
    pub(crate) key: RowKey,
    /// The columns of [`Writing::columns`](crate::table::model::Writing::columns) with their new values, but the version as it is now.
    pub(crate) encoded: EncodedRow,
    /// The same as the database has them.
    pub(crate) before: EncodedRow,
    /// The columns that differ, in ascending order. Most rows of a flush differ in the same.
    pub(crate) dirty: Arc<[usize]>,
    /// Is the row changed by another struct over its table, too, which checks its version and counts it up?
    pub(crate) follows: bool,
    /// Was it read elsewhere, so that nobody knows what it was before?
    pub(crate) is_whole: bool,
}

/// A row to be deleted.
pub(crate) struct Deletion {
    pub(crate) model: &'static Model,
    /// The columns of [`Writing::columns`](crate::table::model::Writing::columns).
    pub(crate) encoded: EncodedRow,
}

/// A row of a link table.
pub(crate) struct LinkRow {
    pub(crate) relation: &'static ToMany,
    pub(crate) near: End,
    pub(crate) far: End,
}

/// One end of a link.
#[derive(Clone)]
pub(crate) struct End {
    pub(crate) model: &'static Model,
    pub(crate) key: EndKey,
}

/// The key of the row at the end of a link.
#[derive(Clone)]
pub(crate) enum EndKey {
    /// The columns that the link refers to.
    Known(EncodedRow),
    /// The number of an inserted row.
    Waits(u32),
}

impl Insertion {
    /// The values of the primary key, as far as they are given.
    pub(crate) fn key_cells(&self) -> impl Iterator<Item = Option<&[u8]>> {
        let columns = self.model.insert.columns;
        self.model.key.iter().map(move |key| {
            let place = columns.iter().position(|column| column.name == key.name)?;
            match self.encoded.cell(place) {
                Cell::Value(value) => Some(value),
                Cell::Absent | Cell::Null => None,
            }
        })
    }
}

impl Update {
    /// Does this column differ?
    pub(crate) fn is_dirty(&self, column: usize) -> bool {
        self.dirty.binary_search(&column).is_ok()
    }

    /// One column more differs.
    pub(crate) fn add_dirty(&mut self, column: usize) {
        if let Err(place) = self.dirty.binary_search(&column) {
            let (before, behind) = self.dirty.split_at(place);
            self.dirty = [before, &[column], behind].concat().into();
        }
    }
}

/// The number behind a version; a version is an integer of any width.
pub(crate) fn next_version(version: &[u8]) -> Option<Vec<u8>> {
    match version.len() {
        2 => Some(i16::from_be_bytes(version.try_into().ok()?).checked_add(1)?.to_be_bytes().into()),
        4 => Some(i32::from_be_bytes(version.try_into().ok()?).checked_add(1)?.to_be_bytes().into()),
        8 => Some(i64::from_be_bytes(version.try_into().ok()?).checked_add(1)?.to_be_bytes().into()),
        _ => None,
    }
}

/// The place of a column in the columns of an entity.
pub(crate) fn position(model: &'static Model, name: &str) -> Option<usize> {
    model.writing.columns.iter().position(|column| column.name == name)
}

/// The value of a column of a row.
pub(crate) fn cell_of<'i>(model: &'static Model, encoded: &'i EncodedRow, name: &str) -> Option<Cell<'i>> {
    position(model, name).map(|index| encoded.cell(index))
}

/// Two things were told of one row that cannot both be done.
pub(crate) fn contradiction(model: &Model, what: &str) -> Error {
    Error::invalid(format!(
        "a row of `{}` is {what}, both before a flush: flush in between, or leave out one of them",
        model.table
    ))
}
