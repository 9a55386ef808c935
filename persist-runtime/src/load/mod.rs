//! Loading rows with the rows that belong to them.
//!
//! To-one relations are joined. Each to-many relation is one statement, whatever the number of rows; all
//! statements leave in one write and see one snapshot. The deepest relation is read first and grouped by its
//! key, so that a row finds its children waiting when it is decoded itself, and no struct is ever without
//! them.

pub(crate) mod constructors;
pub(crate) mod cursor;
pub(crate) mod field;
pub(crate) mod from_row;
pub(crate) mod group;
pub(crate) mod groups;
pub(crate) mod keyed;
pub(crate) mod loader;
pub(crate) mod plan;
pub(crate) mod planning;
pub(crate) mod read_back;
pub(crate) mod recursion_check;
pub(crate) mod remember;
pub(crate) mod row;
pub(crate) mod shape;
