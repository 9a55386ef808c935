//! What is around the statements of a session.

use std::any::Any;

use futures_util::future::BoxFuture;

use crate::error::Error;

/// What a unit of work does around the statements of its sessions, and what it keeps beside them.
pub(crate) trait Around: Send + Sync {
    /// Sends what waits to be written, which comes before any other statement; `None` where nothing waits.
    fn ahead(&self) -> Option<BoxFuture<'_, Result<(), Error>>>;

    /// What is kept for those who know what it is.
    fn kept(&self) -> &(dyn Any + Send + Sync);
}
