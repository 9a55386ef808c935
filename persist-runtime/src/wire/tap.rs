//! What passes between the driver and a server.
//!
//! The driver counts the names of statements for the whole program (`s0`, `s1`, …), sends five parameters when it
//! opens a connection, and tells neither the number of the server's process nor that a parameter has changed. Here
//! the names get what makes them names of one connection only, and the rest is added and noted down.

mod incoming;
mod outgoing;
mod seen;

use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready as ready_or_pending};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};

use crate::error::BoxError;
use crate::wire::socket::Socket;

use incoming::Incoming;
use outgoing::Outgoing;
pub(crate) use seen::{Ended, Seen};

/// A connection as the driver sees it.
pub(crate) struct Tap {
    socket: Socket,
    outgoing: Outgoing,
    incoming: Incoming,
}

impl Tap {
    /// `parameters` are sent when the connection is opened.
    pub(crate) fn new(socket: Socket, parameters: Vec<(String, String)>, seen: Arc<Seen>) -> Tap {
        Tap { socket, outgoing: Outgoing::new(parameters), incoming: Incoming::new(seen) }
    }

    /// Writes what waits, if anything does.
    #[inline]
    fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.outgoing.is_idle() { Poll::Ready(Ok(())) } else { self.poll_waiting(cx) }
    }

    fn poll_waiting(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.outgoing.is_idle() {
            let written = Pin::new(&mut self.socket).poll_write(cx, self.outgoing.waiting());
            match ready_or_pending!(written)? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.outgoing.written(written),
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Tap {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut self.socket).poll_read(cx, buffer);
        if outcome.is_ready() {
            self.incoming.look_at(&buffer.filled()[before..]);
        }
        outcome
    }
}

impl AsyncWrite for Tap {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        ready_or_pending!(self.poll_drain(cx))?;
        let taken = self.outgoing.take(buffer)?;
        // What could not be written now waits: it is taken already.
        match self.poll_drain(cx) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Ready(Ok(())) | Poll::Pending => Poll::Ready(Ok(taken)),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready_or_pending!(self.poll_drain(cx))?;
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready_or_pending!(self.poll_drain(cx))?;
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}

impl TlsStream for Tap {
    fn channel_binding(&self) -> ChannelBinding {
        TlsStream::channel_binding(&self.socket)
    }
}

impl TlsStream for Socket {
    fn channel_binding(&self) -> ChannelBinding {
        match self {
            Socket::Tcp(_) | Socket::Unix(_) => ChannelBinding::none(),
            #[cfg(feature = "tls")]
            Socket::Tls(stream) => crate::wire::tls::channel_binding(stream),
        }
    }
}

/// For the driver a stream is always an encrypted one: whether it is was decided when it was opened.
pub(crate) struct AsItIs;

impl<S: TlsStream + Unpin> TlsConnect<S> for AsItIs {
    type Stream = S;
    type Error = BoxError;
    type Future = Ready<Result<S, BoxError>>;

    fn connect(self, stream: S) -> Self::Future {
        ready(Ok(stream))
    }
}
