//! A statement of the caller's own on its way.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;

use crate::error::Error;

/// The answer of a statement, on its way. Its type does not depend on where the statement runs, so that a wrong place is one
/// mistake and not three.
///
/// ```
/// # use persist_sample::*;
/// use persist::Sql;
/// use persist::query::Running;
///
/// fn size(db: &persist::Database) -> Running<'_, i64> {
///     Sql::unchecked("SELECT pg_database_size(current_database())").one(db)
/// }
/// ```
#[must_use = "a statement is not sent before it is awaited"]
pub struct Running<'s, T>(BoxFuture<'s, Result<T, Error>>);

impl<'s, T> Running<'s, T> {
    pub(crate) fn new(sent: impl Future<Output = Result<T, Error>> + Send + 's) -> Self {
        Running(Box::pin(sent))
    }
}

impl<T> Future for Running<'_, T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

impl<T> std::fmt::Debug for Running<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").finish_non_exhaustive()
    }
}
