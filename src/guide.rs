//! How things are done, one page for each subject.

#[doc = include_str!("guide/connections.md")]
pub mod connections {}

#[doc = include_str!("guide/from_prisma.md")]
pub mod from_prisma {}

#[doc = include_str!("guide/from_sqlalchemy.md")]
pub mod from_sqlalchemy {}

#[doc = include_str!("guide/queries.md")]
pub mod queries {}

#[doc = include_str!("guide/relations.md")]
pub mod relations {}

#[doc = include_str!("guide/types.md")]
pub mod types {}

#[doc = include_str!("guide/unit_of_work.md")]
pub mod unit_of_work {}

#[doc = include_str!("guide/words.md")]
pub mod words {}

#[doc = include_str!("guide/writing.md")]
pub mod writing {}
