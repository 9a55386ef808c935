//! What a flush will do: rows to be inserted, changed and deleted, not yet in any order.

use std::borrow::Cow;

use crate::error::Error;
use crate::table::facts::{Table, TableId, Unique};
use crate::table::model::Model;
use crate::table::shape::ToMany;
use crate::unit_of_work::dirty::Dirty;
use crate::value::row_key::{KeyMap, KeySet};
use crate::write::encoded_row::{Cell, EncodedRow};
use crate::write::identity::RowKey;
use crate::write::snapshot::Snapshot;

/// Changes of rows. The columns of an encoded row are those of its table.
#[derive(Default)]
pub(crate) struct Changes {
    pub(crate) inserts: Vec<Insertion>,
    pub(crate) updates: Vec<Update>,
    pub(crate) deletes: Vec<Deletion>,
    pub(crate) unlinks: Vec<LinkRow>,
    pub(crate) links: Vec<LinkRow>,
    /// The tables of rows that are inserted because a struct holds them which was read elsewhere: it may be that they
    /// are there, and belong to another.
    pub(crate) assumed_new: Vec<&'static Table>,
    /// What is known of rows once the changes are written.
    pub(crate) snapshots: KeyMap<RowKey, Snapshot>,
    pub(crate) forgotten: Vec<RowKey>,
    /// The rows that are deleted.
    pub(crate) buried: Vec<RowKey>,
    /// Those of them that the database deletes with their parents.
    pub(crate) carried: Vec<Carried>,
    /// Those of these that were changed, by their places: they must go along, or the change would be lost.
    pub(crate) dropped: Vec<usize>,
    /// The changed rows that get other values in columns to which rows below them refer.
    pub(crate) renamed: KeySet<RowKey>,
    /// The rows whose keys the database changes with those, by ON UPDATE CASCADE.
    pub(crate) cascaded: KeySet<RowKey>,
    /// The columns of changed rows that are set because another row holds them.
    pub(crate) held: KeyMap<RowKey, Vec<usize>>,
    /// The tables of rows that came to others or went from them.
    pub(crate) regrouped: Vec<TableId>,
}

/// A row to be inserted.
pub(crate) struct Insertion {
    pub(crate) model: &'static Model,
    /// Its columns; those that are left to their DEFAULT, and those that wait, are absent.
    pub(crate) encoded: EncodedRow,
    /// The columns that wait for the key of another inserted row, and the number of that row.
    pub(crate) waits: Vec<(usize, u32)>,
    pub(crate) number: u32,
    /// Does it change the row that has its key already?
    pub(crate) is_upsert: bool,
}

/// A row to be changed, by one struct or by several over its table.
pub(crate) struct Update {
    pub(crate) key: RowKey,
    /// The first struct that it is saved in.
    pub(crate) model: &'static Model,
    /// Its columns with their new values, but the version as it is now.
    pub(crate) encoded: EncodedRow,
    /// The same as the database has them.
    pub(crate) before: EncodedRow,
    /// The columns that differ.
    pub(crate) dirty: Dirty,
    /// The version column, if it is checked and counted up.
    pub(crate) version: Option<usize>,
    /// What is set besides.
    pub(crate) touched: Cow<'static, [(usize, &'static str)]>,
    /// Was it read elsewhere, so that it is not known what it was before?
    pub(crate) is_whole: bool,
    /// The columns by which it must still belong to the rows that it belongs to no more; most rows have none.
    pub(crate) by: Vec<usize>,
    /// The columns that wait for the key of a new row, which it belongs to now, and the number of that row.
    pub(crate) waits: Vec<(usize, u32)>,
    /// Where it is saved in several structs: each, with its columns.
    pub(crate) saved: Vec<(&'static Model, EncodedRow)>,
}

/// A row to be deleted.
pub(crate) struct Deletion {
    pub(crate) table: TableId,
    pub(crate) encoded: EncodedRow,
    /// The version column, if it is checked.
    pub(crate) version: Option<usize>,
    /// The columns by which it must still belong to the row that it goes with; none if it goes by itself.
    pub(crate) by: &'static [usize],
}

