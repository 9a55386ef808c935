//! Loading rows with the rows that belong to them.
//!
//! To-one relations are joined. Each to-many relation is one statement, whatever the number of rows; all statements leave in
//! one write and see one snapshot. The deepest relation is read first and grouped by its key, so that a row finds its
//! children waiting when it is decoded itself, and no struct is ever without them.

mod cursor;
mod endless;
mod field;
mod flat;
mod groups;
mod keyed;
mod load;
mod made;
mod planning;
mod remembered;
mod roots;
mod text;
mod written;

pub(crate) use cursor::Cursor;
pub use endless::{AnyEndless, Deep, Endless, Probe, Unknown};
pub use field::{ManyField, MapField, OneField, Related, keyed, many, one};
pub(crate) use flat::flat;
pub(crate) use load::{Loader, begin, end, load, read_behind};
pub use made::Other;
pub(crate) use planning::dynamic_plan;
pub(crate) use remembered::{Reading, remember};
pub(crate) use roots::{Purpose, Roots};
pub(crate) use written::written;
