//! The rows that are inserted: who refers to one of them comes after it.

use std::collections::HashMap;

use crate::table::facts::{Reference, Table, TableId};
use crate::unit_of_work::changes::{Insertion, Update};
use crate::unit_of_work::grouped::distinct;
use crate::value::row_key::{KeySet, LinkKey};
use crate::write::encoded_row::Cell;

/// The rows that are inserted, to be found by what foreign keys refer to.
pub(super) struct Arriving<'c> {
    inserts: &'c [Insertion],
    tables: Vec<TableId>,
    keys: HashMap<*const Reference, Option<KeySet<LinkKey>>>,
}

impl<'c> Arriving<'c> {
    pub(super) fn new(inserts: &'c [Insertion]) -> Self {
        let tables = distinct(inserts.iter().map(|row| row.model.id()));
        Arriving { inserts, tables, keys: HashMap::new() }
    }

    /// May the row that a foreign key of this one refers to be among them?
    pub(super) fn has(&mut self, reference: &'static Reference, update: &Update) -> bool {
        if !self.tables.iter().any(|table| reference.is_to(table.facts())) {
            return false;
        }
        if reference.columns.iter().any(|column| update.encoded.cell(*column) == Cell::Absent) {
            return true;
        }
        let Some(key) = update.encoded.key(reference.columns.iter().copied()) else { return false };
        let (inserts, table) = (self.inserts, update.table());
        let keys = self.keys.entry(reference).or_insert_with(|| arriving(reference, table, inserts));
        keys.as_ref().is_none_or(|keys| keys.contains(&key))
    }
}

/// What a foreign key of a table can refer to in rows that are inserted; `None` where the database has to
/// make something of it, or where equal values may differ in their bytes.
fn arriving(reference: &Reference, ours: &Table, inserts: &[Insertion]) -> Option<KeySet<LinkKey>> {
    let rows = inserts.iter().filter(|row| reference.is_to(row.table()));
    let key = |row: &Insertion| {
        let is_exact = !row.table().is_meddled && reference.is_exact(ours, row.table());
        row.encoded.key(reference.target.iter().copied()).filter(|_| is_exact)
    };
    rows.map(key).collect()
}
