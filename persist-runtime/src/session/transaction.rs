//! A transaction that several calls share: one connection, from the first statement to the last.

mod savepoint;

use std::borrow::Cow;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio_postgres::Client;

use crate::error::Error;
use crate::error::UnknownCommit;
use crate::session::token::Token;
use crate::session::transaction::savepoint::Savepoints;
use crate::value::parameters::Parameters;
use crate::wire::config::DEFAULT_CURSOR_SECRET;
use crate::wire::connection::borrowed_client::Guest;
use crate::wire::connection::outcome::Commit;
use crate::wire::connection::pipeline::{COMMIT, Call, Pipeline, Receiver};
use crate::wire::connection::{Connection, Each};
use crate::wire::pool::{Lease, Pool};
use crate::wire::statement::Statement;

/// A transaction that begins with its first statement. Its calls wait for each other.
pub(crate) struct Transaction<'t> {
    home: Home<'t>,
    terms: Terms,
    /// What stands for its commit, should that become unknown.
    unknown: Option<UnknownCommit>,
    savepoints: Savepoints,
    state: Mutex<State>,
}

/// On what terms a transaction is begun.
pub(crate) struct Terms {
    /// What is sent before the first statement.
    pub(crate) begin: Cow<'static, str>,
    /// The limit that `begin` sets, if it sets one.
    pub(crate) statement_timeout: Option<Duration>,
    /// Does the server refuse whatever writes?
    pub(crate) is_read_only: bool,
    pub(crate) token: Option<Token>,
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
pub(crate) const MARK: &str = "SET LOCAL persist.tx = '1'";

/// READ COMMITTED, and limits as the server has them.
impl Default for Terms {
    fn default() -> Self {
        const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL persist.tx = '1'";
        Terms { begin: Cow::Borrowed(BEGIN), statement_timeout: None, is_read_only: false, token: None }
    }
}

impl<'t> Transaction<'t> {
    /// Costs nothing until the first statement.
    pub(crate) fn new(pool: Pool, terms: Terms) -> Self {
        let unknown = terms.token.map(|token| UnknownCommit::new(token.bytes()));
        Transaction::at(Home::Pool(pool), terms, unknown)
    }

    /// Takes part in the transaction of somebody else, who ends it.
    pub(crate) fn within(client: &'t Client) -> Self {
        let terms = Terms { begin: Cow::Borrowed(MARK), ..Terms::default() };
        Transaction::at(Home::Client(client), terms, None)
    }

    fn at(home: Home<'t>, terms: Terms, unknown: Option<UnknownCommit>) -> Self {
        let (savepoints, state) = (Savepoints::default(), Mutex::default());
        Transaction { home, terms, unknown, savepoints, state }
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
        state.noted(outcome.map_err(|error| receiver.explained(error))).map(drop)
    }

    /// Something went wrong on this side: nothing of it may be committed.
    pub(crate) async fn fail(&self, error: &Error) {
        let _ = self.state.lock().await.noted::<()>(Err(error.share()));
    }

    /// Does the server refuse whatever writes?
    pub(crate) fn is_read_only(&self) -> bool {
        self.terms.is_read_only
    }

    /// The pool of its connection, unless it takes part in somebody else's transaction.
    pub(crate) fn pool(&self) -> Option<&Pool> {
        match &self.home {
            Home::Pool(pool) => Some(pool),
            Home::Client(_) => None,
        }
    }

