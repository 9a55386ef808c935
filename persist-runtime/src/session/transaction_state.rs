//! How far a transaction has come.

use crate::error::Error;
use crate::wire::borrowed_client::BorrowedClient;
use crate::wire::pool::Lease;

/// How far a transaction has come, and on what connection.
#[derive(Default)]
pub(crate) struct TransactionState {
    pub(crate) lease: Option<Lease>,
    pub(crate) borrowed: BorrowedClient,
    /// Was BEGIN sent?
    pub(crate) has_begun: bool,
    /// The first error of a call. Whatever came of it on the server, the transaction is not what it was meant
    /// to be.
    pub(crate) failure: Option<Error>,
}

impl TransactionState {
    /// Whether a call did not come to an end.
    pub(crate) fn is_busy(&mut self) -> bool {
        self.borrowed.is_busy() || self.lease.as_mut().is_some_and(|lease| lease.connection().is_busy())
    }

    /// Why the transaction can do no more.
    pub(crate) fn refusal(&mut self) -> Option<Error> {
        if let Some(failure) = &self.failure {
            return Some(Error::rolled_back(failure.share()));
        }
        self.is_busy().then(unfinished)
    }

    /// Keeps the first error.
    pub(crate) fn noted<T>(&mut self, outcome: Result<T, Error>) -> Result<T, Error> {
        if let Err(error) = &outcome {
            self.failure.get_or_insert_with(|| error.share());
        }
        outcome
    }
}

pub(crate) const UNFINISHED: &str = "a call of this unit of work did not come to an end";

pub(crate) fn unfinished() -> Error {
    Error::rolled_back(Error::invalid(UNFINISHED))
}
