//! What PostgreSQL brings by itself: its functions and aggregates, and the equality of its types.

pub mod aggregate;
mod equality;
pub(crate) mod function_result;
