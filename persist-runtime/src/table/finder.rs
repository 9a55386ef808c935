//! How rows of a table are found.

use crate::table::column::ColumnModel;
use crate::table::kept::Kept;

/// The columns by which rows are found, and what loading keeps for them.
#[derive(Debug)]
pub struct Finder {
    pub(crate) columns: &'static [&'static ColumnModel],
    /// What must hold of a row, with `\0` for its table and `$1`, … for the values; `None`: the columns are equal to them.
    pub(crate) condition: Option<&'static str>,
    /// The plans of loads.
    pub(crate) plans: Kept,
}

impl Finder {
    /// Finds rows by these columns.
    pub const fn by(columns: &'static [&'static ColumnModel]) -> Finder {
        Finder { columns, condition: None, plans: Kept::new() }
    }

    /// The same by another condition than that these columns are equal.
    pub const fn only(mut self, condition: &'static str) -> Finder {
        self.condition = Some(condition);
        self
    }
}
