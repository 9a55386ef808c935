//! Which savepoints a transaction has.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::Error;

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
    /// Was one dropped while a call was under way? Then it is unknown what of that call belongs to it.
    is_torn: bool,
}

impl Savepoints {
    /// The number of the next.
    pub(crate) fn next(&self) -> u32 {
        let mut stack = self.lock();
        stack.made += 1;
        stack.made
    }

    /// It is set, inside of the others.
    pub(crate) fn set(&self, savepoint: u32) {
        self.lock().active.push(savepoint);
    }

    pub(crate) fn is_active(&self, savepoint: u32) -> bool {
        self.lock().active.contains(&savepoint)
    }

    /// It ends, and with it those inside of it.
    pub(crate) fn end(&self, savepoint: u32) {
        self.lock().end(savepoint);
    }

    /// What was done since it was set is taken back.
    pub(crate) fn rolled_back(&self, savepoint: u32) {
        let mut stack = self.lock();
        stack.end(savepoint);
        stack.dropped.retain(|dropped| *dropped < savepoint);
    }

    /// It is to be rolled back before the next call; `false` if it has ended already.
    pub(crate) fn drop(&self, savepoint: u32, is_call_under_way: impl FnOnce() -> bool) -> bool {
        let mut stack = self.lock();
        let is_active = stack.active.contains(&savepoint);
        if is_active {
            stack.dropped.push(savepoint);
            stack.is_torn |= is_call_under_way();
        }
        is_active
    }

    /// The outermost of those that were dropped.
    pub(crate) fn outermost_dropped(&self) -> Result<Option<u32>, Error> {
        let stack = self.lock();
        if stack.is_torn {
            let torn = Error::invalid(
                "a savepoint was dropped while another call of its unit of work was under way",
            );
            return Err(Error::rolled_back(torn));
        }
        Ok(stack.dropped.iter().copied().filter(|dropped| stack.active.contains(dropped)).min())
    }

    fn lock(&self) -> MutexGuard<'_, Stack> {
        // What runs under this lock cannot panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stack {
    fn end(&mut self, savepoint: u32) {
        let place = self.active.iter().position(|active| *active == savepoint);
        self.active.truncate(place.unwrap_or(self.active.len()));
    }
}
