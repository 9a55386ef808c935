//! Why a call failed, as long as it matters what that means for its connection.

use tokio_postgres::error::{Severity, SqlState};

use crate::error::Error;
use crate::wire::driver::Driver;
use crate::wire::tap::Ended;

/// Why a call failed.
pub(crate) enum Failure {
    Driver(tokio_postgres::Error),
    /// The connection ended without an answer.
    Ended,
    /// A row, or the statement itself, was refused on this side.
    Refused(Error),
    /// COMMIT was answered without an error, and not by COMMIT.
    NotCommitted(Option<Ended>),
}

impl Failure {
    pub(crate) fn leaves_connection_unusable(&self) -> bool {
        match self {
            Failure::Driver(error) => match error.as_db_error() {
                Some(server) => {
                    matches!(server.parsed_severity(), Some(Severity::Fatal | Severity::Panic))
                }
                // What cannot be encoded was never sent; after any other error the answers are lost.
                None => !Error::is_encoding(error),
            },
            Failure::Ended => true,
            Failure::Refused(_) | Failure::NotCommitted(_) => false,
        }
    }

    /// Is a transaction that was to be committed after this known to be rolled back?
    ///
    /// A session that is ended for being idle was idle until then.
    pub(crate) fn shows_rolled_back(&self) -> bool {
        self.said_by_postgresql().is_some_and(|(severity, code, _)| match severity {
            Severity::Error => true,
            _ => *code == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        })
    }

    /// Does PostgreSQL raise this itself while it commits, so that the transaction is rolled back? Anything else in
    /// the place of COMMIT's answer may come from something in between, which lost the answer: poolers put errors
    /// there with any severity. Classes by the table of error codes: data, constraints, state and termination of
    /// transactions, conflicts, rules and rights (a deferred trigger), WITH CHECK, PL/pgSQL, and a cancelled query.
    pub(crate) fn is_raised_by_commit(&self) -> bool {
        self.ends_transaction() || (self.shows_rolled_back() && self.is_cancelled())
    }

    /// Does PostgreSQL say by this, in the place of COMMIT's answer, that there is no transaction any more? One that was
    /// cancelled may be there still, failed: COMMIT can be cancelled before it begins.
    pub(crate) fn ends_transaction(&self) -> bool {
        const CLASSES: [&str; 8] = ["22", "23", "25", "2D", "40", "42", "44", "P0"];
        self.shows_rolled_back()
            && self
                .said_by_postgresql()
                .is_some_and(|(_, code, _)| CLASSES.iter().any(|class| code.code().starts_with(class)))
    }

    /// How a transaction ends whose COMMIT is answered without an error, after this in the place of an answer to SAVEPOINT.
    pub(crate) fn shows_end(&self) -> Option<Ended> {
        let (_, code, _) = self.said_by_postgresql().filter(|_| self.shows_rolled_back())?;
        let is_none = *code == SqlState::NO_ACTIVE_SQL_TRANSACTION;
        Some(if is_none { Ended::NotBegun } else { Ended::RolledBack })
    }

    /// Does it only say in which state the transaction is?
    pub(crate) fn is_about_state(&self) -> bool {
        self.said_by_postgresql().is_some_and(|(_, code, _)| code.code().starts_with("25"))
    }

    fn is_cancelled(&self) -> bool {
        self.said_by_postgresql().is_some_and(|(_, code, _)| *code == SqlState::QUERY_CANCELED)
    }

    /// What PostgreSQL itself says: the severity untranslated, the code, and the routine of its source. What something in
    /// between says lacks the first or the last.
    fn said_by_postgresql(&self) -> Option<(Severity, &SqlState, &str)> {
        let Failure::Driver(error) = self else { return None };
        let server = error.as_db_error()?;
        Some((server.parsed_severity()?, server.code(), server.routine()?))
    }

    /// The server has no statement of this name.
    pub(crate) fn is_unknown_statement(&self) -> bool {
        matches!(self, Failure::Driver(error) if error.code() == Some(&SqlState::INVALID_SQL_STATEMENT_NAME))
    }

    /// The table was altered since the statement was prepared, or the server forgot it: nothing was run.
    pub(crate) fn is_outdated_statement(&self) -> bool {
        let is_outdated = matches!(self, Failure::Driver(error) if Error::is_outdated_statement(error));
        is_outdated && self.said_by_postgresql().is_some()
    }

    /// What the connection ended of only its driver knows, if it is ours.
    pub(crate) fn into_error(self, driver: Option<&mut Driver>) -> Error {
        match self {
            Failure::Driver(error) if !error.is_closed() => Error::from_driver(error),
            Failure::Driver(_) | Failure::Ended => {
                Error::connection_lost(driver.and_then(Driver::take_error))
            }
            Failure::Refused(error) => error,
            Failure::NotCommitted(Some(Ended::RolledBack)) => Error::rolled_back(Error::invalid(
                "PostgreSQL answered ROLLBACK to COMMIT: a statement of the transaction had failed, and its error was lost",
            )),
            Failure::NotCommitted(_) => Error::invalid(
                "COMMIT found no transaction: something between this program and the server, or a statement, had ended it",
            ),
        }
    }
}
