//! A commit of which it is not known yet whether it happened.

use std::time::{Duration, Instant, SystemTime};

/// Stands for a unit of work with a token whose connection was lost while it was committed.
///
/// It is in the error of [`commit`](crate::UnitOfWork::commit); see
/// [`Error::unknown_commit`](crate::Error::unknown_commit).
///
/// ```
/// # use persist_sample::*;
/// # async fn example(uow: persist::UnitOfWork<'_>) -> Result {
/// use persist::UnknownCommit;
///
/// let mut unknown: Vec<UnknownCommit> = Vec::new(); // to be resolved when the server is back
/// if let Err(error) = uow.commit().await {
///     unknown.extend(error.unknown_commit().cloned());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct UnknownCommit {
    token: [u8; 16],
    begun: Instant,
    begun_at: SystemTime,
}

impl UnknownCommit {
    pub(crate) fn new(token: [u8; 16]) -> UnknownCommit {
        UnknownCommit { token, begun: Instant::now(), begun_at: SystemTime::now() }
    }

    /// The same, as if it had been made earlier.
    #[cfg(test)]
    pub(crate) fn aged(self, by: Duration) -> UnknownCommit {
        UnknownCommit { begun_at: self.begun_at - by, ..self }
    }

    pub(crate) fn token(&self) -> &[u8; 16] {
        &self.token
    }

    /// How long ago the unit of work was made. Of two clocks the one that has moved further counts: one
    /// stands still while the machine sleeps, the other can be set back.
    pub(crate) fn age(&self) -> Duration {
        self.begun.elapsed().max(self.begun_at.elapsed().unwrap_or_default())
    }
}
