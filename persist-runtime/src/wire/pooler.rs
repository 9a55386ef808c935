//! Whether a pooler stands between this program and the server.

use std::sync::atomic::{AtomicBool, Ordering};

/// What is known of it, shared by the connections of a pool. Once noticed, it stays.
#[derive(Debug, Default)]
pub(crate) struct Pooler(AtomicBool);

/// The highest number that Linux gives to a process; other systems stay below it, too. What poolers call the process
/// that serves a connection is a random number of 32 bits, because a key for cancelling must be hard to guess.
const MOST_PROCESSES: i32 = 1 << 22;

impl Pooler {
    pub(crate) fn is_noticed(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn notice(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// `process` is what the other side calls the process that serves a connection; 0 stands for nothing.
    pub(crate) fn look_at_process(&self, process: i32) {
        if !(0..=MOST_PROCESSES).contains(&process) {
            self.notice();
        }
    }
}
