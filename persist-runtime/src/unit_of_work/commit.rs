//! What a commit comes to: committed, not committed, or unknown.

use std::panic::resume_unwind;
use std::time::{Duration, Instant};

use crate::entity::traits::Entity;
use crate::error::Error;
use crate::error::UnknownCommit;
use crate::session::token;
use crate::unit_of_work::flush::read_key;
use crate::unit_of_work::hooks::Hooks;
use crate::unit_of_work::unit::UnitOfWork;
use crate::unit_of_work::unit::lock;
use crate::value::random;
use crate::wire::connection_state::Commit;
use crate::wire::pool::Pool;
use crate::write::handle::Handle;
use crate::write::new_row::NewRowList;

/// All that a unit of work wrote is committed.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(uow: persist::UnitOfWork<'_>, id: Uuid) -> Result {
/// uow.insert(NewExecution::new(id, 1))?;
/// match uow.commit().await {
///     Ok(_committed) => println!("the execution waits"),
///     Err(error) => println!("it does not: {error}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Committed {
    kept_back: Option<Hooks>,
    inserted: NewRowList,
}

impl Committed {
    /// The key of a row that was inserted, also where the database has made it; `None` if that was made
    /// together with a commit that was unknown at first and
    /// [`with_token`](crate::UnitOfWorkBuilder::with_token) has found: its answer was lost.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: persist::UnitOfWork<'_>) -> Result {
    /// let pipeline = uow.insert(NewPipeline::new("hourly", BTreeMap::new()))?;
    /// let committed = uow.commit().await?;
    /// let id: Option<Uuid> = committed.key(pipeline);
    /// # Ok(())
    /// # }
    /// ```
    pub fn key<E: Entity>(&self, handle: Handle<E>) -> Option<E::Key> {
        read_key::<E>(&self.inserted.key(handle.slot())?)
    }

    /// Runs what was given to [`after_commit`](UnitOfWork::after_commit), where that waits for the commit of
    /// a transaction that this library has not begun: a unit of work that is [`within`](UnitOfWork::within) a
    /// transaction does not see its end. Call it after that transaction was committed. Elsewhere all has run
    /// already, and this does nothing.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(mut transaction: tokio_postgres::Transaction<'_>, id: Uuid) -> Result<(), Box<dyn std::error::Error>> {
    /// use persist::UnitOfWork;
    ///
    /// let uow = UnitOfWork::within(&mut transaction);
    /// uow.after_commit(|| println!("an execution waits"));
    /// uow.insert(NewExecution::new(id, 1))?;
    /// let committed = uow.commit().await?;
    /// transaction.commit().await?;
    /// committed.run_hooks();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    /// One of them panicked; the others have run.
    pub fn run_hooks(self) {
        if let Some(Err(panic)) = self.kept_back.map(Hooks::run) {
            resume_unwind(panic);
        }
    }
}

/// For so long `commit` itself tries to find out whether a unit of work with a token was committed.
const PATIENCE: Duration = Duration::from_secs(5);

impl UnitOfWork<'_> {
    /// Draws the conclusions from what the last flush, with COMMIT after it, came to.
    pub(super) async fn conclude(self, outcome: Result<(), Error>) -> Result<Committed, Error> {
        let mut outcome = match (outcome, self.transaction.pool()) {
            (Err(error), Some(pool)) => resolved(pool, error).await,
            (outcome, _) => outcome,
        };
        let inserted = std::mem::take(&mut lock(&self.pending).inserted);
        let is_committed = outcome.as_ref().map_or_else(Error::is_committed, |()| true);
        let is_unknown = outcome.as_ref().is_err_and(Error::is_commit_unknown);
        self.transaction.note(match (is_committed, is_unknown) {
            (true, _) => Commit::Done,
            (false, true) => Commit::Sent,
            (false, false) => Commit::Failed,
        });
        let kept_back = match self.transaction.pool() {
            None => Some(self.hooks),
            Some(_) if is_committed => {
                // A panic would not say that all is committed.
                if self.hooks.run().is_err() {
                    let panicked = Error::other("a function that was given to `after_commit` panicked");
                    outcome = outcome.and(Err(Error::committed(panicked)));
                }
                None
            }
            Some(_) => None,
        };
        outcome.map(|()| Committed { kept_back, inserted })
    }
}

/// Asks for the token of a commit that is unknown, if it has one.
async fn resolved(pool: &Pool, error: Error) -> Result<(), Error> {
    let Some(unknown) = error.unknown_commit() else { return Err(error) };
    match tokio::time::timeout(PATIENCE, answer(pool, unknown)).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::rolled_back(error.cause())),
        Err(_elapsed) => Err(error),
    }
}

/// Asks until there is an answer.
async fn answer(pool: &Pool, unknown: &UnknownCommit) -> bool {
    let started = Instant::now();
    loop {
        if let Ok(committed) = token::ask(pool, unknown).await {
            return committed;
        }
        // The longer the server is away, the less often it is asked.
        let pause = started.elapsed().max(Duration::from_millis(10)).min(Duration::from_secs(1));
        tokio::time::sleep(pause.mul_f64(random::fraction())).await;
    }
}
