//! From files to statements: nothing here knows what a statement means.

pub(crate) mod sections;
pub(crate) mod split;
