//! A change or deletion of many rows, before it is sent.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::entity::traits::Entity;
use crate::error::Error;
use crate::query::returning::Returning;
use crate::query::rows::Rows;
use crate::query::sending::Sending;
use crate::query::waiting::{Waiting, What};
use crate::session::link::Session;
use crate::write::queued::{Queueable, Queued};

/// A change or deletion of the rows of a query. Awaited, it is sent, and answers how many rows they were; nothing is sent
/// before.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
/// let changed: u64 = pipelines.filter(|p| p.name.eq("nightly")).update(|p| p.is_active.set(false)).await?;
/// let deleted: Vec<Uuid> =
///     pipelines.filter(|p| p.is_active.eq(false)).delete().returning().select(|p| p.id).await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a change is not sent before it is awaited"]
pub struct Change<'a, E> {
    sending: Sending<'a, Waiting<'a>, u64>,
    entity: PhantomData<fn() -> E>,
}

impl<'a, E: Entity> Change<'a, E> {
    pub(crate) fn new(session: Session<'a>, rows: Rows, what: What) -> Self {
        Change { sending: Sending::new(Waiting { session, rows, what }), entity: PhantomData }
    }

    /// Answers the rows as they are after the change, or were when they were deleted, in the same round trip. The order of
    /// the query is asked of what the rows are then, so that of a column which is set says nothing. What a struct shows of
    /// other rows by a join or a count (`belongs_to`, `has_one`, `count`) is as it was before the statement, also where a
    /// trigger has changed it.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(executions: ExecutionRepository<'_>) -> Result {
    /// let mine = executions
    ///     .filter(|e| e.status.eq(Status::Pending))
    ///     .order_by(|e| e.execution_number.asc())
    ///     .limit(10)
    ///     .skip_locked()
    ///     .update(|e| e.status.set(Status::Running))
    ///     .returning()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn returning(self) -> Returning<'a, E> {
        Returning::new(self.sending.into_waiting())
    }
}

impl<E: Entity> Future for Change<'_, E> {
    type Output = Result<u64, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.sending.poll(context, |waiting| Box::pin(waiting.send::<E>()))
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity> Queueable for Change<'_, E> {
    fn queued(self) -> Result<Queued, Error> {
        self.sending.into_waiting()?.queued::<E>()
    }
}

impl<E> std::fmt::Debug for Change<'_, E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Change").finish_non_exhaustive()
    }
}
