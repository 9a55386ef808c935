//! The pool of a database, and connections on loan.

#[cfg(feature = "deadpool-postgres")]
mod lent;
mod own;
mod status;

use std::fmt;

#[cfg(feature = "deadpool-postgres")]
use self::lent::{LentLease, LentPool};
use self::own::{OwnLease, OwnPool};
pub use self::status::PoolStatus;
use crate::error::Error;
use crate::wire::config::Config;
use crate::wire::connection::Connection;
use crate::wire::connector::Connector;

/// A handle to the pool; clones share it.
#[derive(Clone)]
pub(crate) enum Pool {
    /// One that opens its connections itself.
    Own(OwnPool),
    /// One that the program has, and uses besides.
    #[cfg(feature = "deadpool-postgres")]
    Lent(LentPool),
}

/// A connection on loan: it goes back to the pool, or is closed if what it was used for did not come to an
/// end.
pub(crate) enum Lease {
    Own(OwnLease),
    #[cfg(feature = "deadpool-postgres")]
    Lent(LentLease),
}

impl Pool {
    pub(crate) fn new(config: &Config) -> Result<Pool, Error> {
        OwnPool::new(config).map(Pool::Own)
    }

    #[cfg(feature = "deadpool-postgres")]
    pub(crate) fn lent(pool: deadpool_postgres::Pool, config: &Config) -> Pool {
        Pool::Lent(LentPool::new(pool, config))
    }

    /// Takes a connection on loan; sends nothing if one is idle.
    pub(crate) async fn acquire(&self) -> Result<Lease, Error> {
        match self {
            Pool::Own(pool) => pool.acquire().await.map(Lease::Own),
            #[cfg(feature = "deadpool-postgres")]
            Pool::Lent(pool) => pool.acquire().await.map(Lease::Lent),
        }
    }

    /// What the cursors of pages are signed with.
    pub(crate) fn cursor_secret(&self) -> &[u8] {
        match self {
            Pool::Own(pool) => pool.cursor_secret(),
            #[cfg(feature = "deadpool-postgres")]
            Pool::Lent(pool) => pool.cursor_secret(),
        }
    }

    /// Opens connections that are not of the pool; `None` where only the program knows how.
    pub(crate) fn connector(&self) -> Option<&Connector> {
        match self {
            Pool::Own(pool) => Some(pool.connector()),
            #[cfg(feature = "deadpool-postgres")]
            Pool::Lent(_) => None,
        }
    }

    pub(crate) fn status(&self) -> PoolStatus {
        match self {
            Pool::Own(pool) => pool.status(),
            #[cfg(feature = "deadpool-postgres")]
            Pool::Lent(pool) => pool.status(),
        }
    }

    pub(crate) fn close(&self) {
        match self {
            Pool::Own(pool) => pool.close(),
            #[cfg(feature = "deadpool-postgres")]
            Pool::Lent(pool) => pool.close(),
        }
    }
}

impl Lease {
    pub(crate) fn connection(&mut self) -> &mut Connection {
        match self {
            Lease::Own(lease) => lease.connection(),
            #[cfg(feature = "deadpool-postgres")]
            Lease::Lent(lease) => lease.connection(),
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pool").field(&self.status()).finish()
    }
}
