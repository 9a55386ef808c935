//! One connection: runs statements, remembers what it has prepared, and knows whether it may be used again.

pub(crate) mod borrowed_client;
pub(crate) mod outcome;
pub(crate) mod pipeline;

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use futures_util::Stream;
use futures_util::future::{Either, select};
use tokio::runtime::Handle;
use tokio_postgres::error::{Severity, SqlState};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row, RowStream, Statement as Prepared};

use crate::error::Error;
use crate::value::parameters;
use crate::value::parameters::Parameters;
use crate::wire::config::StatementMode;
use crate::wire::driver::Driver;
use crate::wire::statement::Statement;
use crate::wire::statement_cache::StatementCache;
use crate::wire::tls::Tls;

use outcome::Commit;

/// Takes the rows of an answer as they arrive.
pub(crate) type Each<'a> = &'a mut (dyn FnMut(&Row) -> Result<(), Error> + Send);

/// How much longer than the server's own statement time-outs a call waits before it takes the server for frozen.
const GRACE: Duration = Duration::from_secs(2);

/// Rows that are read and dropped after `Each` refused one, before the connection is given up instead.
const ROWS_WORTH_DRAINING: u64 = 1_000;

// The fields are dropped in this order: once the client is gone, the driver says goodbye to the server.
pub(crate) struct Connection {
    client: Client,
    cache: StatementCache,
    driver: Driver,
    tls: Tls,
    settings: Settings,
    /// A call is under way, or was dropped before its answer had been read: what arrives next belongs to it.
    busy: bool,
    /// A transaction was begun and did not end.
    in_transaction: bool,
    /// What became of the COMMIT of the last pipeline.
    commit: Commit,
    /// How long the server lets each statement of the next call run, if it is not as long as usual.
    limit: Option<Duration>,
}

#[derive(Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) mode: StatementMode,
    pub(crate) cache_size: usize,
    /// How long the server lets a statement run.
    pub(crate) limit: Option<Duration>,
    /// How long the server is asked to stop a statement that nobody waits for any more.
    pub(crate) cancel_limit: Duration,
}

impl Connection {
    pub(crate) fn new(client: Client, driver: Driver, tls: Tls, settings: Settings) -> Connection {
        let cache = StatementCache::new(settings.cache_size);
        let commit = Commit::Failed;
        let (busy, in_transaction, limit) = (false, false, None);
        Connection { client, cache, driver, tls, settings, busy, in_transaction, commit, limit }
    }

    /// Runs one statement, hands every row to `each` and answers the number of rows affected.
    ///
    /// Whatever becomes of the future, a connection that cannot be used again says so by [`Self::is_usable`].
    pub(crate) async fn run(
        &mut self,
        statement: &Statement,
        params: &dyn Parameters,
        each: Each<'_>,
    ) -> Result<u64, Error> {
        let patience = self.patience(1);
        patiently(patience, self.run_unhurried(statement, params, each)).await
    }

    /// Each statement of the next call may take as long as this, by a statement time-out of its own.
    pub(crate) fn allow(&mut self, limit: Duration) {
        self.limit = Some(if limit.is_zero() { Duration::MAX } else { limit });
    }

    /// How long the next call waits for the answers to so many statements: the server's limit is that of each.
    fn patience(&mut self, statements: usize) -> Option<Duration> {
        let limit = self.limit.take().or(self.settings.limit)?;
        let statements = u32::try_from(statements).unwrap_or(u32::MAX);
        Some(limit.saturating_mul(statements).saturating_add(GRACE))
    }

    pub(crate) fn is_usable(&self) -> bool {
        !self.busy && !self.in_transaction
    }

    /// Closes a connection whose call did not come to an end, and asks the server to stop that statement: else it
    /// would go on, unseen by the limits of the pool.
    ///
    /// A request to cancel that comes late would stop the next statement, so only a connection that is never used
    /// again may be sent one.
    pub(crate) fn abandon(self) {
        if let (false, Ok(runtime)) = (self.driver.ended(), Handle::try_current()) {
            let cancelling = self.client.cancel_token();
            let limit = self.settings.cancel_limit;
            let tls = self.tls.clone();
            // Nobody is left who could be told of a failure.
            runtime.spawn(async move { tokio::time::timeout(limit, cancelling.cancel_query(tls)).await });
        }
    }

    /// Whether a call did not come to an end.
    pub(crate) fn is_busy(&self) -> bool {
        self.busy
    }

