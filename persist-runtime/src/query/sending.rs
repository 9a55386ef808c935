//! What is sent when it is first polled.

use std::task::{Context, Poll};

use futures_util::future::BoxFuture;

use crate::error::Error;

/// A call that waits to be sent, or was.
pub(crate) struct Sending<'a, W, T> {
    waiting: Option<W>,
    sent: Option<BoxFuture<'a, Result<T, Error>>>,
}

impl<'a, W, T> Sending<'a, W, T> {
    pub(crate) fn new(waiting: W) -> Self {
        Sending { waiting: Some(waiting), sent: None }
    }

    /// What waits, to be changed.
    pub(crate) fn waiting_mut(&mut self) -> Option<&mut W> {
        self.waiting.as_mut()
    }

    /// What waits, to be sent in another way.
    pub(crate) fn into_waiting(self) -> Result<W, Error> {
        self.waiting.ok_or_else(sent_already)
    }

    /// Sends it at the first time.
    pub(crate) fn poll(
        &mut self,
        context: &mut Context<'_>,
        send: impl FnOnce(W) -> BoxFuture<'a, Result<T, Error>>,
    ) -> Poll<Result<T, Error>> {
        if let Some(waiting) = self.waiting.take() {
            self.sent = Some(send(waiting));
        }
        let Some(sent) = &mut self.sent else { return Poll::Ready(Err(sent_already())) };
        let answer = sent.as_mut().poll(context);
        if answer.is_ready() {
            self.sent = None;
        }
        answer
    }
}

fn sent_already() -> Error {
    Error::invalid("a change that was sent already is awaited again, or sent once more")
}
