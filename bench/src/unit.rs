//! What is written in one transaction.

mod draft;
mod stage;

use serde::Serialize;

pub use draft::{Draft, FINISHED_AT, NewUnit};
pub use stage::{UPDATED, execution_key, fill, outcome, reset, tag_key};

/// One transaction of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A pipeline with ten steps and an execution begins, another execution ends, and a tag goes.
    FourteenRows,
    /// A thousand pipelines that the transaction has read get a description each.
    Updates,
    /// A thousand pipelines are there afterwards, of which half were there before.
    Upserts,
}
