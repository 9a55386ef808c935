//! "Did you mean …?"

pub(crate) use persist_schema::suggest::{listed, nearest, ranked};
