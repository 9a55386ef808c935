//! The one error of the run time: what failed, what was found, what to do; never a value, never a password.

mod connect;
mod connecting;
mod constraint;
mod kind;
mod predicates;
mod raised;
mod server;
mod unknown;

use std::borrow::Cow;
use std::error::Error as _;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub(crate) use connect::ConnectFailure;
pub use constraint::Constraint;
pub use kind::BoxError;
pub(crate) use kind::{PoolReport, StaleKey};
pub use unknown::UnknownCommit;

use kind::{Kind, StaleKeys};
pub(crate) use raised::{Raised, SECRET};
use server::ServerError;

const HINT_ABOUT_POOLERS: &str = "a pooler in transaction mode may have given this call another server than the one that knows the statement; leave \
     `statement_mode` at `StatementMode::Auto` or set `StatementMode::Unnamed`, or, with PgBouncer 1.21 or newer, set \
     `max_prepared_statements` there";

/// What went wrong: asked by predicates, printed without values.
///
/// `Display` states its own level only; [`source`](std::error::Error::source) leads to the cause. Neither
/// `Display` nor `Debug` ever shows a value of a row or a parameter; PostgreSQL's DETAIL, which holds values,
/// is only reachable through [`Error::detail`].
///
/// ```no_run
/// # use persist_runtime as persist;
/// # async fn insert() -> Result<(), persist::Error> { Ok(()) }
/// # async fn example() -> Result<(), persist::Error> {
/// use persist::Constraint;
///
/// const UNIQUE_NAME: Constraint = Constraint::new("pipelines", "pipelines_name_key");
///
/// match insert().await {
///     Err(error) if error.violates(UNIQUE_NAME) => println!("this name is taken"),
///     Err(error) if error.is_connection_lost() => println!("try again later"),
///     result => result?,
/// }
/// # Ok(())
/// # }
/// ```
// Shared, because a pool tells the same failure to all callers that wait for it.
pub struct Error(Arc<Inner>);

struct Inner {
    kind: Kind,
    source: Option<BoxError>,
}

impl Error {
    /// Wraps an error of your own, so that it can travel where this library's error is expected.
    ///
    /// ```
    /// # use persist_runtime as persist;
    /// let error = persist::Error::other("the order was paid already");
    /// assert_eq!(error.to_string(), "the order was paid already");
    /// ```
    pub fn other(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        Error::new(Kind::Other(source.into()))
    }

    pub(crate) fn not_found(place: impl fmt::Display) -> Error {
        Error::new(Kind::NotFound(place.to_string()))
    }

    pub(crate) fn stale(table: &'static str) -> Error {
        Error::stale_rows(table, Vec::new())
    }

    /// Rows that are gone or have another version, by their keys.
    pub(crate) fn stale_rows(table: &'static str, keys: Vec<StaleKey>) -> Error {
        Error::new(Kind::Stale { table, keys: StaleKeys(keys) })
    }

    /// The keys of the rows that are gone or have another version; the first sixteen of one table.
    pub(crate) fn stale_keys(&self) -> &[StaleKey] {
        match &self.0.kind {
            Kind::Stale { keys, .. } => &keys.0,
            _ => &[],
        }
    }

    pub(crate) fn is_stale_row_of(&self, expected: &str) -> bool {
        matches!(&self.0.kind, Kind::Stale { table, .. } if *table == expected)
    }

    /// What a statement of ours has raised.
    pub(crate) fn raised(&self) -> Option<&Raised> {
        self.server()?.raised.as_ref()
    }

    /// Rows were sent that are not there.
    pub(crate) fn kept_out(table: &'static str) -> Error {
        Error::new(Kind::KeptOut(table))
    }

    /// `cause` is what a statement says of a transaction that has lost its mark.
    pub(crate) fn unmarked(cause: Error) -> Error {
        const MESSAGE: &str = "nothing was written: SQL in this unit of work, such as `RESET ALL` or `set_config` in a function, has \
             reset the setting `persist.tx`, by which writes know that they are in its transaction; reset settings by name";
        Error::invalid(MESSAGE).because(cause.into())
    }

    /// Did a statement find that its transaction has no mark, or that there is none?
    pub(crate) fn is_unmarked(&self) -> bool {
        let cause = self.0.source.as_deref().and_then(|source| source.downcast_ref::<Error>());
        cause.is_some_and(|cause| cause.raised() == Some(&Raised::Unmarked))
    }

