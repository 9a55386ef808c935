//! Reads SQL over a catalog: names, types and expressions, and what a query returns.

pub mod expression;
pub(crate) mod expression_text;
pub(crate) mod expression_type;
pub(crate) mod literal;
pub(crate) mod name;
pub(crate) mod names;
pub(crate) mod operator;
pub(crate) mod query;
pub(crate) mod type_name;
