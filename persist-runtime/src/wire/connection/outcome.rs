//! What became of a pipeline, and of the COMMIT at its end.

use crate::wire::connection::{Failure, Rest};

/// How far a COMMIT has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Commit {
    /// It was not sent, or is known to have done nothing: the server reported an error.
    Failed,
    /// It left, and nothing is known of it.
    Sent,
    Done,
}

/// What became of a pipeline.
pub(crate) struct Outcome {
    /// Set once the write is known to have happened.
    pub(crate) written: Option<u64>,
    /// The first failure is the cause: those behind it only say that the transaction has failed.
    pub(super) result: Result<(), Failure>,
    /// The call whose answer it was.
    pub(crate) failed_call: Option<usize>,
    /// Did any failure leave the connection unusable?
    pub(crate) is_unusable: bool,
    /// Did the server report an error and live on, or did a call never leave? Then a transaction that was to be committed is rolled back.
    pub(crate) is_refused: bool,
    /// Was what ends the transaction answered without an error?
    pub(crate) has_ended: bool,
    /// Is there no transaction any more? What ends one can be cancelled before it does.
    pub(crate) is_over: bool,
}

impl Outcome {
    pub(super) fn new() -> Outcome {
        Outcome {
            written: None,
            result: Ok(()),
            failed_call: None,
            is_unusable: false,
            is_refused: false,
            has_ended: false,
            is_over: false,
        }
    }

    pub(super) fn failed(failure: Failure) -> Outcome {
        let mut outcome = Outcome::new();
        outcome.fail(failure);
        outcome
    }

    pub(super) fn fail(&mut self, failure: Failure) {
        self.is_unusable |= failure.leaves_connection_unusable();
        self.is_refused |= failure.shows_rolled_back();
        if self.result.is_ok() {
            self.result = Err(failure);
        }
    }

    /// Takes a failure of the call at an index.
    pub(super) fn fail_at(&mut self, call: Option<usize>, failure: Failure) {
        if self.result.is_ok() {
            self.failed_call = call;
        }
        self.fail(failure);
    }

    /// Takes what became of the rest of an answer that nobody wants.
    pub(super) fn rest(&mut self, rest: Rest) {
        match rest {
            Rest::Read => {}
            Rest::Failed(error) => self.fail(Failure::Driver(error)),
            Rest::TooLong => self.is_unusable = true,
        }
    }

    /// What became of a COMMIT at the end.
    pub(super) fn commit(&self) -> Commit {
        match (self.is_refused, self.has_ended) {
            (true, _) => Commit::Failed,
            (false, true) => Commit::Done,
            (false, false) => Commit::Sent,
        }
    }
}
