//! How rows of a table are found.

use crate::table::column::ColumnModel;
use crate::table::kept::Kept;

/// The columns by which rows are found, and what loading keeps for them.
#[derive(Debug)]
pub struct Finder {
    pub(crate) columns: &'static [&'static ColumnModel],
    /// The plans of loads.
    pub(crate) plans: Kept,
}

impl Finder {
    /// Finds rows by these columns.
    pub const fn by(columns: &'static [&'static ColumnModel]) -> Finder {
        Finder { columns, plans: Kept::new() }
    }
}
