//! How deep rows may be nested in each other.

use crate::error::Error;

/// Levels of rows inside of rows: each is several calls on the stack wherever they are shown, copied or
/// dropped, and the stack of a worker thread has 2 MiB.
pub(crate) const MOST_LEVELS: u32 = 500;

/// Rows that are nested deeper.
#[cold]
pub(crate) fn too_deep(table: &str, advice: &str) -> Error {
    Error::too_large(format!(
        "rows of `{table}` are nested in more than {MOST_LEVELS} levels, for which the stack of a thread may be too small; {advice}"
    ))
}

/// More rows above one in a tree, which are read each with the way to it.
#[cold]
pub(crate) fn too_high(field: &str) -> Error {
    Error::too_large(format!(
        "`{field}` has more than {MOST_LEVELS} rows above one another: say `max_depth` for the nearest of them"
    ))
}