    /// `failure` is the first error of a call, which may say so itself already.
    pub(crate) fn rolled_back(failure: Error) -> Error {
        if failure.is_rolled_back() {
            return failure;
        }
        Error::new(Kind::RolledBack).because(failure.into())
    }

    /// `cause` is how the connection was lost, after COMMIT had left.
    pub(crate) fn commit_unknown(cause: Error, token: Option<UnknownCommit>) -> Error {
        Error::new(Kind::CommitUnknown(token)).because(cause.into())
    }

    /// `cause` is the answer to the token.
    pub(crate) fn fenced(cause: Error) -> Error {
        Error::new(Kind::Fenced).because(cause.into())
    }

    /// `cause` is what the server says of the table of tokens.
    pub(crate) fn no_token_table(cause: Error) -> Error {
        const MESSAGE: &str = "a unit of work with a token needs the table `persist_token`, which does not exist; create it in a \
             migration, as the documentation of `UnitOfWorkBuilder::with_token` shows";
        Error::invalid(MESSAGE).because(cause.into())
    }

    /// `cause` is what failed although everything was committed.
    pub(crate) fn committed(cause: Error) -> Error {
        Error::new(Kind::Committed).because(cause.into())
    }

    pub(crate) fn too_many_rows(place: impl fmt::Display) -> Error {
        Error::new(Kind::TooManyRows(place.to_string()))
    }

    pub(crate) fn decode(column: String, source: BoxError) -> Error {
        Error::new(Kind::Decode(column)).because(source)
    }

    /// A value that has no equivalent in SQL.
    pub(crate) fn encode(column: &str, source: BoxError) -> Error {
        Error::new(Kind::EncodeColumn(column.to_owned())).because(source)
    }

    /// A statement, or what is sent with it, that no server takes; nothing was sent.
    pub(crate) fn too_large(message: impl Into<String>) -> Error {
        Error::new(Kind::TooLarge(message.into()))
    }

    /// Says in which table the column is whose value could not be encoded.
    pub(crate) fn of_table(mut self, table: &str) -> Error {
        if let Some(Inner { kind: Kind::EncodeColumn(column), .. }) = Arc::get_mut(&mut self.0) {
            *column = format!("{table}.{column}");
        }
        self
    }

    pub(crate) fn invalid(message: impl Into<Cow<'static, str>>) -> Error {
        Error::new(Kind::Invalid(message.into()))
    }

    /// `why` is what the validation of a row of this table says.
    pub(crate) fn refused(table: &'static str, why: BoxError) -> Error {
        Error::new(Kind::Refused(table)).because(why)
    }

    pub(crate) fn invalid_cursor(message: impl Into<Cow<'static, str>>) -> Error {
        Error::new(Kind::InvalidCursor(message.into()))
    }

    pub(crate) fn configuration(message: impl Into<Cow<'static, str>>) -> Error {
        Error::new(Kind::Configuration(message.into()))
    }

    pub(crate) fn column_type(message: String) -> Error {
        Error::new(Kind::ColumnType(message))
    }

    pub(crate) fn connect(failure: ConnectFailure, target: &str) -> Error {
        Error::new(Kind::Connect { failure, target: target.into() })
    }

    pub(crate) fn pool_timeout(report: PoolReport, last_connect_error: Option<Error>) -> Error {
        let error = Error::new(Kind::PoolTimeout(report));
        match last_connect_error {
            Some(cause) => error.because(Box::new(cause)),
            None => error,
        }
    }

    pub(crate) fn pool_closed() -> Error {
        Error::new(Kind::PoolClosed)
    }

    pub(crate) fn no_answer(waited: Duration) -> Error {
        Error::new(Kind::NoAnswer(waited))
    }

    /// `cause` is what the connection itself ended of.
    pub(crate) fn connection_lost(cause: Option<tokio_postgres::Error>) -> Error {
        let source = cause.and_then(|cause| match cause.as_db_error() {
            Some(server) => Some(Box::new(ServerError::new(server)) as BoxError),
            None => cause.into_source(),
        });
        Error(Arc::new(Inner { kind: Kind::ConnectionLost, source }))
    }

