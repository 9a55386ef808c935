//! Questions that a caller may ask of an error.

use super::connect::ConnectFailure;
use super::kind::Kind;
use super::{Constraint, Error, UnknownCommit};

/// What kind of error it is.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
/// match pipelines.insert(NewPipeline::new("nightly", BTreeMap::new())).await {
///     Ok(pipeline) => println!("inserted as {}", pipeline.id),
///     Err(error) if error.is_unique_violation() => println!("the name is taken"),
///     Err(error) if error.is_connect() || error.is_timeout() => println!("try again later"),
///     Err(error) => return Err(error),
/// }
/// # Ok(())
/// # }
/// ```
impl Error {
    /// `get` or `one` found no row.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>, id: Uuid) -> Result {
    /// match pipelines.get(id).await {
    ///     Ok(pipeline) => println!("{}", pipeline.name),
    ///     Err(error) if error.is_not_found() => println!("there is no such pipeline"),
    ///     Err(error) => return Err(error),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_not_found(&self) -> bool {
        matches!(self.0.kind, Kind::NotFound(_))
    }

    /// The row was changed or deleted by another transaction since it was read.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: persist::UnitOfWork<'_>, pipeline: &Pipeline) -> Result {
    /// uow.save(pipeline)?;
    /// match uow.commit().await {
    ///     Err(error) if error.is_stale() => println!("the pipeline was changed meanwhile: read it again"),
    ///     outcome => drop(outcome?),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_stale(&self) -> bool {
        matches!(self.0.kind, Kind::Stale { .. })
    }

    /// A row was not written, although the server reported no error: a trigger answered NULL, or a rule or a policy
    /// kept the row out. Of a row in a unit of work that is changed or deleted this cannot be told from one that is
    /// gone, so that is [`is_stale`](Self::is_stale).
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// match pipelines.insert(NewPipeline::new("nightly", BTreeMap::new())).await {
    ///     Err(error) if error.is_kept_out() => println!("a trigger does not want it"),
    ///     outcome => drop(outcome?),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_kept_out(&self) -> bool {
        matches!(self.0.kind, Kind::KeptOut(_))
    }

    /// The unit of work was to be committed, but one of its calls had failed before: all of it was rolled
    /// back. The source is the error of that call; what the server said of that, this error says, too.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: persist::UnitOfWork<'_>) -> Result {
    /// use std::error::Error as _;
    ///
    /// match uow.commit().await {
    ///     Err(error) if error.is_rolled_back() => println!("nothing was written: {:?}", error.source()),
    ///     outcome => drop(outcome?),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_rolled_back(&self) -> bool {
        matches!(self.0.kind, Kind::RolledBack)
    }

    /// The answer to COMMIT did not arrive, or an error stood in its place that PostgreSQL does not raise while
    /// it commits, as poolers answer for a server that they have lost: the unit of work may be committed, all of
    /// it, or not at all. It must not be done again before that is known;
    /// [`unknown_commit`](Self::unknown_commit) can find it out where there is a token.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: persist::UnitOfWork<'_>) -> Result {
    /// match uow.commit().await {
    ///     Ok(_) => println!("committed"),
    ///     Err(error) if error.is_commit_unknown() => println!("committed or not: look before trying again"),
    ///     Err(error) => println!("not committed: {error}"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_commit_unknown(&self) -> bool {
        matches!(self.0.kind, Kind::CommitUnknown(_))
    }

    /// What was to be written is committed, by a unit of work or by a call outside of one, but something failed
    /// afterwards, which the source says: what the database answered could not be read, or what was given to
    /// [`after_commit`](crate::UnitOfWork::after_commit) panicked. It must not be done again.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: persist::UnitOfWork<'_>) -> Result {
    /// match uow.commit().await {
    ///     Err(error) if error.is_committed() => println!("committed, but {error}"),
    ///     outcome => drop(outcome?),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_committed(&self) -> bool {
        matches!(self.0.kind, Kind::Committed)
    }

    /// Nothing was committed, because another session has asked for the token of this unit of work before it
    /// was: the answer was no, and stays no.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: persist::UnitOfWork<'_>) -> Result {
    /// match uow.commit().await {
    ///     Err(error) if error.is_fenced() => println!("not committed: the token was asked for before"),
    ///     outcome => drop(outcome?),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_fenced(&self) -> bool {
        matches!(self.0.kind, Kind::Fenced)
    }

    /// A statement was prepared for what is not there any more, or on another server: it did not run, and is prepared
    /// anew at its next use.
    pub(crate) fn is_outdated(&self) -> bool {
        self.server().is_some_and(|server| server.is_outdated && server.was_named)
    }

    /// The statement cannot run in a transaction, or ends one itself: nothing was done.
    pub(crate) fn needs_no_transaction(&self) -> bool {
        matches!(self.code(), Some("25001" | "2D000"))
    }

    /// Nothing was committed, and the same can be tried again: the transaction lost a race
    /// ([`is_serialization_failure`](Self::is_serialization_failure), [`is_deadlock`](Self::is_deadlock)), a
    /// statement was prepared for tables as they were before they were altered, or the connection was lost before
    /// it was to be committed.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: persist::UnitOfWork<'_>) -> Result {
    /// let again = match uow.commit().await {
    ///     Ok(_) => false,
    ///     Err(error) if error.is_retryable() => true, // the same reads and writes, in a new unit of work
    ///     Err(error) => return Err(error),
    /// };
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_retryable(&self) -> bool {
        let lost_a_race =
            |error: &Error| error.is_serialization_failure() || error.is_deadlock() || error.is_outdated();
        match (&self.0.kind, self.0.source.as_deref().and_then(|source| source.downcast_ref::<Error>())) {
            (Kind::RolledBack, Some(cause)) => lost_a_race(cause) || cause.is_connection_lost(),
            _ => lost_a_race(self),
        }
    }

    /// What finds out later whether a unit of work with a token was committed.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(db: &persist::Database, uow: persist::UnitOfWork<'_>) -> Result {
    /// if let Err(error) = uow.commit().await {
    ///     let Some(unknown) = error.unknown_commit() else { return Err(error) };
    ///     println!("committed: {}", unknown.resolve(db).await?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn unknown_commit(&self) -> Option<&UnknownCommit> {
        match &self.0.kind {
            Kind::CommitUnknown(unknown) => unknown.as_ref(),
            _ => None,
        }
    }

    /// Several rows matched where at most one was expected.
    pub fn is_too_many_rows(&self) -> bool {
        matches!(self.0.kind, Kind::TooManyRows(_))
    }

    /// A UNIQUE key or primary key has this value already (SQLSTATE 23505).
    pub fn is_unique_violation(&self) -> bool {
        self.has_code("23505")
    }

    /// The row referred to does not exist, or is still referred to (SQLSTATE 23503).
    pub fn is_foreign_key_violation(&self) -> bool {
        self.has_code("23503")
    }

    /// A CHECK said no (SQLSTATE 23514).
    pub fn is_check_violation(&self) -> bool {
        self.has_code("23514")
    }

    /// A NOT NULL column was given NULL (SQLSTATE 23502).
    pub fn is_not_null_violation(&self) -> bool {
        self.has_code("23502")
    }

    /// An EXCLUDE constraint said no (SQLSTATE 23P01).
    pub fn is_exclusion_violation(&self) -> bool {
        self.has_code("23P01")
    }

    /// The transaction lost a race and can be run again (SQLSTATE 40001).
    pub fn is_serialization_failure(&self) -> bool {
        self.has_code("40001")
    }

    /// The server ended a deadlock by ending this transaction; it can be run again (SQLSTATE 40P01).
    pub fn is_deadlock(&self) -> bool {
        self.has_code("40P01")
    }

    /// A lock was held by another transaction: NOWAIT, or the lock time-out (SQLSTATE 55P03).
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(db: &persist::Database, id: Uuid) -> Result {
    /// use std::time::Duration;
    ///
    /// let uow = db.unit_of_work_builder().lock_timeout(Duration::from_millis(500)).build();
    /// match uow.repository::<Pipeline>().filter(|p| p.id.eq(id)).for_update().one().await {
    ///     Err(error) if error.is_lock_not_available() => println!("another transaction works on it"),
    ///     outcome => drop(outcome?),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_lock_not_available(&self) -> bool {
        self.has_code("55P03")
    }

    /// The user may not do this (SQLSTATE 42501).
    pub fn is_permission_denied(&self) -> bool {
        self.has_code("42501")
    }

    /// The server does not understand the statement: syntax, unknown table or column, wrong type, wrong
    /// number of parameters; or the columns have other types than when the program was built.
    pub fn is_invalid_query(&self) -> bool {
        let refused =
            self.server().is_some_and(|server| server.code.starts_with("42") && !server.is("42501"));
        refused || self.has_code("08P01") || matches!(self.0.kind, Kind::Invalid(_) | Kind::ColumnType(_))
    }

    /// A row does not pass its validation (`#[persist(validate = …)]`); the source is what that says. Nothing
    /// was sent.
    pub fn is_refused(&self) -> bool {
        matches!(self.0.kind, Kind::Refused(_))
    }

    /// The cursor was not made by this query, or is none: another table, order or filter, another version of
    /// this library, another `cursor_secret`, or a text that was changed. Nothing was sent.
    pub fn is_invalid_cursor(&self) -> bool {
        matches!(self.0.kind, Kind::InvalidCursor(_))
    }

    /// The connection broke off, or the server ended it, while it was in use. Where that was the connection
    /// of a unit of work while it was committed, the error [is another one](Self::is_commit_unknown).
    pub fn is_connection_lost(&self) -> bool {
        match &self.0.kind {
            Kind::ConnectionLost => true,
            Kind::Server(server) => {
                // 08P01 says that the statement was given the wrong number of parameters.
                (server.code.starts_with("08") && !server.is("08P01"))
                    || matches!(&*server.code, "57P01" | "57P02" | "57P05" | "25P03")
            }
            _ => false,
        }
    }

    /// The server cannot be reached, is not ready or has no connection left: trying again later may help.
    pub fn is_connect(&self) -> bool {
        use ConnectFailure::{NotReady, Refused, Timeout, TooManyConnections, Unreachable};
        matches!(
            self.connect_failure(),
            Some(Unreachable | Timeout(_) | NotReady | TooManyConnections | Refused)
        )
    }

    /// The server refused the user or the password, or none could be given.
    pub fn is_authentication(&self) -> bool {
        use ConnectFailure::{Authentication, NoPassword, NoRuleWithoutTls, PasswordCallback};
        matches!(
            self.connect_failure(),
            Some(Authentication | NoPassword | NoRuleWithoutTls | PasswordCallback)
        )
    }

    /// The server has no database of this name.
    pub fn is_unknown_database(&self) -> bool {
        self.connect_failure() == Some(ConnectFailure::UnknownDatabase)
    }

    /// The server offers no TLS, or its certificate is not trusted.
    pub fn is_tls(&self) -> bool {
        matches!(self.connect_failure(), Some(ConnectFailure::NoTls | ConnectFailure::Tls))
    }

    /// A setting of the builder, the URL or the environment cannot be used.
    pub fn is_configuration(&self) -> bool {
        matches!(self.0.kind, Kind::Configuration(_))
    }

    /// No connection of the pool became free in time.
    pub fn is_pool_timeout(&self) -> bool {
        matches!(self.0.kind, Kind::PoolTimeout(_))
    }

    /// The pool was closed by [`Database::close`](crate::Database::close).
    pub fn is_pool_closed(&self) -> bool {
        matches!(self.0.kind, Kind::PoolClosed)
    }

    /// The server ended the statement because it took too long (SQLSTATE 57014), or stopped answering.
    ///
    /// A statement that was cancelled by `pg_cancel_backend`, counts as well: the server reports both
    /// under the same SQLSTATE and distinguishes them only by a sentence in its own language.
    pub fn is_statement_timeout(&self) -> bool {
        self.is_no_answer() || self.has_code("57014")
    }

    /// The server stopped answering: what became of the statement is not known.
    pub(crate) fn is_no_answer(&self) -> bool {
        matches!(self.0.kind, Kind::NoAnswer(_))
    }

    /// Any time-out: of the pool, of connecting, of a statement or of a lock.
    pub fn is_timeout(&self) -> bool {
        self.is_pool_timeout()
            || self.is_statement_timeout()
            || self.is_lock_not_available()
            || matches!(self.connect_failure(), Some(ConnectFailure::Timeout(_)))
    }

    /// A value, or the statement itself, cannot be sent to PostgreSQL: text with a NUL character, a date
    /// before 4714 BC, more than 65,535 parameters, more than 1 GB of them, a condition of hundreds of levels.
    /// Nothing was sent.
    pub fn is_encode(&self) -> bool {
        matches!(self.0.kind, Kind::Encode | Kind::EncodeColumn(_) | Kind::TooLarge(_))
    }

    /// A value of the database does not fit the Rust type.
    pub fn is_decode(&self) -> bool {
        matches!(self.0.kind, Kind::Decode(_))
    }

    /// Whether the server named this constraint. Of a partitioned table it names the one of the partition:
    /// see [`Constraint`].
    ///
    /// ```no_run
    /// # use persist_runtime as persist;
    /// # fn example(error: persist::Error) {
    /// use persist::Constraint;
    ///
    /// const UNIQUE_NAME: Constraint = Constraint::new("pipelines", "pipelines_name_key");
    /// if error.violates(UNIQUE_NAME) {
    ///     println!("this name is taken");
    /// }
    /// # }
    /// ```
    pub fn violates(&self, constraint: Constraint) -> bool {
        constraint.is(self.table(), self.constraint())
    }
}

