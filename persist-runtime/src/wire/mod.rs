//! The only door to the socket: one `send`, statements, connections, the pool, TLS.

pub(crate) mod access;
pub(crate) mod answer;
pub(crate) mod borrowed_client;
pub(crate) mod bracket;
pub(crate) mod builder;
pub(crate) mod call;
pub(crate) mod config;
pub(crate) mod connection;
pub(crate) mod connection_state;
pub(crate) mod connector;
pub(crate) mod driver;
pub(crate) mod exchange;
pub(crate) mod failure;
pub(crate) mod listener;
pub(crate) mod outcome;
pub(crate) mod pool;
pub(crate) mod receiver;
pub(crate) mod send;
pub(crate) mod statement;
pub(crate) mod statement_cache;
pub(crate) mod time_limit;
pub(crate) mod tls;
pub(crate) mod transaction_start;
pub(crate) mod url;
