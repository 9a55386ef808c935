//! What is noted down of what the server sends.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU8, Ordering};

/// What the server has said by the way.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The process that serves the connection, as the server calls it; 0 if it did not say.
    process: AtomicI32,
    has_changed: AtomicBool,
    /// Whether there was a transaction when the server was ready last, as in `ReadyForQuery`.
    status: AtomicU8,
    /// The first byte of [`Ended`], or 0.
    ended: AtomicU8,
}

/// What the server has answered to COMMIT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// COMMIT, in a transaction.
    Committed = b'C' as isize,
    /// ROLLBACK: the transaction had failed.
    RolledBack = b'R' as isize,
    /// COMMIT, although there was no transaction to commit.
    NotBegun = b'N' as isize,
}

/// `ReadyForQuery` in a transaction that has not failed.
const IN_TRANSACTION: u8 = b'T';

impl Seen {
    pub(super) fn note_process(&self, process: i32) {
        self.process.store(process, Ordering::Relaxed);
    }

    pub(super) fn note_change(&self) {
        self.has_changed.store(true, Ordering::Relaxed);
    }

    pub(super) fn note_status(&self, status: u8) {
        self.status.store(status, Ordering::Relaxed);
    }

    /// Takes the beginning of a tag that only COMMIT or ROLLBACK has.
    pub(super) fn note_end(&self, is_commit: bool) {
        let is_begun = self.status.load(Ordering::Relaxed) == IN_TRANSACTION;
        let ended = match (is_commit, is_begun) {
            (true, true) => Ended::Committed,
            (true, false) => Ended::NotBegun,
            (false, _) => Ended::RolledBack,
        };
        self.ended.store(ended as u8, Ordering::Relaxed);
    }

    /// What COMMIT was answered since this was asked last.
    pub(crate) fn take_end(&self) -> Option<Ended> {
        let ended = self.ended.swap(0, Ordering::Relaxed);
        [Ended::Committed, Ended::RolledBack, Ended::NotBegun].into_iter().find(|known| *known as u8 == ended)
    }

    pub(crate) fn process(&self) -> i32 {
        self.process.load(Ordering::Relaxed)
    }

    /// Was the value of a parameter told since this was asked last?
    pub(crate) fn take_change(&self) -> bool {
        self.has_changed.load(Ordering::Relaxed) && self.has_changed.swap(false, Ordering::Relaxed)
    }
}
