//! Asks a server to stop a statement.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio_postgres::CancelToken;
use tokio_postgres::tls::{ChannelBinding, TlsStream};

use crate::wire::socket::Socket;
use crate::wire::tap::AsItIs;

/// Sends a request, and waits until the other side closes the socket: what is in between may forget the request of a
/// socket that is closed before, and PgBouncer 1.18 ends then.
pub(crate) async fn cancel(token: &CancelToken, mut socket: Socket) -> bool {
    let is_sent = token.cancel_query_raw(LeftOpen(&mut socket), AsItIs).await.is_ok();
    if is_sent {
        // Nothing is answered.
        let _closed = socket.read(&mut [0]).await;
    }
    is_sent
}

/// A socket that the driver does not close.
struct LeftOpen<'s>(&'s mut Socket);

impl AsyncRead for LeftOpen<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for LeftOpen<'_> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0).poll_write(cx, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl TlsStream for LeftOpen<'_> {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}
