//! What PostgreSQL and its extensions bring: functions, operators and the properties of their types. Nothing
//! here reads SQL.

pub mod aggregate;
pub(crate) mod common_type;
mod equality;
pub(crate) mod extension;
pub(crate) mod function_kind;
pub(crate) mod function_result;
pub(crate) mod operator;
pub(crate) mod ordering;
pub(crate) mod polymorphic_result;
pub(crate) mod range;
pub(crate) mod session_value;
pub(crate) mod strictness;
