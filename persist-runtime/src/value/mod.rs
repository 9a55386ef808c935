//! SQL types, scalars and parameters: what travels, and as which type.

pub(crate) mod assign;
pub(crate) mod cell;
pub(crate) mod form;
pub(crate) mod parameters;
pub(crate) mod random;
pub(crate) mod record;
pub(crate) mod row_key;
pub mod scalar;
pub mod sql_type;
pub(crate) mod text_form;
