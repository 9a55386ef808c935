//! Reads SQL over a catalog: names, types and expressions, and what a query returns. Nothing here changes the
//! catalog.

pub(crate) mod arc;
pub(crate) mod call;
pub mod expression;
pub(crate) mod expression_text;
mod expression_type;
pub(crate) mod function;
pub(crate) mod literal;
pub(crate) mod lookup;
pub(crate) mod name;
pub(crate) mod nullness;
pub(crate) mod operand;
mod operator;
pub(crate) mod output_name;
pub(crate) mod query;
pub(crate) mod scope;
pub(crate) mod type_name;
