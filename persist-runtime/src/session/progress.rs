//! How far the commit of a transaction has come, for those who are outside of its future.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::wire::connection_state::Commit;

/// How far the commit of a transaction has come.
#[derive(Debug)]
pub(crate) struct Progress(Mutex<State>);

#[derive(Debug, Clone, Copy)]
struct State {
    commit: Commit,
    /// Is the transaction gone, so that nothing more will come of it?
    is_over: bool,
}

impl Progress {
    /// What became of it; `None` while it may still change.
    pub(crate) fn outcome(&self) -> Option<Commit> {
        let state = *self.lock();
        state.is_over.then_some(state.commit)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that can panic runs under it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The end of it that the transaction holds.
pub(super) struct Noting(pub(super) Arc<Progress>);

impl Noting {
    /// Nothing was sent yet.
    pub(super) fn new() -> Noting {
        Noting(Arc::new(Progress(Mutex::new(State { commit: Commit::Failed, is_over: false }))))
    }

    pub(super) fn note(&self, commit: Commit) {
        self.0.lock().commit = commit;
    }
}

impl Drop for Noting {
    fn drop(&mut self) {
        self.0.lock().is_over = true;
    }
}
