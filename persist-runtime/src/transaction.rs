//! A transaction that several calls share: one connection, from the first statement to the last.

use tokio::sync::Mutex;

use crate::connection::{Connection, Each, Pipeline, Receiver};
use crate::error::Error;
use crate::parameters::Parameters;
use crate::pool::{Lease, Pool};
use crate::statement::Statement;

/// A transaction that begins with its first statement. Its calls wait for each other.
pub(crate) struct Transaction<'t> {
    pool: Pool,
    state: Mutex<State>,
    joined: std::marker::PhantomData<&'t ()>,
}

#[derive(Default)]
struct State {
    lease: Option<Lease>,
    /// Was BEGIN sent?
    has_begun: bool,
    /// The first error of a call. Whatever came of it on the server, the transaction is not what it was meant to be.
    failure: Option<Error>,
}

const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

impl Transaction<'_> {
    /// Costs nothing until the first statement.
    pub(crate) fn new(pool: Pool) -> Self {
        Transaction { pool, state: Mutex::default(), joined: std::marker::PhantomData }
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
        let outcome = match state.begun(&self.pool).await {
            Ok(connection) => connection.run(statement, params, each).await,
            Err(error) => Err(error),
        };
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
        let begin = if pipeline.write.is_none() && !state.has_begun { BEGIN } else { "" };
        let connection = match begin {
            "" => state.begun(&self.pool).await,
            _ => state.beginning(&self.pool).await,
        };
        let outcome = match connection {
            Ok(connection) => connection.run_all(Pipeline { begin, end: "", ..pipeline }, receiver).await,
            Err(error) => Err(error),
        };
        state.noted(outcome)
    }

    /// Commits, unless a call failed: then it rolls back, and the error says so. One round trip, or none where nothing was sent.
    pub(crate) async fn commit(&self) -> Result<(), Error> {
        let mut state = std::mem::take(&mut *self.state.lock().await);
        match state.failure.take() {
            None => state.end("COMMIT").await,
            Some(failure) => {
                // What was not rolled back by this is rolled back with its connection.
                let _ = state.end("ROLLBACK").await;
                Err(Error::rolled_back(failure))
            }
        }
    }

    /// Rolls back. One round trip, or none where nothing was sent.
    pub(crate) async fn roll_back(&self) -> Result<(), Error> {
        let mut state = std::mem::take(&mut *self.state.lock().await);
        let unfinished = state.lease.take_if(|lease| lease.connection().is_busy());
        // A call that did not come to an end takes the transaction with it, when its connection is closed.
        if unfinished.is_some() { Ok(()) } else { state.end("ROLLBACK").await }
    }
}

impl State {
    /// The connection, in the transaction.
    async fn begun(&mut self, pool: &Pool) -> Result<&mut Connection, Error> {
        if !self.has_begun {
            let pipeline = Pipeline { write: None, begin: BEGIN, calls: &[], end: "" };
            self.beginning(pool).await?.run_all(pipeline, &mut Nobody).await?;
        }
        self.connection()
    }

    /// The connection, which is about to be sent BEGIN.
    async fn beginning(&mut self, pool: &Pool) -> Result<&mut Connection, Error> {
        if self.lease.is_none() {
            self.lease = Some(pool.acquire().await?);
        }
        self.has_begun = true;
        self.connection()
    }

    fn connection(&mut self) -> Result<&mut Connection, Error> {
        let connection =
            self.lease.as_mut().map(Lease::connection).filter(|connection| !connection.is_busy());
        connection.ok_or_else(|| Error::invalid("a call of this unit of work did not come to an end"))
    }

    fn noted(&mut self, outcome: Result<u64, Error>) -> Result<u64, Error> {
        if let Err(error) = &outcome {
            self.failure.get_or_insert_with(|| error.share());
        }
        outcome
    }

    async fn end(&mut self, end: &'static str) -> Result<(), Error> {
        if self.has_begun {
            let pipeline = Pipeline { write: None, begin: "", calls: &[], end };
            self.connection()?.run_all(pipeline, &mut Nobody).await?;
        }
        Ok(())
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
