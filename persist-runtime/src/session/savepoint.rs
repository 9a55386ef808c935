//! Setting, releasing and dropping savepoints of a transaction.

use crate::error::Error;
use crate::session::transaction::Transaction;
use crate::session::transaction_state::TransactionState;
use crate::wire::bracket::{Begin, Bracket};
use crate::wire::receiver::Discard;

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

    /// Has a savepoint rolled back before the next call; `false` if it has ended already. `is_sending` says
    /// that something is about to be sent, although no call is under way yet.
    pub(crate) fn drop_savepoint(&self, savepoint: u32, is_sending: bool) -> bool {
        self.savepoints.drop(savepoint, || is_sending || self.state.try_lock().is_err())
    }

    pub(crate) fn is_active(&self, savepoint: u32) -> bool {
        self.savepoints.is_active(savepoint)
    }

    /// One that has ended with the one around it was released or rolled back with that: it is too late to say
    /// what becomes of it.
    async fn check_active(&self, state: &mut TransactionState, savepoint: u32) -> Result<(), Error> {
        self.settle(state).await?;
        if self.is_active(savepoint) {
            return Ok(());
        }
        Err(Error::invalid(
            "this savepoint has ended with one around it, which was released or rolled back before; end inner \
             savepoints first",
        ))
    }

    async fn set_savepoint_in(&self, state: &mut TransactionState) -> Result<u32, Error> {
        self.ready(state).await?;
        let number = self.savepoints.next();
        let begin = Begin::Savepoint { transaction: self.start(state), number };
        self.transmit(state, &[], &Bracket::begin(begin), &mut Discard).await?;
        self.savepoints.set(number);
        Ok(number)
    }

    async fn release_in(&self, state: &mut TransactionState, savepoint: u32) -> Result<(), Error> {
        self.ready(state).await?;
        self.savepoints.end(savepoint);
        let released = Bracket::begin(Begin::Released(savepoint));
        self.transmit(state, &[], &released, &mut Discard).await?;
        Ok(())
    }
}
