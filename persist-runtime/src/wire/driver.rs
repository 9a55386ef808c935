//! Driving a connection from inside the call that waits for it.
//!
//! A call owns its connection for as long as it lasts, so it polls the connection itself; no background task
//! does. Its requests are all queued before the connection is polled, so they leave in one write whatever the
//! runtime does, and no task has to wake another one.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use crate::wire::session_settings::is_as_counted_on;
use crate::wire::tap::{Ended, Seen, Tap};
use futures_util::task::AtomicWaker;

/// Rounds of polling before the runtime gets its turn, should the connection never come to rest.
const ROUNDS: usize = 8;

/// The half of a connection that reads and writes the socket.
pub(crate) struct Driver {
    connection: tokio_postgres::Connection<Tap, Tap>,
    seen: Arc<Seen>,
    relay: Arc<Relay>,
    waker: Waker,
    ended: bool,
    /// What it ended of.
    error: Option<tokio_postgres::Error>,
}

impl Driver {
    pub(crate) fn new(connection: tokio_postgres::Connection<Tap, Tap>, seen: Arc<Seen>) -> Driver {
        let relay = Arc::new(Relay { state: AtomicU8::new(WOKEN), task: AtomicWaker::new() });
        Driver { connection, seen, waker: relay.clone().into(), relay, ended: false, error: None }
    }

    /// Polls `work`, whose requests go through this connection, until it is done. `None`: the connection
    /// ended first.
    ///
    /// The first poll of `work` queues its requests in the order of the futures it is made of.
    pub(crate) fn drive<W: Future>(
        &mut self,
        mut work: Pin<&mut W>,
    ) -> impl Future<Output = Option<W::Output>> {
        let mut queued = false;
        poll_fn(move |cx| {
            self.relay.task.register(cx.waker());
            for _ in 0..ROUNDS {
                // The connection may read an answer while it sends, unnoticed by `relay` if something else
                // had arrived before; so there is no rest before `work` has been polled after every turn of
                // the connection.
                if queued {
                    self.advance();
                }
                // What `work` waits for comes through the connection alone, so it needs no waker.
                let unwoken = &mut Context::from_waker(Waker::noop());
                let output = match work.as_mut().poll(unwoken) {
                    Poll::Ready(output) => Some(output),
                    Poll::Pending => None,
                };
                if output.is_some() || self.ended {
                    self.relay.task.take();
                    return Poll::Ready(output);
                }
                if queued && self.relay.rest() {
                    return Poll::Pending;
                }
                queued = true;
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
    }

    /// Takes notice of what arrived while the connection was idle; sends nothing.
    pub(crate) fn has_ended(&mut self) -> bool {
        if self.relay.state.load(Ordering::Acquire) == WOKEN {
            self.advance();
        }
        self.ended
    }

    /// Whether the end of the connection was noticed already.
    pub(crate) fn ended(&self) -> bool {
        self.ended
    }

    /// The process that serves the connection, as the server called it.
    pub(crate) fn process(&self) -> i32 {
        self.seen.process()
    }

    /// What COMMIT was answered since this was asked last.
    pub(crate) fn take_end(&self) -> Option<Ended> {
        self.seen.take_end()
    }

    /// Was a setting changed on which this library counts? Asked once for each change.
    pub(crate) fn has_other_settings(&self) -> bool {
        self.seen.take_change() && !self.is_as_counted_on()
    }

    /// Is the session set as this library counts on?
    pub(crate) fn is_as_counted_on(&self) -> bool {
        is_as_counted_on(|name| self.connection.parameter(name))
    }

    /// What the connection ended of, if it was more than its closing.
    pub(crate) fn take_error(&mut self) -> Option<tokio_postgres::Error> {
        self.error.take()
    }

    fn advance(&mut self) {
        if !self.ended {
            // What woke the task before this moment is seen to now.
            self.relay.state.swap(POLLING, Ordering::AcqRel);
            let connection = Pin::new(&mut self.connection);
            if let Poll::Ready(outcome) = connection.poll(&mut Context::from_waker(&self.waker)) {
                self.ended = true;
                self.error = outcome.err();
            }
        }
    }
}

impl Drop for Driver {
    /// By now the client is gone: one poll says goodbye, so that the server does not log a lost connection.
    fn drop(&mut self) {
        self.advance();
    }
}

/// Wakes the task of the call under way, but not while that task is polling: its own requests would wake it.
struct Relay {
    state: AtomicU8,
    task: AtomicWaker,
}

/// A call waits: a wake goes to its task.
const RESTING: u8 = 0;
/// A call is polling, or there is none: a wake is only noted down.
const POLLING: u8 = 1;
/// There was a wake since.
const WOKEN: u8 = 2;

impl Relay {
    /// Whether the task may wait; otherwise something happened while it polled.
    fn rest(&self) -> bool {
        self.state.compare_exchange(POLLING, RESTING, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

impl Wake for Relay {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.state.swap(WOKEN, Ordering::AcqRel) == RESTING {
            self.task.wake();
        }
    }
}