    /// The first error of a call.
    pub(crate) async fn failure(&self) -> Option<Error> {
        self.state.lock().await.failure.as_ref().map(Error::share)
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
            Home::Pool(_) => self.connection(state)?.run(statement, params, each).await,
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
        let settled = self.settle(state).await;
        if let Some(refusal) = state.refusal().or(settled.err()) {
            // What is not rolled back by this is rolled back with its connection.
            let _ = self.end(state, "ROLLBACK").await;
            return Err(refusal);
        }
        if calls.is_empty() && !state.has_begun {
            return Ok(());
        }
        if let Some(lease) = &mut state.lease
            && lease.connection().has_ended()
        {
            // COMMIT was not written yet.
            return Err(Error::rolled_back(lease.connection().lost()));
        }
        let end = match self.home {
            Home::Pool(_) => COMMIT,
            Home::Client(_) => "",
        };
        let with_own: Vec<Call<'_>>;
        let mut last = Last { receiver, calls: calls.len(), is_own: false };
        let calls = match &self.terms.token {
            Some(token) => {
                with_own = calls.iter().copied().chain([token.call()]).collect();
                &with_own
            }
            None => calls,
        };
        let outcome = self.write(state, calls, end, &mut last).await;
        let Last { is_own, .. } = last;
        let commit = state.lease.as_mut().map_or(Commit::Failed, |lease| lease.connection().commit());
        outcome.map(drop).map_err(|error| receiver.explained(error)).map_err(|error| match commit {
            Commit::Failed if is_own && Token::is_fenced(&error) => Error::fenced(error),
            Commit::Failed if is_own && error.code() == Some("42P01") => Error::no_token_table(error),
            Commit::Failed => error,
            // There is nothing that could be committed.
            Commit::Sent if self.terms.is_read_only => Error::rolled_back(error),
            // Whoever was idle for too long was so until the end.
            Commit::Sent if error.code() == Some("25P03") => Error::rolled_back(error),
            Commit::Sent => Error::commit_unknown(error, self.unknown.clone()),
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
        if std::mem::replace(&mut state.has_begun, true) { "" } else { &self.terms.begin }
    }

    /// Has a connection, on which nothing has failed.
    async fn ready(&self, state: &mut State) -> Result<(), Error> {
        self.settle(state).await?;
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
            Home::Pool(_) => self.connection(state)?.run_all(pipeline, receiver).await,
            Home::Client(client) => state.guest.run_all(client, pipeline, receiver).await,
        }
    }

    fn connection<'s>(&self, state: &'s mut State) -> Result<&'s mut Connection, Error> {
        let connection =
            state.lease.as_mut().map(Lease::connection).filter(|connection| !connection.is_busy());
        let connection = connection.ok_or_else(|| Error::invalid(UNFINISHED))?;
        if let Some(limit) = self.terms.statement_timeout {
            connection.allow(limit);
        }
        Ok(connection)
    }

    async fn end(&self, state: &mut State, end: &'static str) -> Result<(), Error> {
        if let (Home::Pool(_), true) = (&self.home, state.has_begun) {
            let pipeline = Pipeline { write: None, begin: "", calls: &[], end };
            self.connection(state)?.run_all(pipeline, &mut Nobody).await?;
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
        self.is_busy().then(|| self.unfinished())
    }

    fn unfinished(&self) -> Error {
        Error::rolled_back(Error::invalid(UNFINISHED))
    }

    fn noted<T>(&mut self, outcome: Result<T, Error>) -> Result<T, Error> {
        if let Err(error) = &outcome {
            self.failure.get_or_insert_with(|| error.share());
        }
        outcome
    }
}

const UNFINISHED: &str = "a call of this unit of work did not come to an end";

/// Keeps what is the transaction's own apart from what others have sent.
struct Last<'r> {
    receiver: &'r mut dyn Receiver,
    /// How many calls are theirs; they come first.
    calls: usize,
    /// Was the first error that of the transaction's own call?
    is_own: bool,
}

impl Receiver for Last<'_> {
    fn accept(&mut self, call: usize, row: tokio_postgres::Row) -> Result<(), Error> {
        if call < self.calls { self.receiver.accept(call, row) } else { Ok(()) }
    }

    fn restart(&mut self) {
        self.receiver.restart();
    }

    fn failed(&mut self, call: usize) {
        if call < self.calls { self.receiver.failed(call) } else { self.is_own = true }
    }
}

/// Receives the rows of statements that have none.
pub(crate) struct Nobody;

impl Receiver for Nobody {
    fn accept(&mut self, _: usize, _: tokio_postgres::Row) -> Result<(), Error> {
        Ok(())
    }

    fn restart(&mut self) {}
}

#[cfg(test)]
mod tests;
