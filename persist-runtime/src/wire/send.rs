//! The one way in which statements reach a server: cold, warm, outdated.

use std::pin::{Pin, pin};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::Either;
use tokio_postgres::Client;

use crate::error::Error;
use crate::wire::answer::{Form, Request};
use crate::wire::bracket::{Begin, Bracket, End};
use crate::wire::call::{Call, wrong_number_of_params};
use crate::wire::connection_state::{Commit, ConnectionState};
use crate::wire::driver::Driver;
use crate::wire::exchange::{Exchange, Preparing, prepared};
use crate::wire::failure::Failure;
use crate::wire::outcome::Outcome;
use crate::wire::receiver::Receiver;
use crate::wire::statement::Statement;
use crate::wire::statement_cache::StatementCache;
use crate::wire::tap::Ended;
use crate::wire::time_limit::{patience, within};

/// How long calls that are done wait for what is prepared beside them. A lock can keep a server from that.
const MOST_WAIT: Duration = Duration::from_millis(250);

/// The way to a server, for the time of one call.
pub(crate) struct Transport<'c> {
    pub(crate) client: &'c Client,
    /// Reads and writes the socket; `None` where the owner of the client does.
    pub(crate) driver: Option<&'c mut Driver>,
    /// What is prepared there; `None` where nothing is.
    pub(crate) cache: Option<&'c mut StatementCache>,
    pub(crate) state: &'c mut ConnectionState,
    /// How long the server lets each statement run.
    pub(crate) limit: Option<Duration>,
}

