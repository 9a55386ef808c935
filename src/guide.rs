//! How things are done, one page for each subject.

#[doc = include_str!("guide/queries.md")]
pub mod queries {}

#[doc = include_str!("guide/relations.md")]
pub mod relations {}
