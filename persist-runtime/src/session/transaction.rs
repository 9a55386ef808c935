//! A transaction that several calls share: one connection, from the first statement to the last.

use std::future::pending;
use std::sync::{Arc, OnceLock};

use tokio::sync::Mutex;
use tokio_postgres::Client;

use crate::error::Error;
use crate::error::Raised;
use crate::error::UnknownCommit;
use crate::session::progress::{Noting, Progress};
use crate::session::savepoints::Savepoints;
use crate::session::terms::Terms;
use crate::session::token::Token;
use crate::session::transaction_state::{TransactionState, UNFINISHED, unfinished};
use crate::wire::access::Effect;
use crate::wire::bracket::{Begin, Bracket, End};
use crate::wire::call::Call;
use crate::wire::config::DEFAULT_CURSOR_SECRET;
use crate::wire::connection::Connection;
use crate::wire::connection_state::Commit;
use crate::wire::pool::{Lease, Pool};
use crate::wire::receiver::{Discard, Receiver};
use crate::wire::transaction_start::TransactionStart;

/// A transaction that begins with its first statement. Its calls wait for each other.
pub(crate) struct Transaction<'t> {
    home: Home<'t>,
    terms: Terms,
    /// What stands for its commit, should that become unknown.
    unknown: Option<UnknownCommit>,
    /// Who asks how far it has come, if somebody does.
    noting: OnceLock<Noting>,
    pub(super) savepoints: Savepoints,
    pub(super) state: Mutex<TransactionState>,
}

/// Whose connection it is on.
enum Home<'t> {
    /// One of the pool, from the first statement on.
    Pool(Pool),
    /// That of a caller who has begun a transaction, and will end it.
    Client(&'t Client),
}

impl<'t> Transaction<'t> {
    /// Costs nothing until the first statement.
    pub(crate) fn new(pool: Pool, terms: Terms) -> Self {
        let unknown = terms.token.map(|token| UnknownCommit::new(token.bytes()));
        Transaction::at(Home::Pool(pool), terms, unknown)
    }

    /// Takes part in a transaction that the caller has begun, and will end.
    pub(crate) fn within(client: &'t Client) -> Self {
        let terms = Terms { start: TransactionStart::JOINED, ..Terms::default() };
        Transaction::at(Home::Client(client), terms, None)
    }

    fn at(home: Home<'t>, terms: Terms, unknown: Option<UnknownCommit>) -> Self {
        let (savepoints, state) = (Savepoints::default(), Mutex::default());
        Transaction { home, terms, unknown, noting: OnceLock::new(), savepoints, state }
    }
}

