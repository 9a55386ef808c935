//! Typed queries: conditions, order and assignments as closures over an entity's columns.

mod assignment;
mod column;
#[cfg(feature = "json")]
mod documents;
mod operand;
mod operators;
mod order;
mod predicate;
mod relation;
mod rows;
mod select;
mod start;
mod stream;
mod tuples;
mod writer;

pub use crate::scope::Scope;
pub use assignment::{Assignment, IntoAssignments};
pub use column::Column;
pub use operand::{Operand, Operands, Side};
pub use operators::Textual;
pub use order::{IntoOrder, Order};
pub use predicate::Predicate;
pub use relation::{Many, One};
pub use select::Query;
pub use stream::Rows;
