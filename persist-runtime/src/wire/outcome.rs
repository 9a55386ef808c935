//! What became of one write, and of the COMMIT at its end.

use crate::error::Error;
use crate::wire::connection_state::Commit;
use crate::wire::failure::Failure;
use crate::wire::tap::Ended;

/// What became of one write.
pub(crate) struct Outcome {
    /// How many rows the first call affected, once it is known to have run.
    pub(crate) affected: Option<u64>,
    /// How many of the calls ahead of the bracket are known to have run.
    pub(crate) ahead: usize,
    /// The first failure is the cause: those after it only say that the transaction has failed.
    pub(crate) result: Result<(), Failure>,
    /// The place of the call whose answer it was.
    pub(crate) failed_call: Option<usize>,
    /// Did any failure leave the connection unusable?
    pub(crate) is_unusable: bool,
    /// Did the server report an error and live on, or did a call never leave? Then a transaction that was to
    /// be committed is rolled back.
    pub(crate) is_refused: bool,
    /// Is it known that COMMIT was answered by COMMIT?
    pub(crate) has_committed: bool,
    /// What COMMIT was answered, where that shows in what was sent in front of it.
    pub(crate) probed: Option<Ended>,
    /// Did any statement travel by its name?
    pub(crate) is_prepared: bool,
    /// Has the server carried out a statement that writes?
    pub(crate) has_written: bool,
    /// Is there no transaction any more? What ends one can be cancelled before it does.
    pub(crate) is_over: bool,
}

impl Outcome {
    /// Nothing has failed yet.
    pub(crate) fn new(is_prepared: bool) -> Outcome {
        Outcome {
            affected: None,
            ahead: 0,
            result: Ok(()),
            failed_call: None,
            is_unusable: false,
            is_refused: false,
            has_committed: false,
            probed: None,
            is_prepared,
            has_written: false,
            is_over: false,
        }
    }

    /// The connection ended without an answer.
    pub(crate) fn ended() -> Outcome {
        let mut outcome = Outcome::new(false);
        outcome.fail(Failure::Ended);
        outcome
    }

    pub(crate) fn fail(&mut self, failure: Failure) {
        self.is_unusable |= failure.leaves_connection_unusable();
        self.is_refused |= failure.shows_rolled_back();
        if self.result.is_ok() {
            self.result = Err(failure);
        }
    }

    /// Takes what came in the place of COMMIT's answer.
    pub(crate) fn fail_commit(&mut self, failure: Failure) {
        let (is_refused, is_raised) = (self.is_refused, failure.is_raised_by_commit());
        self.fail(failure);
        self.is_refused = is_refused || is_raised;
        // Whose answer comes next is not known either.
        self.is_unusable |= !is_raised;
    }

    /// Takes what became of the probe in front of a COMMIT that was answered without an error.
    pub(crate) fn note_probe(&mut self, probe: Option<Result<(), tokio_postgres::Error>>) {
        self.probed = match probe {
            None => None,
            Some(Ok(())) => Some(Ended::Committed),
            Some(Err(error)) => {
                let failure = Failure::Driver(error);
                let ended = failure.shows_end();
                // What only says that there is no transaction, or a failed one, is no cause.
                if ended.is_none() || !failure.is_about_state() {
                    self.fail(failure);
                }
                ended
            }
        };
    }

    /// Takes what COMMIT was answered, if it was; after an error in the place of another answer this is the truth.
    pub(crate) fn take_answer_to_commit(&mut self, ended: Option<Ended>) {
        self.has_committed = ended == Some(Ended::Committed);
        self.is_refused |= ended == Some(Ended::RolledBack);
        if self.result.is_ok() && !self.has_committed {
            self.is_unusable |= !self.is_refused;
            self.result = Err(Failure::NotCommitted(ended));
        }
    }

    /// Takes a failure of the call at a place.
    pub(crate) fn fail_at(&mut self, place: usize, failure: Failure) {
        if self.result.is_ok() {
            self.failed_call = Some(place);
        }
        self.fail(failure);
    }

    /// Takes what is wrong with the call at a place: if its failure was the first, that is why it failed.
    pub(crate) fn blame(&mut self, place: usize, error: Error) {
        if self.result.is_ok() || self.failed_call == Some(place) {
            (self.result, self.failed_call) = (Err(Failure::Refused(error)), Some(place));
        }
    }

    /// Must the statements be prepared again?
    pub(crate) fn is_outdated(&self) -> bool {
        self.is_prepared && self.result.as_ref().is_err_and(Failure::is_outdated_statement)
    }

    /// Did the server not know a statement that was prepared?
    pub(crate) fn has_lost_statement(&self) -> bool {
        self.is_prepared && self.result.as_ref().is_err_and(Failure::is_unknown_statement)
    }

    /// What became of a COMMIT at the end.
    pub(crate) fn commit(&self) -> Commit {
        match (self.has_committed, self.is_refused) {
            (true, _) => Commit::Done,
            (false, true) => Commit::Failed,
            (false, false) => Commit::Sent,
        }
    }
}
