//! Savepoints of a transaction.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::Error;
use crate::session::transaction::{Nobody, State, Transaction};
use crate::wire::connection::pipeline::Pipeline;

/// The savepoints of a transaction, outer before inner.
#[derive(Default)]
pub(crate) struct Savepoints(Mutex<Stack>);

#[derive(Default)]
struct Stack {
    /// How many there have been.
    made: u32,
    active: Vec<u32>,
    /// Those that were dropped, and are rolled back before the next call.
    dropped: Vec<u32>,
    /// Was one dropped while a call was under way? Then nobody knows what of that call belongs to it.
    is_torn: bool,
}

impl Savepoints {
    fn lock(&self) -> MutexGuard<'_, Stack> {
        // Nothing that can panic runs under this lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stack {
    /// Forgets a savepoint, and those inside of it.
    fn end(&mut self, savepoint: u32) {
        let place = self.active.iter().position(|active| *active == savepoint);
        self.active.truncate(place.unwrap_or(self.active.len()));
    }
}

impl Transaction<'_> {
    /// Sets a savepoint; answers its number.
    pub(crate) async fn set_savepoint(&self) -> Result<u32, Error> {
        let mut state = self.state.lock().await;
        let outcome = self.set_savepoint_in(&mut state).await;
        state.noted(outcome)
    }

    /// Keeps what was done since a savepoint.
    pub(crate) async fn release(&self, savepoint: u32) -> Result<(), Error> {
        let mut state = self.state.lock().await;
        self.check_active(&mut state, savepoint).await?;
        let outcome = self.release_in(&mut state, savepoint).await;
        state.noted(outcome)
    }

    /// Takes back what was done since a savepoint, failures of calls included.
    pub(crate) async fn roll_back_to(&self, savepoint: u32) -> Result<(), Error> {
        let mut state = self.state.lock().await;
        self.check_active(&mut state, savepoint).await?;
        self.roll_back_to_in(&mut state, savepoint).await
    }

    /// Has a savepoint rolled back before the next call; `false` if it has ended already. `is_sending` says that something is about to
    /// be sent, although no call is under way yet.
    pub(crate) fn drop_savepoint(&self, savepoint: u32, is_sending: bool) -> bool {
        let mut stack = self.savepoints.lock();
        let is_active = stack.active.contains(&savepoint);
        if is_active {
            stack.dropped.push(savepoint);
            stack.is_torn |= is_sending || self.state.try_lock().is_err();
        }
        is_active
    }

    pub(crate) fn is_active(&self, savepoint: u32) -> bool {
        self.savepoints.lock().active.contains(&savepoint)
    }

    /// Rolls back to the outermost of the savepoints that were dropped.
    pub(super) async fn settle(&self, state: &mut State) -> Result<(), Error> {
        let outermost = {
            let stack = self.savepoints.lock();
            if stack.is_torn {
                let torn = Error::invalid(
                    "a savepoint was dropped while another call of its unit of work was under way",
                );
                return Err(Error::rolled_back(torn));
            }
            stack.dropped.iter().copied().filter(|dropped| stack.active.contains(dropped)).min()
        };
        match outermost {
            Some(savepoint) => self.roll_back_to_in(state, savepoint).await,
            None => Ok(()),
        }
    }

    /// One that has ended with the one around it was released or rolled back with that: it is too late to say what becomes of it.
    async fn check_active(&self, state: &mut State, savepoint: u32) -> Result<(), Error> {
        self.settle(state).await?;
        if self.is_active(savepoint) {
            return Ok(());
        }
        Err(Error::invalid(
            "this savepoint has ended with one around it, which was released or rolled back before; end inner savepoints first",
        ))
    }

    async fn set_savepoint_in(&self, state: &mut State) -> Result<u32, Error> {
        self.ready(state).await?;
        let savepoint = {
            let mut stack = self.savepoints.lock();
            stack.made += 1;
            stack.made
        };
        let set = format!("SAVEPOINT persist_{savepoint}");
        let begin = match self.beginning(state) {
            "" => set,
            begin => format!("{begin}; {set}"),
        };
        self.send(state, Pipeline { write: None, begin: &begin, calls: &[], end: "" }, &mut Nobody).await?;
        self.savepoints.lock().active.push(savepoint);
        Ok(savepoint)
    }

    async fn release_in(&self, state: &mut State, savepoint: u32) -> Result<(), Error> {
        self.ready(state).await?;
        self.savepoints.lock().end(savepoint);
        let begin = format!("RELEASE SAVEPOINT persist_{savepoint}");
        let pipeline = Pipeline { write: None, begin: &begin, calls: &[], end: "" };
        self.send(state, pipeline, &mut Nobody).await?;
        Ok(())
    }

    async fn roll_back_to_in(&self, state: &mut State, savepoint: u32) -> Result<(), Error> {
        if state.is_busy() {
            return Err(state.unfinished());
        }
        let name = format!("persist_{savepoint}");
        let begin = format!("ROLLBACK TO SAVEPOINT {name}; RELEASE SAVEPOINT {name}");
        let pipeline = Pipeline { write: None, begin: &begin, calls: &[], end: "" };
        if let Err(error) = self.send(state, pipeline, &mut Nobody).await {
            state.failure.get_or_insert_with(|| error.share());
            return Err(error);
        }
        let mut stack = self.savepoints.lock();
        stack.end(savepoint);
        stack.dropped.retain(|dropped| *dropped < savepoint);
        state.failure = None;
        Ok(())
    }
}
