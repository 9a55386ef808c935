//! A connection of its own on which PostgreSQL says that there is something to do.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll};

use tokio_postgres::{AsyncMessage, Client};

use crate::error::Error;
use crate::wire::connector::{Connector, Wire};

/// Listens on a channel. Notifications wait in the socket until they are asked for.
pub(crate) struct Listener {
    /// The connection ends with it.
    _client: Client,
    wire: Wire,
}

impl Listener {
    pub(crate) async fn open(connector: &Connector, channel: &str) -> Result<Listener, Error> {
        let (client, mut wire) = connector.open().await?;
        let listening = format!("LISTEN \"{}\"", channel.replace('"', "\"\""));
        {
            let mut work = pin!(client.batch_execute(&listening));
            poll_fn(|cx| match work.as_mut().poll(cx) {
                // The request leaves and its answer arrives by polling the connection.
                Poll::Pending if ended(&mut wire, cx) => Poll::Ready(Err(Error::connection_lost(None))),
                answered => answered.map_err(Error::from_driver),
            })
            .await?;
        }
        Ok(Listener { _client: client, wire })
    }

    /// Waits for a notification. An error: the connection has ended, and there will be none.
    pub(crate) async fn notified(&mut self) -> Result<(), Error> {
        poll_fn(|cx| {
            loop {
                match self.wire.poll_message(cx) {
                    Poll::Ready(Some(Ok(AsyncMessage::Notification(_)))) => return Poll::Ready(Ok(())),
                    Poll::Ready(Some(Ok(_))) => {}
                    Poll::Ready(Some(Err(cause))) => {
                        return Poll::Ready(Err(Error::connection_lost(Some(cause))));
                    }
                    Poll::Ready(None) => return Poll::Ready(Err(Error::connection_lost(None))),
                    Poll::Pending => return Poll::Pending,
                }
            }
        })
        .await
    }
}

/// Polls a connection until it waits. Has it ended?
fn ended(wire: &mut Wire, cx: &mut Context<'_>) -> bool {
    loop {
        match wire.poll_message(cx) {
            Poll::Ready(Some(Ok(_))) => {}
            Poll::Ready(Some(Err(_)) | None) => return true,
            Poll::Pending => return false,
        }
    }
}
