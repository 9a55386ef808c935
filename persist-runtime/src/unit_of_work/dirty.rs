//! The columns in which a row differs from what is stored.

use std::sync::Arc;

use crate::table::facts::{Table, Unique};

/// Columns of a table in which rows differ, in ascending order. Most rows of a flush differ in the same and share them, so
/// what those take part in is asked once.
#[derive(Clone, Default)]
pub(crate) struct Dirty {
    columns: Arc<[usize]>,
    /// Is one of them in a UNIQUE key, or in the condition of one?
    pub(crate) touches_unique: bool,
    /// Is one of them in a foreign key?
    pub(crate) touches_reference: bool,
}

impl Dirty {
    /// These columns of a table, which are in ascending order.
    pub(crate) fn of(table: &Table, columns: &[usize]) -> Self {
        let has_any = |of: &'static [usize]| of.iter().any(|column| columns.contains(column));
        let is_touched = |unique: &Unique| {
            has_any(unique.columns) || unique.scope.is_some_and(|scope| has_any(scope.columns))
        };
        Dirty {
            columns: columns.into(),
            touches_unique: table.uniques.iter().any(is_touched),
            touches_reference: table.references.iter().any(|reference| has_any(reference.columns)),
        }
    }

    /// The same with one column more.
    pub(crate) fn with(&self, table: &Table, column: usize) -> Self {
        let place = self.columns.partition_point(|other| *other < column);
        let (before, after) = self.columns.split_at(place);
        Dirty::of(table, &[before, &[column], after].concat())
    }

    pub(crate) fn columns(&self) -> &[usize] {
        &self.columns
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Is this column one of them?
    pub(crate) fn contains(&self, column: usize) -> bool {
        self.columns.binary_search(&column).is_ok()
    }
}

impl PartialEq for Dirty {
    fn eq(&self, other: &Dirty) -> bool {
        Arc::ptr_eq(&self.columns, &other.columns) || self.columns == other.columns
    }
}