    /// Whether the server has closed the connection meanwhile, as far as this side knows; sends nothing.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.driver.has_ended()
    }

    /// What it has ended of.
    pub(crate) fn lost(&mut self) -> Error {
        Error::connection_lost(self.driver.take_error())
    }

    /// Asks the server for a sign of life: one round trip.
    pub(crate) async fn is_alive(&mut self) -> bool {
        self.busy = true;
        let alive = matches!(self.driver.fly(pin!(self.client.check_connection())).await, Some(Ok(())));
        self.busy = !alive;
        alive
    }

    async fn run_unhurried(
        &mut self,
        statement: &Statement,
        params: &dyn Parameters,
        each: Each<'_>,
    ) -> Result<u64, Error> {
        if params.count() != statement.params().len() {
            return Err(wrong_number_of_params(statement, statement.params().len(), params.count()));
        }
        self.busy = true;
        self.cache.close_retired();
        let mut delivery = Delivery { statement, each, rows: 0, checked: false };
        let result = match self.settings.mode {
            StatementMode::Named => self.named(params, &mut delivery).await,
            StatementMode::Unnamed => self.unnamed(params, &mut delivery).await,
        };
        self.busy = result.as_ref().is_err_and(Failure::leaves_connection_unusable);
        result.map_err(|failure| failure.into_error(Some(&mut self.driver)))
    }

    async fn named(&mut self, params: &dyn Parameters, delivery: &mut Delivery<'_>) -> Result<u64, Failure> {
        if let Some(prepared) = self.cache.get(delivery.statement) {
            delivery.checked = true;
            let result = self.warm(&prepared, params, delivery).await;
            match &result {
                Err(failure) if delivery.rows == 0 && failure.is_outdated_statement() => {
                    self.cache.forget(delivery.statement);
                    self.cache.close_retired();
                    delivery.checked = false;
                    // The transaction has failed with it.
                    if self.in_transaction {
                        return result;
                    }
                }
                _ => return result,
            }
        }
        // Boxed, because it is rare and large.
        Box::pin(self.cold(params, delivery)).await
    }

    /// Bind, Execute, Sync of what is prepared.
    async fn warm(
        &mut self,
        prepared: &Prepared,
        params: &dyn Parameters,
        delivery: &mut Delivery<'_>,
    ) -> Result<u64, Failure> {
        let client = &self.client;
        let work = async {
            let rows = client.query_raw(prepared, parameters::each(params)).await;
            delivery.take(rows.map_err(Failure::Driver)?).await
        };
        self.driver.fly(pin!(work)).await.unwrap_or(Err(Failure::Ended))
    }

    /// Runs the statement unnamed and prepares it for the next time in the same write.
    async fn cold(&mut self, params: &dyn Parameters, delivery: &mut Delivery<'_>) -> Result<u64, Failure> {
        let statement = delivery.statement;
        let types = statement.param_types().map_err(Failure::before_sending)?;
        let run = run_typed(&self.client, &types, params, delivery);
        let prepare = self.client.prepare_typed(statement.sql(), &types);
        let both = run_and_prepare(run, prepare);
        let (result, prepared) = self.driver.fly(pin!(both)).await.ok_or(Failure::Ended)?;
        // What could not be prepared although it ran is prepared at the next use.
        let Some(prepared) = prepared else { return result };
        if prepared.params().len() != types.len() {
            let error = wrong_number_of_params(statement, prepared.params().len(), types.len());
            return Err(Failure::Refused { error, drained: true });
        }
        match (&result, statement.check(prepared.columns())) {
            (_, Ok(())) => self.cache.put(statement, prepared),
            (Ok(_), Err(error)) => return Err(Failure::Refused { error, drained: true }),
            (Err(_), Err(_)) => {}
        }
        result
    }

    async fn unnamed(
        &mut self,
        params: &dyn Parameters,
        delivery: &mut Delivery<'_>,
    ) -> Result<u64, Failure> {
        let types = delivery.statement.param_types().map_err(Failure::before_sending)?;
        let work = run_typed(&self.client, &types, params, delivery);
        self.driver.fly(pin!(work)).await.unwrap_or(Err(Failure::Ended))
    }
}

/// Waits for an answer, but not longer than this.
async fn patiently(
    patience: Option<Duration>,
    call: impl Future<Output = Result<u64, Error>>,
) -> Result<u64, Error> {
    let mut call = pin!(call);
    let mut limit = pin!(patience.map(tokio::time::sleep));
    let outcome = poll_fn(|cx| match (call.as_mut().poll(cx), limit.as_mut().as_pin_mut()) {
        (Poll::Ready(result), _) => Poll::Ready(Some(result)),
        (Poll::Pending, Some(limit)) => limit.poll(cx).map(|()| None),
        (Poll::Pending, None) => Poll::Pending,
    });
    outcome.await.unwrap_or_else(|| Err(Error::no_answer(patience.unwrap_or_default())))
}

/// Sends both at once. A run that leaves the connection unusable, or was never sent, is not prepared: a refused answer
/// stands before the answer to `prepare` and would have to be read to its end.
async fn run_and_prepare(
    run: impl Future<Output = Result<u64, Failure>>,
    prepare: impl Future<Output = Result<Prepared, tokio_postgres::Error>>,
) -> (Result<u64, Failure>, Option<Prepared>) {
    match select(pin!(run), pin!(prepare)).await {
        Either::Left((Err(failure), _)) if failure.leaves_connection_unusable() || failure.is_encoding() => {
            (Err(failure), None)
        }
        Either::Left((result, prepare)) => (result, prepare.await.ok()),
        Either::Right((prepared, run)) => (run.await, prepared.ok()),
    }
}

