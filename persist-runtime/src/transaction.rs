//! A transaction that several calls share: one connection, from the first statement to the last.

use tokio::sync::Mutex;
use tokio_postgres::Client;

use crate::config::DEFAULT_CURSOR_SECRET;
use crate::connection::{COMMIT, Call, Commit, Connection, Each, Guest, Pipeline, Receiver};
use crate::error::Error;
use crate::parameters::Parameters;
use crate::pool::{Lease, Pool};
use crate::statement::Statement;

/// A transaction that begins with its first statement. Its calls wait for each other.
pub(crate) struct Transaction<'t> {
    home: Home<'t>,
    /// What is sent before the first statement.
    begin: String,
    state: Mutex<State>,
}

/// Whose connection it is on.
enum Home<'t> {
    /// One of the pool, from the first statement on.
    Pool(Pool),
    /// That of somebody who has begun a transaction, and will end it.
    Client(&'t Client),
}

#[derive(Default)]
struct State {
    lease: Option<Lease>,
    guest: Guest,
    /// Was BEGIN sent?
    has_begun: bool,
    /// The first error of a call. Whatever came of it on the server, the transaction is not what it was meant to be.
    failure: Option<Error>,
}

/// Marks the transaction, until its end. BEGIN can fail alone: what leaves before its answer was read does nothing where the
/// mark is missing, because it asks for `current_setting('persist.tx', true) = '1'`.
const MARK: &str = "SELECT set_config('persist.tx', '1', true)";

impl<'t> Transaction<'t> {
    /// Costs nothing until the first statement.
    pub(crate) fn new(pool: Pool) -> Self {
        let begin = format!("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; {MARK}");
        Transaction { home: Home::Pool(pool), begin, state: Mutex::default() }
    }

    /// Takes part in the transaction of somebody else, who ends it.
    pub(crate) fn within(client: &'t Client) -> Self {
        Transaction { home: Home::Client(client), begin: MARK.to_owned(), state: Mutex::default() }
    }
}

