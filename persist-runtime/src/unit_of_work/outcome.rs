//! What became of a commit, for whoever dropped its future.

use std::sync::Arc;

use crate::error::{Error, UnknownCommit};
use crate::session::progress::Progress;
use crate::session::token;
use crate::unit_of_work::unit::UnitOfWork;
use crate::wire::connection_state::Commit;
use crate::wire::pool::Pool;

/// What became of the commit of a unit of work, for whoever dropped its future; by [`UnitOfWork::outcome`].
///
/// ```
/// # use persist_sample::*;
/// # async fn example(db: &persist::Database, id: Uuid) -> Result {
/// use std::time::Duration;
///
/// let uow = db.unit_of_work_builder().with_token().build();
/// uow.insert(NewExecution::new(id, 1))?;
/// let outcome = uow.outcome();
/// let is_committed = match tokio::time::timeout(Duration::from_secs(2), uow.commit()).await {
///     Ok(committed) => committed.map(|_| true)?,
///     Err(_elapsed) => outcome.resolve().await?,
/// };
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "ask it with `resolve`"]
pub struct CommitOutcome {
    progress: Arc<Progress>,
    token: Option<UnknownCommit>,
    /// `None` where another program commits.
    pool: Option<Pool>,
}

impl CommitOutcome {
    /// Was the unit of work committed? `false`: it was not, and never will be. Sends nothing, unless COMMIT has left, its answer
    /// was not awaited, and there is a [token](crate::UnitOfWorkBuilder::with_token) that can be asked for.
    ///
    /// What was given to [`after_commit`](UnitOfWork::after_commit) is not run by this.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(db: &persist::Database) -> Result {
    /// let uow = db.unit_of_work();
    /// let outcome = uow.outcome();
    /// drop(uow);
    /// assert!(!outcome.resolve().await?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`is_commit_unknown`](Error::is_commit_unknown): there is no token, or the server cannot be asked at present. Others
    /// where it makes no sense to ask: the commit has not ended yet, or a transaction was
    /// [joined](UnitOfWork::within) that another program commits.
    pub async fn resolve(&self) -> Result<bool, Error> {
        let Some(pool) = &self.pool else {
            return Err(Error::invalid(
                "a unit of work that joined a transaction is committed by the owner of that",
            ));
        };
        match (self.progress.outcome(), &self.token) {
            (None, _) => Err(Error::invalid(
                "the unit of work is not committed yet: ask when its `commit` has ended or was dropped",
            )),
            (Some(Commit::Failed), _) => Ok(false),
            (Some(Commit::Done), _) => Ok(true),
            (Some(Commit::Sent), Some(unknown)) => token::ask(pool, unknown).await,
            (Some(Commit::Sent), None) => {
                let dropped = Error::invalid("`commit` was dropped before its answer had come");
                Err(Error::commit_unknown(dropped, None))
            }
        }
    }
}

impl UnitOfWork<'_> {
    /// Tells later what became of [`commit`](Self::commit), also where its future was dropped, as by a time-out. Take it
    /// before; with a [token](crate::UnitOfWorkBuilder::with_token) it can always find out.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: persist::UnitOfWork<'_>) -> Result {
    /// let outcome = uow.outcome();
    /// uow.commit().await?;
    /// assert!(outcome.resolve().await?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn outcome(&self) -> CommitOutcome {
        let (progress, token) = self.transaction.progress();
        CommitOutcome { progress, token, pool: self.transaction.pool().cloned() }
    }
}
