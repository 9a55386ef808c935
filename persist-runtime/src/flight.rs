//! Driving a connection from inside the call that waits for it.
//!
//! A call owns its connection for as long as it lasts, so it polls the connection itself; no background task does. Its
//! requests are all queued before the connection is polled, so they leave in one write whatever the runtime does, and
//! no task has to wake another one.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tokio_postgres::Socket;

use crate::tls::TlsStream;

/// The half of a connection that reads and writes the socket.
pub(crate) struct Driver {
    connection: tokio_postgres::Connection<Socket, TlsStream>,
    ended: bool,
}

impl Driver {
    pub(crate) fn new(connection: tokio_postgres::Connection<Socket, TlsStream>) -> Driver {
        Driver { connection, ended: false }
    }

    /// Polls `work`, whose requests go through this connection, until it is done. `None`: the connection ended first.
    ///
    /// The first poll of `work` queues its requests in the order of the futures it is made of.
    pub(crate) async fn fly<W: Future>(&mut self, mut work: Pin<&mut W>) -> Option<W::Output> {
        let mut queued = false;
        poll_fn(|cx| {
            if queued {
                self.advance(cx);
            }
            // What `work` waits for comes through the connection alone and is polled for right after it; a waker of
            // its own would only make this task wake itself.
            let mut unwoken = Context::from_waker(Waker::noop());
            if let Poll::Ready(output) = work.as_mut().poll(&mut unwoken) {
                return Poll::Ready(Some(output));
            }
            if !queued {
                queued = true;
                self.advance(cx);
                if let (true, Poll::Ready(output)) = (self.ended, work.as_mut().poll(&mut unwoken)) {
                    return Poll::Ready(Some(output));
                }
            }
            if self.ended { Poll::Ready(None) } else { Poll::Pending }
        })
        .await
    }

    /// Takes notice of what arrived while nobody used the connection; sends nothing.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.advance(&mut Context::from_waker(Waker::noop()));
        self.ended
    }

    fn advance(&mut self, cx: &mut Context<'_>) {
        if !self.ended {
            self.ended = Pin::new(&mut self.connection).poll(cx).is_ready();
        }
    }
}
