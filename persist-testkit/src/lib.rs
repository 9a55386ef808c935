//! What the tests of `persist` need from a real PostgreSQL.
//!
//! - [`TestDatabase`]: a database of its own for each test, cloned from a template that holds the migrations.
//! - [`Cluster`]: a server of its own, for tests that stop it, kill it, or ask for passwords and TLS.
//!
//! Servers are throw-away: they live in a temporary folder, run as an unprivileged user, and are removed when the
//! process ends, however it ends. With `DATABASE_URL` set, [`TestDatabase`] uses that server instead.

mod binaries;
mod cluster;
mod database;
mod error;
mod keeper;
mod migrations;
mod server;
mod server_account;
mod shared_server;
mod watchdog;

pub use cluster::{Cluster, ClusterBuilder};
pub use database::TestDatabase;
pub use error::Error;
