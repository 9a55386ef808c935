//! Typed queries: conditions, order and assignments as closures over an entity's columns.

pub(crate) mod aggregate;
pub(crate) mod aggregated;
pub(crate) mod arithmetic;
pub(crate) mod assignment;
pub(crate) mod builder;
pub(crate) mod column;
pub(crate) mod computed;
#[cfg(feature = "json")]
pub(crate) mod documents;
pub(crate) mod functions;
pub(crate) mod groups;
pub(crate) mod now;
pub(crate) mod operand;
pub(crate) mod operators;
pub(crate) mod order;
pub(crate) mod predicate;
mod raw_text;
pub(crate) mod read;
pub(crate) mod relation;
pub(crate) mod rows;
pub(crate) mod selected;
pub(crate) mod selection;
pub(crate) mod start;
pub(crate) mod stream;
pub(crate) mod tuples;
pub(crate) mod unchecked;
pub(crate) mod write;

pub use crate::sql::scope::Scope;
pub use aggregate::{Averageable, Extremes, HasAverage, HasExtremes, HasSum, Summable};
pub use aggregated::Aggregated;
pub use arithmetic::{Additive, Factor, Numeric, Step};
pub use assignment::{Assignment, IntoAssignments, Settable};
pub use builder::Query;
pub use column::Column;
pub use computed::Computed;
pub use functions::Joinable;
pub use groups::Groups;
pub use now::{Moment, Now, now};
pub use operand::{Operand, Operands, Side};
pub use operators::Textual;
pub use order::{IntoOneOrder, IntoOrder, Order};
pub use predicate::Predicate;
pub use relation::{Many, One};
pub use selected::Selected;
pub use selection::{Selectable, Selection};
pub use stream::Rows;
