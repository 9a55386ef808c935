//! Typed queries: conditions, order and assignments as closures over an entity's columns.

mod aggregate;
mod assignment;
mod column;
mod computed;
#[cfg(feature = "json")]
mod documents;
pub(crate) mod expression;
mod groups;
mod hop;
mod operand;
mod operators;
pub(crate) mod order;
pub(crate) mod predicate;
mod relation;
pub(crate) mod rows;
mod select;
mod selected;
pub(crate) mod selection;
mod start;
mod stream;
mod tuples;
mod values;
mod writer;

pub use crate::scope::Scope;
pub use aggregate::{Averageable, Extremes, HasAverage, HasExtremes, HasSum, Summable};
pub use assignment::{Assignment, IntoAssignments};
pub use column::Column;
pub use computed::Computed;
pub use groups::Groups;
pub use operand::{Operand, Operands, Side};
pub use operators::Textual;
pub use order::{IntoOneOrder, IntoOrder, Order};
pub use predicate::Predicate;
pub use relation::{Many, One};
pub use select::Query;
pub use selected::Selected;
pub use selection::{Selectable, Selection};
pub use stream::Rows;
pub use values::Aggregated;