    /// Takes over what the driver reports for a statement.
    pub(crate) fn from_driver(error: tokio_postgres::Error) -> Error {
        if let Some(server) = error.as_db_error() {
            return Error::new(Kind::Server(Box::new(ServerError::new(server))));
        }
        // The driver keeps its kinds private; what it says about them is all that tells them apart.
        let kind = match error.to_string().as_str() {
            _ if Error::is_encoding(&error) => Kind::Encode,
            text if text.starts_with("expected ") => Kind::Invalid(text.to_owned().into()),
            _ => Kind::Protocol,
        };
        let source = error.into_source().map(|source| source.downcast::<Error>());
        match source {
            // A parameter has said it all already.
            Some(Ok(own)) => *own,
            Some(Err(source)) => Error::new(kind).because(source),
            None => Error::new(kind),
        }
    }

    /// Whether a table was altered since a statement was prepared, or the server does not know the statement: nothing was
    /// run.
    pub(crate) fn is_outdated_statement(error: &tokio_postgres::Error) -> bool {
        error.as_db_error().is_some_and(server::is_outdated)
    }

    /// What a statement over these tables failed of: says so where the tables may be others than the program was built for.
    pub(crate) fn of_tables(mut self, tables: &[&str]) -> Error {
        if let Some(Inner { kind: Kind::Server(server), .. }) = Arc::get_mut(&mut self.0) {
            server.told_tables(tables);
        }
        self
    }

    /// What a statement failed of that travelled by its name: says what to set where that may be the reason.
    pub(crate) fn of_named_statement(mut self) -> Error {
        if let Some(Inner { kind: Kind::Server(server), .. }) = Arc::get_mut(&mut self.0) {
            server.was_named = true;
            if ["26000", "42P05", "08P01"].iter().any(|code| server.is(code)) {
                server.hint.get_or_insert_with(|| HINT_ABOUT_POOLERS.into());
            }
        }
        self
    }

    /// Whether a parameter or the statement could not be encoded, so that nothing was sent.
    pub(crate) fn is_encoding(error: &tokio_postgres::Error) -> bool {
        let text = error.to_string();
        let cause = || error.source().map(ToString::to_string).unwrap_or_default();
        text.starts_with("error serializing parameter")
            || text == "error encoding message to server"
            // So the driver calls a text that it cannot send to be parsed.
            || (text == "error parsing response from server"
                && ["string contains embedded null", "value too large to transmit", "message length overflow"]
                    .contains(&cause().as_str()))
    }

    pub(crate) fn because(mut self, source: BoxError) -> Error {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.source = Some(source);
        }
        self
    }

    /// The same error of the server with what to do, where the server says nothing.
    pub(crate) fn hinted(mut self, hint: &str) -> Error {
        if let Some(Inner { kind: Kind::Server(server), .. }) = Arc::get_mut(&mut self.0) {
            server.hint.get_or_insert_with(|| hint.into());
        }
        self
    }

    /// What this error came of, or the error itself where that is of no use alone.
    pub(crate) fn cause(&self) -> Error {
        let source = self.0.source.as_deref().and_then(|source| source.downcast_ref::<Error>());
        source.unwrap_or(self).share()
    }

    /// The same error for another caller.
    pub(crate) fn share(&self) -> Error {
        Error(self.0.clone())
    }

    fn new(kind: Kind) -> Error {
        Error(Arc::new(Inner { kind, source: None }))
    }

    /// What the server said; of what was rolled back, why.
    fn server(&self) -> Option<&ServerError> {
        let source = self.0.source.as_deref();
        match &self.0.kind {
            Kind::Server(server) => Some(server),
            Kind::RolledBack => source?.downcast_ref::<Error>()?.server(),
            _ => source?.downcast_ref(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.kind.fmt(f)?;
        match &self.0.source {
            Some(why) if self.0.kind.is_of_a_value() => write!(f, ": {why}"),
            _ => Ok(()),
        }
    }
}

/// What went wrong, and why, for those who read it: so `main` prints an error that it answers, and `expect` one that it
/// does not expect. `{:#?}` shows the parts.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            write!(f, "{self}")?;
            let mut source = std::error::Error::source(self);
            while let Some(cause) = source {
                write!(f, "\n  because: {cause}")?;
                source = cause.source();
            }
            return Ok(());
        }
        let mut out = f.debug_struct("Error");
        out.field("kind", &self.0.kind);
        if let Some(source) = &self.0.source {
            out.field("source", source);
        }
        out.finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.kind {
            Kind::Other(own) => own.source(),
            // Said already.
            kind if kind.is_of_a_value() => self.0.source.as_deref().and_then(|source| source.source()),
            _ => self.0.source.as_deref().map(|source| source as _),
        }
    }
}
