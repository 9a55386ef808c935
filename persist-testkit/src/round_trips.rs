//! Macros that ask a proxy how many round trips something took.

use crate::proxy::{Proxy, Traffic};

/// Evaluates an expression, panics unless it took exactly so many round trips through the proxy, and returns
/// its value.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # use persist_testkit::{Proxy, TestDatabase, assert_round_trips};
/// # let database = TestDatabase::empty().await;
/// let proxy = Proxy::start(&database).await;
/// let client = proxy.client().await;
/// let statement = assert_round_trips!(proxy, 1, client.prepare("SELECT 1").await.unwrap());
/// let row = assert_round_trips!(proxy, 1, client.query_one(&statement, &[]).await.unwrap());
/// assert_eq!(row.get::<_, i32>(0), 1);
/// # }
/// ```
///
/// [`Proxy`] says what a round trip is. The message of a failure lists what was sent and received: the types
/// of the messages, never a value.
#[macro_export]
macro_rules! assert_round_trips {
    ($proxy:expr, $expected:expr, $expression:expr $(,)?) => {{
        let mark = $proxy.mark();
        let value = $expression;
        mark.assert(&$proxy, $expected, ::core::stringify!($expression));
        value
    }};
}

/// Evaluates an expression; returns its value and the round trips it took through the proxy.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # use persist_testkit::{Proxy, TestDatabase, round_trips};
/// # let database = TestDatabase::empty().await;
/// let proxy = Proxy::start(&database).await;
/// let client = proxy.client().await;
/// let (row, trips) = round_trips!(proxy, client.query_one("SELECT 1", &[]).await.unwrap());
/// assert_eq!((row.get::<_, i32>(0), trips), (1, 2));
/// # }
/// ```
#[macro_export]
macro_rules! round_trips {
    ($proxy:expr, $expression:expr $(,)?) => {{
        let mark = $proxy.mark();
        let value = $expression;
        (value, mark.round_trips(&$proxy))
    }};
}

/// A moment from which on round trips are counted; taken with [`Proxy::mark`].
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    round_trips: usize,
    exchanges: usize,
}

impl Proxy {
    /// Begins to count, beside whatever else is counted. See
    /// [`assert_round_trips!`](crate::assert_round_trips).
    pub fn mark(&self) -> Mark {
        Mark::new(&self.traffic())
    }
}

impl Mark {
    fn new(traffic: &Traffic) -> Self {
        Self { round_trips: traffic.round_trips, exchanges: traffic.exchanges_so_far() }
    }

    /// The round trips since then. The proxy must not have been reset in between.
    pub fn round_trips(&self, proxy: &Proxy) -> usize {
        proxy.traffic().round_trips.saturating_sub(self.round_trips)
    }

    /// The end of [`assert_round_trips!`](crate::assert_round_trips).
    ///
    /// # Panics
    ///
    /// If there were more or fewer round trips.
    #[track_caller]
    pub fn assert(&self, proxy: &Proxy, expected: usize, what: &str) {
        let traffic = proxy.traffic();
        let found = traffic.round_trips.saturating_sub(self.round_trips);
        assert!(
            found == expected,
            "`{what}` took {found} round trips, not {expected}:\n{}",
            traffic.report(self.exchanges)
        );
    }
}
