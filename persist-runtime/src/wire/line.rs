//! The client of a connection, and who reads and writes its socket.

use std::future::pending;
use std::pin::pin;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio_postgres::Client;

use crate::error::Error;
use crate::wire::cancel::cancel;
use crate::wire::dial::Route;
use crate::wire::driver::Driver;

/// The client of a connection, and who reads and writes its socket.
pub(crate) enum Line {
    /// The call under way. The fields are dropped in this order: once the client is gone, the driver says goodbye to
    /// the server.
    Driven { client: Client, driver: Box<Driver>, route: Route },
    /// A task of the pool that it is from.
    #[cfg(feature = "deadpool-postgres")]
    Lent(deadpool_postgres::Object),
}

/// How often a client that others drive is looked at for its end, which it does not announce.
#[cfg(feature = "deadpool-postgres")]
const GLANCE: Duration = Duration::from_millis(100);

impl Line {
    /// The client, and who drives it if we do.
    #[inline]
    pub(crate) fn parts(&mut self) -> (&Client, Option<&mut Driver>) {
        match self {
            Line::Driven { client, driver, .. } => (client, Some(driver)),
            #[cfg(feature = "deadpool-postgres")]
            Line::Lent(object) => (object, None),
        }
    }

    #[inline]
    pub(crate) fn is_driven(&self) -> bool {
        matches!(self, Line::Driven { .. })
    }

    /// Were settings changed on which this library counts? Asked once for each change; those of a client that others
    /// drive are looked at when it is met.
    pub(crate) fn has_other_settings(&self) -> bool {
        match self {
            Line::Driven { driver, .. } => driver.has_other_settings(),
            #[cfg(feature = "deadpool-postgres")]
            Line::Lent(_) => false,
        }
    }

    /// Whether the server has closed the connection meanwhile, as far as this side knows; sends nothing.
    pub(crate) fn has_ended(&mut self) -> bool {
        match self {
            Line::Driven { driver, .. } => driver.has_ended(),
            #[cfg(feature = "deadpool-postgres")]
            Line::Lent(object) => object.is_closed(),
        }
    }

    /// Waits, while no call is under way, until the server has closed the connection.
    pub(crate) async fn ended(&mut self) {
        match self {
            Line::Driven { driver, .. } => {
                let _ended: Option<()> = driver.drive(pin!(pending())).await;
            }
            #[cfg(feature = "deadpool-postgres")]
            Line::Lent(object) => {
                while !object.is_closed() {
                    tokio::time::sleep(GLANCE).await;
                }
            }
        }
    }

    /// What it has ended of.
    pub(crate) fn lost(&mut self) -> Error {
        Error::connection_lost(match self {
            Line::Driven { driver, .. } => driver.take_error(),
            #[cfg(feature = "deadpool-postgres")]
            Line::Lent(_) => None,
        })
    }

    /// Asks the server to stop the statement of a call that did not come to an end, which would go on, unseen by the
    /// limits of the pool; then closes the connection.
    ///
    /// A request to cancel that comes late would stop the next statement, so only a connection that is never
    /// used again may be sent one. Poolers pass it on for a connection that is open only. Where a lent client was
    /// connected, and how, only its pool knows: it is closed without a word.
    pub(crate) fn abandon(self, limit: Duration) {
        let Ok(runtime) = Handle::try_current() else { return };
        let (client, mut driver, route) = match self {
            Line::Driven { client, driver, route } => (client, driver, route),
            #[cfg(feature = "deadpool-postgres")]
            Line::Lent(object) => return drop(deadpool_postgres::Object::take(object)),
        };
        if driver.ended() {
            return;
        }
        // The call is gone that could answer a failure.
        runtime.spawn(tokio::time::timeout(limit, async move {
            let Ok(socket) = route.again().await else { return };
            if cancel(&client.cancel_token(), socket).await {
                // What is asked last is answered when all else has ended.
                let _ended = driver.drive(pin!(client.simple_query(""))).await;
            }
        }));
    }
}