impl Transaction<'_> {
    /// What signs the cursors of pages.
    pub(crate) fn cursor_secret(&self) -> &[u8] {
        match &self.home {
            Home::Pool(pool) => pool.cursor_secret(),
            // Nothing is known of the settings of a database here.
            Home::Client(_) => DEFAULT_CURSOR_SECRET,
        }
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
        let outcome = self.run_in(&mut state, statement, params, each).await;
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
        let outcome = self.run_all_in(&mut state, pipeline, receiver).await;
        state.noted(outcome)
    }

    /// Sends statements that do nothing unless the transaction is marked: with BEGIN in front of them if it was not sent yet, and
    /// COMMIT behind them if this is the end. One write.
    ///
    /// After an error in front of it COMMIT rolls back, and so does this where an earlier call had failed.
    pub(crate) async fn flush(
        &self,
        calls: &[Call<'_>],
        commits: bool,
        receiver: &mut dyn Receiver,
    ) -> Result<(), Error> {
        let mut state = self.state.lock().await;
        if commits {
            // The end takes the connection with it, whatever becomes of this future.
            let mut last = std::mem::take(&mut *state);
            return self.commit_in(&mut last, calls, receiver).await;
        }
        let outcome = self.write(&mut state, calls, "", receiver).await;
        state.noted(outcome).map(drop)
    }

    /// Commits what was sent. One round trip, or none where nothing was sent.
    pub(crate) async fn commit(&self) -> Result<(), Error> {
        self.flush(&[], true, &mut Nobody).await
    }

    /// Rolls back. One round trip, or none where nothing was sent.
    pub(crate) async fn roll_back(&self) -> Result<(), Error> {
        let mut state = std::mem::take(&mut *self.state.lock().await);
        match &self.home {
            // A call that did not come to an end takes the transaction with it, when its connection is closed.
            Home::Pool(_) if state.is_busy() => Ok(()),
            Home::Pool(_) => self.end(&mut state, "ROLLBACK").await,
            Home::Client(_) if state.has_begun => Err(Error::invalid(
                "a unit of work that joined a transaction cannot take back what it has sent; roll that transaction back",
            )),
            Home::Client(_) => Ok(()),
        }
    }

    async fn run_in(
        &self,
        state: &mut State,
        statement: &Statement,
        params: &dyn Parameters,
        each: Each<'_>,
    ) -> Result<u64, Error> {
        self.begun(state).await?;
        match &self.home {
            Home::Pool(_) => state.connection()?.run(statement, params, each).await,
            Home::Client(client) => state.guest.run(client, statement, params, each).await,
        }
    }

    async fn run_all_in(
        &self,
        state: &mut State,
        pipeline: Pipeline<'_>,
        receiver: &mut dyn Receiver,
    ) -> Result<u64, Error> {
        if pipeline.write.is_some() {
            self.begun(state).await?;
        } else {
            self.ready(state).await?;
        }
        let begin = self.beginning(state);
        self.send(state, Pipeline { begin, end: "", ..pipeline }, receiver).await
    }

    async fn write(
        &self,
        state: &mut State,
        calls: &[Call<'_>],
        end: &'static str,
        receiver: &mut dyn Receiver,
    ) -> Result<u64, Error> {
        self.ready(state).await?;
        let begin = self.beginning(state);
        self.send(state, Pipeline { write: None, begin, calls, end }, receiver).await
    }

    async fn commit_in(
        &self,
        state: &mut State,
        calls: &[Call<'_>],
        receiver: &mut dyn Receiver,
    ) -> Result<(), Error> {
        if let Some(refusal) = state.refusal() {
            // What is not rolled back by this is rolled back with its connection.
            let _ = self.end(state, "ROLLBACK").await;
            return Err(refusal);
        }
        if calls.is_empty() && !state.has_begun {
            return Ok(());
        }
        let end = match self.home {
            Home::Pool(_) => COMMIT,
            Home::Client(_) => "",
        };
        let outcome = self.write(state, calls, end, receiver).await;
        let commit = state.lease.as_mut().map_or(Commit::Failed, |lease| lease.connection().commit());
        outcome.map(drop).map_err(|error| match commit {
            Commit::Failed => error,
            Commit::Sent => Error::commit_unknown(error, None),
            Commit::Done => Error::committed(error),
        })
    }

    /// Has BEGIN answered.
    async fn begun(&self, state: &mut State) -> Result<(), Error> {
        self.ready(state).await?;
        let begin = self.beginning(state);
        if !begin.is_empty() {
            let pipeline = Pipeline { write: None, begin, calls: &[], end: "" };
            self.send(state, pipeline, &mut Nobody).await?;
        }
        Ok(())
    }

    /// What the next write begins with.
    fn beginning(&self, state: &mut State) -> &str {
        if std::mem::replace(&mut state.has_begun, true) { "" } else { &self.begin }
    }

    /// Has a connection, on which nothing has failed.
    async fn ready(&self, state: &mut State) -> Result<(), Error> {
        if let Some(refusal) = state.refusal() {
            return Err(refusal);
        }
        if let (Home::Pool(pool), None) = (&self.home, &state.lease) {
            state.lease = Some(pool.acquire().await?);
        }
        Ok(())
    }

    async fn send(
        &self,
        state: &mut State,
        pipeline: Pipeline<'_>,
        receiver: &mut dyn Receiver,
    ) -> Result<u64, Error> {
        match &self.home {
            Home::Pool(_) => state.connection()?.run_all(pipeline, receiver).await,
            Home::Client(client) => state.guest.run_all(client, pipeline, receiver).await,
        }
    }

    async fn end(&self, state: &mut State, end: &'static str) -> Result<(), Error> {
        if let (Home::Pool(_), true) = (&self.home, state.has_begun) {
            let pipeline = Pipeline { write: None, begin: "", calls: &[], end };
            state.connection()?.run_all(pipeline, &mut Nobody).await?;
        }
        Ok(())
    }
}

impl State {
    fn is_busy(&mut self) -> bool {
        self.guest.is_busy() || self.lease.as_mut().is_some_and(|lease| lease.connection().is_busy())
    }

    /// Why nothing more can be done.
    fn refusal(&mut self) -> Option<Error> {
        if let Some(failure) = &self.failure {
            return Some(Error::rolled_back(failure.share()));
        }
        self.is_busy().then(|| Error::rolled_back(Error::invalid(UNFINISHED)))
    }

    fn connection(&mut self) -> Result<&mut Connection, Error> {
        let connection =
            self.lease.as_mut().map(Lease::connection).filter(|connection| !connection.is_busy());
        connection.ok_or_else(|| Error::invalid(UNFINISHED))
    }

    fn noted(&mut self, outcome: Result<u64, Error>) -> Result<u64, Error> {
        if let Err(error) = &outcome {
            self.failure.get_or_insert_with(|| error.share());
        }
        outcome
    }
}

const UNFINISHED: &str = "a call of this unit of work did not come to an end";

/// Receives the rows of statements that have none.
pub(crate) struct Nobody;

impl Receiver for Nobody {
    fn accept(&mut self, _: usize, _: tokio_postgres::Row) -> Result<(), Error> {
        Ok(())
    }

    fn restart(&mut self) {}
}
