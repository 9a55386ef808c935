//! How long a call waits for a server that does not answer.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use crate::error::Error;

/// How much longer than the server's own statement time-outs a call waits before it takes the server for
/// frozen.
const GRACE: Duration = Duration::from_secs(2);

/// How long a call waits for the answers to so many statements: the server's limit is that of each.
pub(crate) fn patience(limit: Option<Duration>, statements: usize) -> Option<Duration> {
    let statements = u32::try_from(statements).unwrap_or(u32::MAX);
    Some(limit?.saturating_mul(statements).saturating_add(GRACE))
}

/// Waits for an answer, but not longer than this.
pub(crate) async fn within<T>(
    patience: Option<Duration>,
    call: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let mut call = pin!(call);
    let mut limit = pin!(patience.map(tokio::time::sleep));
    let outcome = poll_fn(|cx| match (call.as_mut().poll(cx), limit.as_mut().as_pin_mut()) {
        (Poll::Ready(result), _) => Poll::Ready(Some(result)),
        (Poll::Pending, Some(limit)) => limit.poll(cx).map(|()| None),
        (Poll::Pending, None) => Poll::Pending,
    });
    outcome.await.unwrap_or_else(|| Err(Error::no_answer(patience.unwrap_or_default())))
}