/// What the server said.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
/// if let Err(error) = pipelines.insert(NewPipeline::new("nightly", BTreeMap::new())).await {
///     assert_eq!(error.code(), Some("23505")); // if the name is taken
///     assert_eq!((error.table(), error.constraint()), (Some("pipelines"), Some("pipelines_name_key")));
/// }
/// # Ok(())
/// # }
/// ```
impl Error {
    /// The five characters of the SQLSTATE, as PostgreSQL's appendix A lists them.
    ///
    /// ```
    /// # fn example(error: persist::Error) {
    /// if error.code() == Some("53100") {
    ///     println!("the disk of the server is full");
    /// }
    /// # }
    /// ```
    pub fn code(&self) -> Option<&str> {
        self.server().map(|server| &*server.code)
    }

    /// The constraint that was violated.
    pub fn constraint(&self) -> Option<&str> {
        self.server()?.constraint.as_deref()
    }

    /// The table that the error is about.
    pub fn table(&self) -> Option<&str> {
        self.server()?.table.as_deref()
    }

    /// The column that the error is about.
    pub fn column(&self) -> Option<&str> {
        match &self.0.kind {
            Kind::Decode(column) => Some(column),
            _ => self.server()?.column.as_deref(),
        }
    }

    /// PostgreSQL's DETAIL. It may hold values of rows, so neither `Display` nor `Debug` shows it: mind where
    /// you write it.
    ///
    /// ```
    /// # fn example(error: persist::Error) {
    /// if let Some(detail) = error.detail() {
    ///     println!("{error}: {detail}"); // may hold values
    /// }
    /// # }
    /// ```
    pub fn detail(&self) -> Option<&str> {
        self.server()?.detail.as_deref()
    }

    fn has_code(&self, code: &str) -> bool {
        self.server().is_some_and(|server| server.is(code))
    }

    pub(crate) fn connect_failure(&self) -> Option<ConnectFailure> {
        match self.0.kind {
            Kind::Connect { failure, .. } => Some(failure),
            _ => None,
        }
    }
}
