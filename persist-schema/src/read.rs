//! From a folder to texts, and from texts to statements: nothing here knows what a statement means.

mod dialect;
pub(crate) mod layout;
mod order;
pub(crate) mod scripts;
pub(crate) mod sections;
pub(crate) mod split;
