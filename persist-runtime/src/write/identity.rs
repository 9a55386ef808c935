//! Which row it is.

use std::hash::{Hash, Hasher};

use crate::table::facts::{Table, TableId};
use crate::value::row_key::LinkKey;
use crate::write::saved_row::SavedRow;

/// A row: its table and its primary key.
#[derive(Clone)]
pub(crate) struct RowKey {
    table: TableId,
    key: LinkKey,
}

impl RowKey {
    pub(crate) fn new(table: TableId, key: LinkKey) -> Self {
        RowKey { table, key }
    }

    pub(crate) fn of(row: &SavedRow) -> Self {
        RowKey::new(row.model.id(), row.key.clone())
    }

    /// Is it this row?
    pub(crate) fn is_of(&self, row: &SavedRow) -> bool {
        self.table == row.model.id() && self.key == row.key
    }

    /// The identity of the table.
    pub(crate) fn id(&self) -> TableId {
        self.table
    }

    /// The table.
    pub(crate) fn table(&self) -> &'static Table {
        self.table.facts()
    }

    /// The values of the columns of the key.
    pub(crate) fn cells(&self) -> Vec<&[u8]> {
        self.key.cells(self.table().key.len())
    }

    /// Is it what stands in a struct for a key that the database will make: zeros, or nothing?
    pub(crate) fn is_blank(&self) -> bool {
        self.cells().iter().all(|cell| cell.iter().all(|byte| *byte == 0))
    }
}

impl PartialEq for RowKey {
    fn eq(&self, other: &Self) -> bool {
        self.table == other.table && self.key == other.key
    }
}

impl Eq for RowKey {}

impl Hash for RowKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Rows of different tables rarely have the same key.
        self.key.hash(state);
    }
}
