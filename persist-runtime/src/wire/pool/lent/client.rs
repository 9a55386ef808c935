//! What a client that somebody else has opened can be asked.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, TlsStream};
use tokio_postgres::{CancelToken, Client, SimpleQueryMessage};

use crate::error::Error;
use crate::wire::pooler::Pooler;
use crate::wire::session_settings;
use crate::wire::tap::AsItIs;

const ASK: &str = "SELECT pg_backend_pid(), current_setting('TimeZone') AS \"TimeZone\", \
                   current_setting('DateStyle') AS \"DateStyle\", current_setting('IntervalStyle') AS \"IntervalStyle\"";

/// Is its session set as this library counts on? Notices a pooler by the process that answers. One round trip.
pub(super) async fn is_as_counted_on(client: &Client, pooler: &Pooler) -> Result<bool, Error> {
    let messages = client.simple_query(ASK).await.map_err(|error| match error.is_closed() {
        true => Error::connection_lost(None),
        false => Error::from_driver(error),
    })?;
    let row = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let Some(row) = row else { return Ok(false) };
    let told = process(&client.cancel_token()).await;
    let answering = row.get(0).and_then(|process| process.parse().ok());
    if told.is_some() && told != answering {
        pooler.notice();
    }
    Ok(session_settings::is_as_counted_on(|name| row.try_get(name).ok().flatten()))
}

/// The process that serves a connection, as the server called it when it was opened: the driver says so only to those
/// whom it asks to cancel something.
async fn process(token: &CancelToken) -> Option<i32> {
    let mut request = Request::default();
    token.cancel_query_raw(&mut request, AsItIs).await.ok()?;
    let bytes = request.0.strip_prefix(&ASK_FOR_TLS).unwrap_or(&request.0);
    // Length, code, process, secret.
    let process = bytes.get(8..12)?;
    process.try_into().ok().map(i32::from_be_bytes)
}

/// `SSLRequest` of PostgreSQL's protocol.
const ASK_FOR_TLS: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// What a server answers to that if it knows TLS.
const KNOWS_TLS: &[u8] = b"S";

/// A request that goes nowhere.
#[derive(Default)]
struct Request(Vec<u8>);

impl AsyncWrite for &mut Request {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.0.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for &mut Request {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        buffer.put_slice(&KNOWS_TLS[..buffer.remaining().min(KNOWS_TLS.len())]);
        Poll::Ready(Ok(()))
    }
}

impl TlsStream for &mut Request {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}
