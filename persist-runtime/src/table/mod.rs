//! Facts about tables and the structs over them, as the derive writes them down.

pub(crate) mod column;
pub(crate) mod depth;
pub(crate) mod derived;
pub(crate) mod facts;
pub(crate) mod finder;
pub(crate) mod kept;
pub(crate) mod link;
pub(crate) mod model;
pub(crate) mod shape;
