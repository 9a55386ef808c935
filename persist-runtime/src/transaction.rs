//! A transaction that several calls share: one connection, from the first statement to the last.

use tokio::sync::Mutex;

use crate::connection::{Connection, Each, Pipeline, Receiver};
use crate::error::Error;
use crate::parameters::Parameters;
use crate::pool::{Lease, Pool};
use crate::statement::Statement;

/// A transaction that begins with its first statement. Its calls wait for each other.
pub(crate) struct Transaction {
    pool: Pool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    lease: Option<Lease>,
    has_begun: bool,
    /// The server refused a statement, and with it the whole transaction.
    has_failed: bool,
}

const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

impl Transaction {
    /// Costs nothing until the first statement.
    pub(crate) fn new(pool: Pool) -> Transaction {
        Transaction { pool, state: Mutex::default() }
    }

    /// Where its connection comes from.
    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Runs one statement, which may write: BEGIN is answered before it leaves, because it would stand for itself if BEGIN alone
    /// failed.
    pub(crate) async fn run(
        &self,
        statement: &Statement,
        params: &dyn Parameters,
        each: Each<'_>,
    ) -> Result<u64, Error> {
        let mut state = self.state.lock().await;
        state.begin(&self.pool).await?;
        let outcome = state.connection()?.run(statement, params, each).await;
        state.noted(outcome)
    }

    /// Runs several statements in one write. The transaction that they would need for themselves is this one. If they only read,
    /// BEGIN leaves with them.
    pub(crate) async fn run_all(
        &self,
        pipeline: Pipeline<'_>,
        receiver: &mut dyn Receiver,
    ) -> Result<u64, Error> {
        let mut state = self.state.lock().await;
        let rides_along = pipeline.write.is_none() && !state.has_begun;
        if rides_along {
            state.acquire(&self.pool).await?;
        } else {
            state.begin(&self.pool).await?;
        }
        let begin = if rides_along { BEGIN } else { "" };
        let outcome = state.connection()?.run_all(Pipeline { begin, end: "", ..pipeline }, receiver).await;
        state.has_begun = true;
        state.noted(outcome)
    }

    /// Ends the transaction: COMMIT or ROLLBACK. One round trip, or none where nothing was sent.
    pub(crate) async fn end(&self, end: &'static str) -> Result<(), Error> {
        let mut state = std::mem::take(&mut *self.state.lock().await);
        if !state.has_begun {
            return Ok(());
        }
        let end = if state.has_failed { "ROLLBACK" } else { end };
        let pipeline = Pipeline { write: None, begin: "", calls: &[], end };
        state.connection()?.run_all(pipeline, &mut Nobody).await?;
        Ok(())
    }

    /// Did a statement of it fail?
    pub(crate) async fn has_failed(&self) -> bool {
        self.state.lock().await.has_failed
    }
}

impl State {
    async fn acquire(&mut self, pool: &Pool) -> Result<(), Error> {
        if self.lease.is_none() {
            self.lease = Some(pool.acquire().await?);
        }
        Ok(())
    }

    async fn begin(&mut self, pool: &Pool) -> Result<(), Error> {
        if self.has_begun {
            return Ok(());
        }
        self.acquire(pool).await?;
        let pipeline = Pipeline { write: None, begin: BEGIN, calls: &[], end: "" };
        self.connection()?.run_all(pipeline, &mut Nobody).await?;
        self.has_begun = true;
        Ok(())
    }

    fn connection(&mut self) -> Result<&mut Connection, Error> {
        let connection =
            self.lease.as_mut().map(Lease::connection).filter(|connection| !connection.is_busy());
        connection.ok_or_else(|| {
            Error::invalid(
                "a call of this unit of work did not come to an end, so it can only be rolled back",
            )
        })
    }

    fn noted(&mut self, outcome: Result<u64, Error>) -> Result<u64, Error> {
        self.has_failed |= outcome.is_err();
        outcome
    }
}

/// Receives the rows of statements that have none.
struct Nobody;

impl Receiver for Nobody {
    fn accept(&mut self, _: usize, _: tokio_postgres::Row) -> Result<(), Error> {
        Ok(())
    }

    fn restart(&mut self) {}
}
