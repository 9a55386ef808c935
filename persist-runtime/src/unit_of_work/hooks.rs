//! What is to be done once a unit of work is committed.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

type Hook = Box<dyn FnOnce() + Send>;

/// Hooks, in the order in which they were given. Dropped, none of them runs.
#[derive(Default)]
pub(crate) struct Hooks(Mutex<Vec<Hook>>);

impl Hooks {
    pub(super) fn add(&self, hook: impl FnOnce() + Send + 'static) {
        self.lock().push(Box::new(hook));
    }

    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Drops the hooks that were given since there were this many.
    pub(super) fn truncate(&self, len: usize) {
        self.lock().truncate(len);
    }

    /// Runs all of them, also after one that panics.
    ///
    /// # Errors
    /// The first panic.
    pub(super) fn run(self) -> Result<(), Box<dyn Any + Send>> {
        let hooks = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut outcome = Ok(());
        for hook in hooks {
            // Nothing of ours is seen in pieces: a hook holds what it needs, and is gone with its panic.
            outcome = outcome.and(catch_unwind(AssertUnwindSafe(hook)));
        }
        outcome
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Hook>> {
        // Nothing that can panic runs under this lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Hooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Hooks").field(&self.len()).finish()
    }
}