impl Transport<'_> {
    /// Runs calls in one write and hands their rows on, one call after another; answers how many rows the
    /// first call affected.
    ///
    /// Whatever becomes of the future, a connection that cannot be used again says so by its state.
    pub(crate) async fn send(
        mut self,
        calls: &[Call<'_>],
        bracket: &Bracket<'_>,
        receiver: &mut dyn Receiver,
    ) -> Result<u64, Error> {
        let patience = patience(self.limit, calls.len() + bracket.statements());
        // Pinned here, because it is large: what is handed over is copied.
        within(patience, pin!(self.send_unhurried(calls, bracket, receiver))).await
    }

    async fn send_unhurried(
        &mut self,
        calls: &[Call<'_>],
        bracket: &Bracket<'_>,
        receiver: &mut dyn Receiver,
    ) -> Result<u64, Error> {
        self.state.commit = Commit::Failed;
        calls.iter().try_for_each(Call::check)?;
        self.state.busy = true;
        self.state.has_traces |= calls.iter().any(|call| call.statement.leaves_traces());
        // A transaction of several writes fails with the first.
        let mut may_repeat = !self.state.in_transaction && bracket.is_balanced();
        // What runs by itself is committed when it ends; of the transaction of a load its COMMIT tells.
        let writes_alone = !self.state.in_transaction && (bracket.is_none() || bracket.ahead > 0);
        self.state.in_transaction |= !bracket.begin.is_none();
        if bracket.end == End::Commit {
            self.state.commit = Commit::Sent;
        }
        self.close_retired();
        let (mut ahead, mut affected, mut has_written) = (0, None, false);
        let outcome = loop {
            let outcome = match self.ready(&calls[ahead..], bracket) {
                Some(request) => self.one(request, receiver).await,
                None => {
                    let rest = Bracket { ahead: bracket.ahead - ahead, ..*bracket };
                    // Boxed, because it is large.
                    Box::pin(self.several(&calls[ahead..], rest, receiver)).await
                }
            };
            has_written |= outcome.has_written;
            if !outcome.is_outdated() {
                break outcome;
            }
            self.forget(calls);
            self.state.has_lost_statement |= outcome.has_lost_statement();
            if !may_repeat || !receiver.can_restart() {
                break outcome;
            }
            may_repeat = false;
            // What ran by itself is done.
            (ahead, affected) = (outcome.ahead, outcome.affected.filter(|_| outcome.ahead > 0));
            receiver.restart();
        };
        self.state.busy = outcome.is_unusable;
        self.state.in_transaction &= bracket.end.is_none() || !outcome.is_over;
        if bracket.end == End::Commit {
            self.state.commit = outcome.commit();
        }
        let failed = outcome.failed_call.map(|place| place + ahead);
        // The calls ahead of the bracket are none of the receiver's.
        if let Some(call) = failed.and_then(|place| place.checked_sub(bracket.ahead)) {
            receiver.failed(call);
        }
        let is_prepared = outcome.is_prepared;
        let is_load = matches!(bracket.begin, Begin::Locking);
        let is_done = has_written && (writes_alone || is_load && outcome.has_committed);
        outcome.result.map_err(|failure| {
            let error = failure.into_error(self.driver.as_deref_mut());
            let error = match failed.and_then(|place| calls.get(place)) {
                Some(call) => error.of_tables(call.statement.tables()),
                None => error,
            };
            let error = if is_prepared { error.of_named_statement() } else { error };
            if is_done { Error::committed(error) } else { error }
        })?;
        Ok(affected.or(outcome.affected).unwrap_or(0))
    }

    /// A call by itself that need not be prepared.
    fn ready<'a>(&mut self, calls: &[Call<'a>], bracket: &Bracket<'_>) -> Option<Request<'a>> {
        let [call] = calls else { return None };
        if !bracket.is_none() {
            return None;
        }
        let form = match &mut self.cache {
            Some(cache) if call.statement.is_kept() => Form::Prepared(cache.get(call.statement)?),
            Some(_) | None => Form::Unnamed(call.statement.param_types().ok()?),
        };
        Some(Request { call: *call, form, place: 0, index: Some(0) })
    }

    /// What is sent most, without the lists that several calls need.
    async fn one(&mut self, request: Request<'_>, receiver: &mut dyn Receiver) -> Outcome {
        let client = self.client;
        let mut outcome = Outcome::new(request.is_prepared());
        let work = async {
            outcome.affected = request.read(request.ask(client).await, &mut outcome, receiver).await;
        };
        let answered = self.drive(pin!(work)).await;
        if answered.is_some() { outcome } else { Outcome::ended() }
    }

    async fn several(
        &mut self,
        calls: &[Call<'_>],
        bracket: Bracket<'_>,
        receiver: &mut dyn Receiver,
    ) -> Outcome {
        let mut requests = Vec::with_capacity(calls.len());
        for (place, call) in calls.iter().copied().enumerate() {
            match self.form(call.statement) {
                Ok(form) => {
                    requests.push(Request { call, form, place, index: place.checked_sub(bracket.ahead) });
                }
                Err(error) => {
                    let mut outcome = Outcome::new(false);
                    outcome.fail(Failure::Refused(error));
                    return Outcome { is_refused: true, is_over: !bracket.begin.is_none(), ..outcome };
                }
            }
        }
        // What fails in a transaction aborts it, and that nothing could be prepared is no reason.
        let stays_open = self.state.in_transaction && bracket.end.is_none();
        let deferred = self.deferred(&requests, stays_open);
        let prepares = self.cache.is_some() && !stays_open;
        let probes = self.driver.is_none();
        let exchange = Exchange { requests: &requests, bracket, probes, prepares, deferred: &deferred };
        let client = self.client;
        // That of a transaction before is no answer to this one.
        self.take_end();
        let Some((mut outcome, preparing)) = self.drive(pin!(exchange.run(client, receiver))).await else {
            return Outcome::ended();
        };
        if bracket.end == End::Commit {
            outcome.take_answer_to_commit(self.take_end().or(outcome.probed));
            self.state.commit = outcome.commit();
        }
        if !preparing.is_empty() {
            self.prepare(preparing, &mut outcome).await;
        }
        outcome
    }

    /// What is to be prepared besides the statements of these requests; or else keeps those for later.
    fn deferred(&mut self, requests: &[Request<'_>], stays_open: bool) -> Vec<Statement> {
        let Some(cache) = &mut self.cache else { return Vec::new() };
        if !stays_open {
            return cache.take_deferred();
        }
        let unnamed = requests.iter().filter(|request| !request.is_prepared());
        let statements = unnamed.map(|request| request.call.statement);
        statements.filter(|statement| statement.is_kept()).for_each(|statement| cache.defer(statement));
        Vec::new()
    }

    /// Keeps what was prepared, unless the program was built for something else.
    async fn prepare(&mut self, preparing: Vec<Preparing<'_>>, outcome: &mut Outcome) {
        let waiting = tokio::time::timeout(MOST_WAIT, self.drive(pin!(prepared(preparing)))).await;
        let Ok(Some(fresh)) = waiting else {
            // The calls themselves are done: whoever waits for them does not wait for a lock, or for another connection.
            outcome.is_unusable = true;
            return;
        };
        let Some(cache) = &mut self.cache else { return };
        for (place, statement, prepared) in fresh {
            let (taken, given) = (prepared.params().len(), statement.params().len());
            let fits = match statement.check(prepared.columns()) {
                _ if taken != given => Err(wrong_number_of_params(statement, taken, given)),
                fits => fits,
            };
            match (fits, place) {
                (Ok(()), _) => cache.put(statement, prepared),
                (Err(error), Some(place)) if taken != given => outcome.blame(place, error),
                (Err(error), Some(_)) => outcome.fail(Failure::Refused(error)),
                (Err(_), None) => {}
            }
        }
    }

    fn form(&mut self, statement: &Statement) -> Result<Form, Error> {
        match self.cache.as_mut().and_then(|cache| cache.get(statement)) {
            Some(prepared) => Ok(Form::Prepared(prepared)),
            None => statement.param_types().map(Form::Unnamed),
        }
    }

    /// Waits for work whose requests go through this connection. `None`: the connection ended first.
    fn drive<W: Future>(&mut self, work: Pin<&mut W>) -> impl Future<Output = Option<W::Output>> {
        match &mut self.driver {
            Some(driver) => Either::Left(driver.drive(work)),
            None => Either::Right(work.map(Some)),
        }
    }

    fn take_end(&self) -> Option<Ended> {
        self.driver.as_ref().and_then(|driver| driver.take_end())
    }

    fn forget(&mut self, calls: &[Call<'_>]) {
        if let Some(cache) = &mut self.cache {
            calls.iter().for_each(|call| cache.forget(call.statement));
        }
        self.close_retired();
    }

    fn close_retired(&mut self) {
        if let Some(cache) = &mut self.cache {
            cache.close_retired();
        }
    }
}