/// A row that the database deletes with another one.
pub(crate) struct Carried {
    /// The row with whose deletion it goes.
    pub(crate) with: RowKey,
    /// The columns by which it belongs to that one, or to another that goes with it.
    pub(crate) by: &'static [usize],
    pub(crate) key: RowKey,
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
    pub(crate) table: &'static Table,
    pub(crate) key: EndKey,
    /// The row, where links refer to other columns of it than its key: what it has there is asked when the link is written.
    pub(crate) named: Option<RowKey>,
}

/// The key of the row at the end of a link.
#[derive(Clone, PartialEq)]
pub(crate) enum EndKey {
    /// The columns that the link refers to.
    Known(EncodedRow),
    /// The number of an inserted row.
    Waits(u32),
}

impl Changes {
    /// Has a row itself changed some of the columns by which it refers to another one?
    pub(crate) fn refers_anew(&self, update: &Update, columns: &[usize]) -> bool {
        let held = self.held.get(&update.key);
        let is_its_own = |column: &usize| held.is_none_or(|held| !held.contains(column));
        columns.iter().any(|column| update.is_dirty(*column) && is_its_own(column))
    }
}

impl Insertion {
    /// The table.
    pub(crate) fn table(&self) -> &'static Table {
        self.model.table
    }

    /// The row, if its key is given.
    pub(crate) fn key(&self) -> Option<RowKey> {
        let key = self.encoded.key(self.table().key.iter().copied())?;
        Some(RowKey::new(self.model.id(), key))
    }

    /// The values of the primary key, as far as they are given.
    pub(crate) fn key_cells(&self) -> impl Iterator<Item = Option<&[u8]>> {
        self.encoded.values(self.model.table.key)
    }
}

impl Update {
    /// The table.
    pub(crate) fn table(&self) -> &'static Table {
        self.key.table()
    }

    /// Does this column differ?
    pub(crate) fn is_dirty(&self, column: usize) -> bool {
        self.dirty.contains(column)
    }

    /// Does any of these columns differ?
    pub(crate) fn changes_any(&self, columns: &[usize]) -> bool {
        columns.iter().any(|column| self.is_dirty(*column))
    }

    /// The row as it is sent, with what it was before in the columns that are compared.
    pub(crate) fn sent(&self) -> EncodedRow {
        let mut row = self.encoded.clone();
        for column in &self.by {
            row = row.extended(self.before.cell(*column));
        }
        row
    }

    /// One column more differs.
    pub(crate) fn add_dirty(&mut self, column: usize) {
        if !self.is_dirty(column) {
            self.dirty = self.dirty.with(self.table(), column);
        }
    }

    /// May the row take over a value of a constraint that is compared in another way than by the bytes of
    /// known columns?
    pub(crate) fn may_take_unknown(&self) -> bool {
        let table = self.table();
        let is_unknown = |unique: &Unique| {
            let mut columns = unique.columns.iter();
            self.changes_any(unique.columns) && columns.any(|at| self.encoded.cell(*at) == Cell::Absent)
        };
        self.changes_any(table.unknown) || table.uniques.iter().any(is_unknown)
    }
}

impl Deletion {
    /// The table.
    pub(crate) fn table(&self) -> &'static Table {
        self.table.facts()
    }

    /// The row.
    pub(crate) fn key(&self) -> Option<RowKey> {
        let key = self.encoded.key(self.table().key.iter().copied())?;
        Some(RowKey::new(self.table, key))
    }
}

impl LinkRow {
    /// Are they the same?
    pub(crate) fn is(&self, other: &LinkRow) -> bool {
        let ends = (&self.near.key, &self.far.key) == (&other.near.key, &other.far.key);
        std::ptr::eq(self.relation, other.relation) && ends
    }
}

/// The number after a version; a version is an integer of any width.
pub(crate) fn next_version(version: &[u8]) -> Option<Vec<u8>> {
    match version.len() {
        2 => Some(i16::from_be_bytes(version.try_into().ok()?).checked_add(1)?.to_be_bytes().into()),
        4 => Some(i32::from_be_bytes(version.try_into().ok()?).checked_add(1)?.to_be_bytes().into()),
        8 => Some(i64::from_be_bytes(version.try_into().ok()?).checked_add(1)?.to_be_bytes().into()),
        _ => None,
    }
}

/// Two things that were asked for one row cannot both be done.
pub(crate) fn contradiction(table: &Table, what: &str) -> Error {
    Error::invalid(format!(
        "a row of `{}` is {what}, both before a flush: flush in between, or leave out one of them",
        table.shown
    ))
}
