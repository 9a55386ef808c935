//! Rows that a struct shows and nobody writes: those of views.

use crate::table::column::ColumnModel;
use crate::table::facts::Table;
use crate::table::shape::{Relation, ShapeModel};
use crate::write::encoded_row::{EncodedRow, same};

/// A row of a view, or one that a view holds.
#[derive(Clone)]
pub(crate) struct ShownRow {
    /// The relation by which the struct that can be written shows it.
    pub(crate) relation: Relation,
    pub(crate) columns: ShownColumns,
    pub(crate) encoded: EncodedRow,
}

/// What the cells of such a row are.
#[derive(Clone, Copy)]
pub(crate) enum ShownColumns {
    /// Those of a view.
    View(&'static ShapeModel),
    /// The columns of a table.
    Table(&'static Table),
}

impl ShownColumns {
    /// The column of a cell.
    pub(crate) fn column(self, at: usize) -> &'static ColumnModel {
        match self {
            ShownColumns::View(shape) => shape.columns[at],
            ShownColumns::Table(table) => &table.columns[at],
        }
    }

    /// How many cells there are.
    pub(crate) fn count(self) -> usize {
        match self {
            ShownColumns::View(shape) => shape.columns.len(),
            ShownColumns::Table(table) => table.columns.len(),
        }
    }

    fn are(self, other: ShownColumns) -> bool {
        match (self, other) {
            (ShownColumns::View(one), ShownColumns::View(other)) => std::ptr::eq(one, other),
            (ShownColumns::Table(one), ShownColumns::Table(other)) => std::ptr::eq(one, other),
            (ShownColumns::View(_), ShownColumns::Table(_))
            | (ShownColumns::Table(_), ShownColumns::View(_)) => false,
        }
    }
}

impl ShownRow {
    fn is(&self, other: &ShownRow) -> bool {
        let is_same = |at| same(self.columns.column(at).oid, self.encoded.cell(at), other.encoded.cell(at));
        self.relation.is(other.relation)
            && self.columns.are(other.columns)
            && (0..self.columns.count()).all(is_same)
    }
}

/// The first relation of which other rows are shown than before, in whatever order.
pub(crate) fn changed(before: &[ShownRow], now: &[ShownRow]) -> Option<Relation> {
    if before.len() == now.len() && before.iter().zip(now).all(|(before, now)| before.is(now)) {
        return None;
    }
    let mut left: Vec<&ShownRow> = before.iter().collect();
    for row in now {
        match left.iter().position(|before| before.is(row)) {
            Some(place) => drop(left.swap_remove(place)),
            None => return Some(row.relation),
        }
    }
    left.first().map(|row| row.relation)
}
