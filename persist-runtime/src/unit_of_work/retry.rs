//! How often, and when, a transaction is tried again.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::value::random;

/// How often [`transact`](crate::Database::transact) tries again what lost a race.
///
/// Before the second try it waits a random time between zero and `base`, before the n-th one between zero and
/// `base` × 2ⁿ⁻², or `cap` where that is less: "full jitter", which of the ways compared by Marc Brooker in
/// ["Exponential Backoff And
/// Jitter"](https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/) costs the fewest calls
/// when many contend.
///
/// ```
/// # use persist_runtime as persist;
/// use std::time::Duration;
/// use persist::Retry;
///
/// let patient = Retry::default().attempts(50).cap(Duration::from_millis(200)).budget(Duration::from_secs(60));
/// # let _ = patient;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "give it to `UnitOfWorkBuilder::retry`"]
pub struct Retry {
    attempts: u32,
    base: Duration,
    cap: Duration,
    budget: Duration,
}

/// More than anybody waits, and little enough to be multiplied.
const A_YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl Default for Retry {
    /// 10 attempts, 10 ms, 1 s, 30 s.
    fn default() -> Self {
        Retry {
            attempts: 10,
            base: Duration::from_millis(10),
            cap: Duration::from_secs(1),
            budget: Duration::from_secs(30),
        }
    }
}

impl Retry {
    /// Tries once.
    ///
    /// ```
    /// let once = persist::Retry::never();
    /// # let _ = once;
    /// ```
    pub fn never() -> Self {
        Retry::default().attempts(1)
    }

    /// How often it is tried in all.
    ///
    /// ```
    /// let three_times = persist::Retry::default().attempts(3);
    /// # let _ = three_times;
    /// ```
    pub fn attempts(self, attempts: u32) -> Self {
        Retry { attempts, ..self }
    }

    /// The longest that is waited before the second attempt; it doubles with each further one.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let retry = persist::Retry::default().base(Duration::from_millis(2));
    /// # let _ = retry;
    /// ```
    pub fn base(self, base: Duration) -> Self {
        Retry { base, ..self }
    }

    /// The longest that is waited before any attempt.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let retry = persist::Retry::default().cap(Duration::from_millis(200));
    /// # let _ = retry;
    /// ```
    pub fn cap(self, cap: Duration) -> Self {
        Retry { cap, ..self }
    }

    /// No attempt begins later than this after the first one.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let retry = persist::Retry::default().budget(Duration::from_secs(5));
    /// # let _ = retry;
    /// ```
    pub fn budget(self, budget: Duration) -> Self {
        Retry { budget, ..self }
    }

    /// How long to wait after an attempt, counted from 1; `None`: it was the last.
    fn delay(&self, attempt: u32, elapsed: Duration) -> Option<Duration> {
        if attempt >= self.attempts {
            return None;
        }
        let longest = self.base.saturating_mul(2_u32.saturating_pow(attempt - 1)).min(self.cap).min(A_YEAR);
        let delay = longest.mul_f64(random::fraction());
        (elapsed.saturating_add(delay) <= self.budget).then_some(delay)
    }
}

/// A transaction that is about to be tried again; see
/// [`UnitOfWorkBuilder::on_retry`](crate::UnitOfWorkBuilder::on_retry).
///
/// ```
/// use persist::Retrying;
///
/// /// For `UnitOfWorkBuilder::on_retry`.
/// fn log(retrying: &Retrying<'_>) {
///     eprintln!("attempt {} failed, again in {:?}: {}", retrying.attempt, retrying.delay, retrying.error);
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Retrying<'e> {
    /// How many attempts have failed so far.
    pub attempt: u32,
    /// What the last one failed of.
    pub error: &'e Error,
    /// How long is waited before the next one.
    pub delay: Duration,
}

/// What is called before each further attempt.
#[derive(Clone)]
pub(super) struct Observer(Arc<dyn Fn(&Retrying<'_>) + Send + Sync>);

impl Observer {
    pub(super) fn new(observer: impl Fn(&Retrying<'_>) + Send + Sync + 'static) -> Self {
        Observer(Arc::new(observer))
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}

/// The attempts at one transaction.
pub(super) struct Attempts<'r> {
    retry: &'r Retry,
    observer: Option<&'r Observer>,
    started: Instant,
    failed: u32,
    /// Was a connection lost? Then it may take a while until there is a server again.
    was_cut: bool,
}

impl<'r> Attempts<'r> {
    pub(super) fn new(retry: &'r Retry, observer: Option<&'r Observer>) -> Self {
        Attempts { retry, observer, started: Instant::now(), failed: 0, was_cut: false }
    }

    /// Waits for the next attempt; `false` if there is none, because this error would come again or it was
    /// tried often enough.
    pub(super) async fn go_on_after(&mut self, error: &Error) -> bool {
        self.failed += 1;
        // A connection that was lost while COMMIT was on its way is an error of another kind, whose cause
        // does not count.
        // What only says that the transaction has failed before does not say of what.
        let is_told = !error.is_rolled_back() && error.code() != Some("25P02");
        let cause = if is_told { error.share() } else { error.cause() };
        let is_gone = cause.is_connection_lost() || (self.was_cut && cause.is_connect());
        if !is_gone && !cause.is_retryable() {
            return false;
        }
        self.was_cut |= is_gone;
        let Some(delay) = self.retry.delay(self.failed, self.started.elapsed()) else { return false };
        if let Some(Observer(observer)) = self.observer {
            observer(&Retrying { attempt: self.failed, error, delay });
        }
        tokio::time::sleep(delay).await;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Retry};

    #[test]
    fn delays_are_random_up_to_a_limit_that_doubles_up_to_the_cap() {
        let retry =
            Retry::default().base(Duration::from_millis(10)).cap(Duration::from_millis(25)).attempts(9);
        for (attempt, limit) in [(1, 10), (2, 20), (3, 25), (8, 25)] {
            let delays: Vec<_> =
                (0..200).map(|_| retry.delay(attempt, Duration::ZERO).expect("an attempt is left")).collect();
            let limit = Duration::from_millis(limit);
            assert!(delays.iter().all(|delay| *delay <= limit));
            assert!(
                delays.iter().any(|delay| *delay > limit / 2)
                    && delays.iter().any(|delay| *delay < limit / 2)
            );
        }
    }

    #[test]
    fn attempts_and_time_are_limited() {
        let retry = Retry::default().attempts(3).budget(Duration::from_secs(5));
        assert!(retry.delay(2, Duration::ZERO).is_some());
        assert!(retry.delay(3, Duration::ZERO).is_none());
        assert!(retry.delay(1, Duration::from_secs(6)).is_none());
        assert!(Retry::never().delay(1, Duration::ZERO).is_none());
        assert!(Retry::default().attempts(u32::MAX).delay(1_000, Duration::ZERO).is_some());
    }
}