/// Parse, Bind, Execute, Sync without a name.
async fn run_typed(
    client: &Client,
    types: &[Type],
    params: &dyn Parameters,
    delivery: &mut Delivery<'_>,
) -> Result<u64, Failure> {
    let typed = parameters::each(params).zip(types.iter().cloned());
    let rows = client.query_typed_raw(delivery.statement.sql(), typed).await;
    delivery.take(rows.map_err(Failure::Driver)?).await
}

/// Hands the rows of one statement on.
struct Delivery<'a> {
    statement: &'a Statement,
    each: Each<'a>,
    rows: u64,
    /// The types of the columns were compared already.
    checked: bool,
}

impl Delivery<'_> {
    async fn take(&mut self, rows: RowStream) -> Result<u64, Failure> {
        let mut rows = pin!(rows);
        while let Some(row) = poll_fn(|cx| rows.as_mut().poll_next(cx)).await {
            if let Err(error) = self.hand_on(&row.map_err(Failure::Driver)?) {
                let drained = match drain(rows).await {
                    Rest::Read => true,
                    Rest::Failed(error) => !Failure::Driver(error).leaves_connection_unusable(),
                    Rest::TooLong => false,
                };
                return Err(Failure::Refused { error, drained });
            }
        }
        Ok(rows.rows_affected().unwrap_or(0))
    }

    fn hand_on(&mut self, row: &Row) -> Result<(), Error> {
        self.rows += 1;
        if !self.checked {
            self.checked = true;
            self.statement.check(row.columns())?;
        }
        (self.each)(row)
    }
}

/// The rest of an answer.
enum Rest {
    Read,
    /// Its end is an error.
    Failed(tokio_postgres::Error),
    /// There is too much of it; what follows is not read.
    TooLong,
}

/// Reads the rest of an answer, so that the connection can be used again.
async fn drain(mut rows: Pin<&mut RowStream>) -> Rest {
    for _ in 0..ROWS_WORTH_DRAINING {
        match poll_fn(|cx| rows.as_mut().poll_next(cx)).await {
            None => return Rest::Read,
            Some(Ok(_)) => {}
            Some(Err(error)) => return Rest::Failed(error),
        }
    }
    Rest::TooLong
}

enum Failure {
    Driver(tokio_postgres::Error),
    /// The connection ended without an answer.
    Ended,
    /// A row, or the statement itself, was refused on this side.
    Refused {
        error: Error,
        drained: bool,
    },
}

impl Failure {
    fn before_sending(error: Error) -> Failure {
        Failure::Refused { error, drained: true }
    }

    fn leaves_connection_unusable(&self) -> bool {
        match self {
            Failure::Driver(error) => match error.as_db_error() {
                Some(server) => {
                    matches!(server.parsed_severity(), Some(Severity::Fatal | Severity::Panic))
                }
                // What cannot be encoded was never sent; of all else nobody knows.
                None => !self.is_encoding(),
            },
            Failure::Ended => true,
            Failure::Refused { drained, .. } => !drained,
        }
    }

    /// Is a transaction that was to be committed behind this known to be rolled back?
    fn shows_rolled_back(&self) -> bool {
        let is_said_by_server = matches!(self, Failure::Driver(error) if error.as_db_error().is_some());
        is_said_by_server && !self.leaves_connection_unusable()
    }

    fn is_encoding(&self) -> bool {
        matches!(self, Failure::Driver(error) if Error::is_encoding(error))
    }

    /// The table was altered since the statement was prepared, or the server forgot it: nothing was run.
    fn is_outdated_statement(&self) -> bool {
        let Failure::Driver(error) = self else {
            return false;
        };
        error.as_db_error().is_some_and(|server| match server.code() {
            &SqlState::FEATURE_NOT_SUPPORTED => server.routine() == Some("RevalidateCachedQuery"),
            code => *code == SqlState::INVALID_SQL_STATEMENT_NAME,
        })
    }

    /// What the connection ended of only its driver knows, if it is ours.
    fn into_error(self, driver: Option<&mut Driver>) -> Error {
        match self {
            Failure::Driver(error) if !error.is_closed() => Error::from_driver(error),
            Failure::Driver(_) | Failure::Ended => {
                Error::connection_lost(driver.and_then(Driver::take_error))
            }
            Failure::Refused { error, .. } => error,
        }
    }
}

fn wrong_number_of_params(statement: &Statement, taken: usize, given: usize) -> Error {
    Error::invalid(format!(
        "the statement takes {taken} parameters, but {given} were given: {}",
        statement.sql()
    ))
}
