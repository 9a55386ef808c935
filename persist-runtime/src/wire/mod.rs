//! The only door to the socket: connections, the pool, statements, TLS.

pub(crate) mod builder;
pub(crate) mod config;
pub(crate) mod connection;
pub(crate) mod connector;
pub(crate) mod driver;
pub(crate) mod pool;
pub(crate) mod statement;
pub(crate) mod statement_cache;
pub(crate) mod tls;
pub(crate) mod url;
