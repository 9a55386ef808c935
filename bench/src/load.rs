//! What is loaded: pipelines with what belongs to them.

mod fill;

use serde::Serialize;

pub use fill::fill;

/// One thing that a program loads from several tables, or from one together with a total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Load {
    /// A hundred pipelines, each with ten steps and ten executions.
    TwoRelations,
    /// A hundred pipelines, each with ten executions, each with five log entries.
    TwoLevels,
    /// A hundred pipelines, each with its latest three executions of ten.
    Latest,
    /// The first twenty of a hundred pipelines, and that they are a hundred.
    Page,
}

impl Load {
    /// Pipelines that it reads each time.
    pub fn pipelines(self) -> usize {
        match self {
            Load::TwoRelations | Load::TwoLevels | Load::Latest => 100,
            Load::Page => PAGE_SIZE,
        }
    }
}

/// Pipelines on the page.
pub const PAGE_SIZE: usize = 20;

/// A page of pipelines.
#[derive(Debug, Serialize)]
pub struct Page<P> {
    /// Those on the page.
    pub items: Vec<P>,
    /// Those on all pages.
    pub total: i64,
}
