//! The only writer of SQL.

pub(crate) mod batch;
pub(crate) mod climb;
pub(crate) mod conditions;
pub(crate) mod cursor;
pub(crate) mod document;
pub(crate) mod expression;
pub(crate) mod far_side;
pub(crate) mod handed_over;
pub(crate) mod hop;
pub(crate) mod joins;
pub(crate) mod one_row;
pub(crate) mod relation;
pub(crate) mod roots;
pub(crate) mod rows;
pub(crate) mod scope;
pub(crate) mod sorted;
pub(crate) mod source;
pub(crate) mod table;
pub(crate) mod values;
pub(crate) mod writer;
pub(crate) mod written;