impl Transaction<'_> {
    /// What signs the cursors of pages.
    pub(crate) fn cursor_secret(&self) -> &[u8] {
        match &self.home {
            Home::Pool(pool) => pool.cursor_secret(),
            // The settings of a database are not known here.
            Home::Client(_) => DEFAULT_CURSOR_SECRET,
        }
    }

    /// Runs calls in one write. The transaction that they would need for themselves is this one.
    ///
    /// If they only read, BEGIN leaves with them. Otherwise it is answered before they leave, because they
    /// would stand for themselves if BEGIN alone failed.
    pub(crate) async fn send(
        &self,
        calls: &[Call<'_>],
        bracket: &Bracket<'_>,
        receiver: &mut dyn Receiver,
    ) -> Result<u64, Error> {
        let mut state = self.state.lock().await;
        let outcome = self.send_in(&mut state, calls, bracket.ahead, receiver).await;
        state.noted(outcome)
    }

    /// Sends statements that do nothing unless the transaction is marked: with BEGIN in front of them if it
    /// was not sent yet, and COMMIT after them if this is the end. One write.
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
        let outcome = self.write(&mut state, calls, End::None, receiver).await;
        state.noted(outcome.map_err(|error| explained(error, receiver))).map(drop)
    }

    /// Commits. One round trip, or none where nothing was sent.
    pub(crate) async fn commit(&self) -> Result<(), Error> {
        self.flush(&[], true, &mut Discard).await
    }

    /// Something went wrong on this side: nothing of it may be committed.
    pub(crate) async fn fail(&self, error: &Error) {
        let _ = self.state.lock().await.noted::<()>(Err(error.share()));
    }

    /// How far its commit has come, from now on, and what can be asked for if that is unknown.
    pub(crate) fn progress(&self) -> (Arc<Progress>, Option<UnknownCommit>) {
        (self.noting.get_or_init(Noting::new).0.clone(), self.unknown.clone())
    }

    /// Notes down what became of the commit, for those who ask.
    pub(crate) fn note(&self, commit: Commit) {
        if let Some(noting) = self.noting.get() {
            noting.note(commit);
        }
    }

    /// Does the server refuse whatever writes?
    pub(crate) fn is_read_only(&self) -> bool {
        self.terms.start.is_read_only()
    }

    /// The pool of its connection, unless it takes part in a transaction of the caller.
    pub(crate) fn pool(&self) -> Option<&Pool> {
        match &self.home {
            Home::Pool(pool) => Some(pool),
            Home::Client(_) => None,
        }
    }

    /// Waits, while no call is under way, until its connection is lost.
    pub(crate) async fn lost(&self) -> Error {
        match &mut self.state.lock().await.lease {
            Some(lease) => lease.connection().ended().await,
            None => pending().await,
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
            // A call that did not come to an end takes the transaction with it, when its connection is
            // closed.
            Home::Pool(_) if state.is_busy() => Ok(()),
            Home::Pool(_) => self.roll_back_in(&mut state).await,
            Home::Client(_) if state.has_begun => Err(Error::invalid(
                "a unit of work that joined a transaction cannot take back what it has sent; roll that \
                 transaction back",
            )),
            Home::Client(_) => Ok(()),
        }
    }

    async fn send_in(
        &self,
        state: &mut TransactionState,
        calls: &[Call<'_>],
        ahead: usize,
        receiver: &mut dyn Receiver,
    ) -> Result<u64, Error> {
        if calls.iter().any(|call| call.statement.effect() == Effect::Writes) {
            self.begun(state).await?;
        } else {
            self.ready(state).await?;
        }
        let begin = self.beginning(state);
        self.transmit(state, calls, &Bracket { ahead, ..Bracket::begin(begin) }, receiver).await
    }

    async fn write(
        &self,
        state: &mut TransactionState,
        calls: &[Call<'_>],
        end: End,
        receiver: &mut dyn Receiver,
    ) -> Result<u64, Error> {
        self.ready(state).await?;
        let begin = self.beginning(state);
        self.transmit(state, calls, &Bracket { end, ..Bracket::begin(begin) }, receiver).await
    }

    async fn commit_in(
        &self,
        state: &mut TransactionState,
        calls: &[Call<'_>],
        receiver: &mut dyn Receiver,
    ) -> Result<(), Error> {
        let settled = self.settle(state).await;
        if let Some(refusal) = state.refusal().or(settled.err()) {
            // What is not rolled back by this is rolled back with its connection.
            let _ = self.roll_back_in(state).await;
            return Err(refusal);
        }
        if calls.is_empty() && !state.has_begun {
            self.note(Commit::Done);
            return Ok(());
        }
        if let Some(lease) = &mut state.lease
            && lease.connection().has_ended()
        {
            // COMMIT was not written yet.
            return Err(Error::rolled_back(lease.connection().lost()));
        }
        let end = match self.home {
            Home::Pool(_) => End::Commit,
            Home::Client(_) => End::None,
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
        self.ready(state).await?;
        self.note(Commit::Sent);
        let outcome = self.write(state, calls, end, &mut last).await;
        let Last { is_own, .. } = last;
        let commit = state.lease.as_mut().map_or(Commit::Failed, |lease| lease.connection().commit());
        outcome.map(drop).map_err(|error| explained(error, receiver)).map_err(|error| match commit {
            Commit::Failed if is_own && Token::is_fenced(&error) => Error::fenced(error),
            Commit::Failed if is_own && error.code() == Some("42P01") => Error::no_token_table(error),
            Commit::Failed if is_own && error.raised() == Some(&Raised::Kept) => {
                Error::kept_out("persist_token")
            }
            // A session that the server ended for being idle was idle until the end: COMMIT did not reach it.
            Commit::Failed if error.code() == Some("25P03") => Error::rolled_back(error),
            Commit::Failed => error,
            // A transaction that only reads has no changes to commit.
            Commit::Sent if self.is_read_only() => Error::rolled_back(error),
            Commit::Sent => Error::commit_unknown(error, self.unknown.clone()),
            Commit::Done => Error::committed(error),
        })
    }

    /// Has BEGIN answered.
    async fn begun(&self, state: &mut TransactionState) -> Result<(), Error> {
        self.ready(state).await?;
        let begin = self.beginning(state);
        if !begin.is_none() {
            self.transmit(state, &[], &Bracket::begin(begin), &mut Discard).await?;
        }
        Ok(())
    }

    /// What the next write begins with.
    fn beginning(&self, state: &mut TransactionState) -> Begin<'_> {
        self.start(state).map_or(Begin::None, Begin::Transaction)
    }

    /// What the transaction begins with; `None` where it has begun.
    pub(super) fn start(&self, state: &mut TransactionState) -> Option<&TransactionStart> {
        (!std::mem::replace(&mut state.has_begun, true)).then_some(&self.terms.start)
    }

    /// Has a connection, on which no call has failed.
    pub(super) async fn ready(&self, state: &mut TransactionState) -> Result<(), Error> {
        self.settle(state).await?;
        if let Some(refusal) = state.refusal() {
            return Err(refusal);
        }
        if let (Home::Pool(pool), None) = (&self.home, &state.lease) {
            state.lease = Some(pool.acquire().await?);
        }
        Ok(())
    }

    /// Rolls back to the outermost of the savepoints that were dropped.
    pub(super) async fn settle(&self, state: &mut TransactionState) -> Result<(), Error> {
        match self.savepoints.outermost_dropped()? {
            Some(savepoint) => self.roll_back_to_in(state, savepoint).await,
            None => Ok(()),
        }
    }

    pub(super) async fn roll_back_to_in(
        &self,
        state: &mut TransactionState,
        savepoint: u32,
    ) -> Result<(), Error> {
        if state.is_busy() {
            return Err(unfinished());
        }
        let rolled_back = Bracket::begin(Begin::RolledBackTo(savepoint));
        if let Err(error) = self.transmit(state, &[], &rolled_back, &mut Discard).await {
            state.failure.get_or_insert_with(|| error.share());
            return Err(error);
        }
        self.savepoints.rolled_back(savepoint);
        state.failure = None;
        Ok(())
    }

    /// Sends on the connection of the transaction.
    pub(super) async fn transmit(
        &self,
        state: &mut TransactionState,
        calls: &[Call<'_>],
        bracket: &Bracket<'_>,
        receiver: &mut dyn Receiver,
    ) -> Result<u64, Error> {
        match &self.home {
            Home::Pool(_) => self.connection(state)?.send(calls, bracket, receiver).await,
            Home::Client(client) => state.borrowed.send(client, calls, bracket, receiver).await,
        }
    }

    fn connection<'s>(&self, state: &'s mut TransactionState) -> Result<&'s mut Connection, Error> {
        let connection =
            state.lease.as_mut().map(Lease::connection).filter(|connection| !connection.is_busy());
        let connection = connection.ok_or_else(|| Error::invalid(UNFINISHED))?;
        if let Some(limit) = self.terms.statement_timeout {
            connection.allow(limit);
        }
        Ok(connection)
    }

    async fn roll_back_in(&self, state: &mut TransactionState) -> Result<(), Error> {
        if let (Home::Pool(_), true) = (&self.home, state.has_begun) {
            let end = Bracket::end(End::RollBack);
            self.connection(state)?.send(&[], &end, &mut Discard).await?;
        }
        Ok(())
    }
}

/// What an error of a statement that asks for the mark means.
fn explained(error: Error, receiver: &dyn Receiver) -> Error {
    match error.raised() {
        Some(Raised::Unmarked) => Error::unmarked(error),
        _ => receiver.explained(error),
    }
}

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

#[cfg(test)]
mod tests;
