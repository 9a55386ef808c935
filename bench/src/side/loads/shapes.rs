//! Parents with their children, for the sides whose libraries leave that to their users.

use serde::Serialize;

/// For [`Load::TwoRelations`](crate::load::Load::TwoRelations).
#[derive(Debug, Serialize)]
pub struct WithBoth<P, S, E> {
    #[serde(flatten)]
    pub pipeline: P,
    pub steps: Vec<S>,
    pub executions: Vec<E>,
}

/// For [`Load::TwoLevels`](crate::load::Load::TwoLevels).
#[derive(Debug, Serialize)]
pub struct WithExecutions<P, E> {
    #[serde(flatten)]
    pub pipeline: P,
    pub executions: Vec<E>,
}

/// What [`WithExecutions`] has.
#[derive(Debug, Serialize)]
pub struct WithLogs<E, L> {
    #[serde(flatten)]
    pub execution: E,
    pub logs: Vec<L>,
}

/// For [`Load::Latest`](crate::load::Load::Latest).
#[derive(Debug, Serialize)]
pub struct WithLatest<P, E> {
    #[serde(flatten)]
    pub pipeline: P,
    pub latest: Vec<E>,
}
