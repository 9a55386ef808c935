//! What is noted down of what the server sends.

use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

/// What the server has said by the way.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The process that serves the connection, as the server calls it; 0 if it did not say.
    process: AtomicI32,
    has_changed: AtomicBool,
}

impl Seen {
    pub(super) fn note_process(&self, process: i32) {
        self.process.store(process, Ordering::Relaxed);
    }

    pub(super) fn note_change(&self) {
        self.has_changed.store(true, Ordering::Relaxed);
    }

    pub(crate) fn process(&self) -> i32 {
        self.process.load(Ordering::Relaxed)
    }

    /// Was the value of a parameter told since this was asked last?
    pub(crate) fn take_change(&self) -> bool {
        self.has_changed.load(Ordering::Relaxed) && self.has_changed.swap(false, Ordering::Relaxed)
    }
}
