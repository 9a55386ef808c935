//! What the tests of `persist` need from a real PostgreSQL.
//!
//! - [`TestDatabase`]: a database of its own for each test, cloned from a template that holds the migrations.
//! - [`Cluster`]: a server of its own, for tests that stop it, kill it, or ask for passwords and TLS.
//! - [`Proxy`]: between a client and a server, counts round trips and breaks connections;
//!   [`assert_round_trips!`] and [`round_trips!`] ask it.
//! - [`PgBouncer`], [`PgPool`]: a pooler in front of a server, where there is one to be had.
//! - [`Random`]: numbers for random tests, which come again with their seed.
//!
//! Servers are throw-away: they live in a temporary folder, run as an unprivileged user, and are removed when
//! the process ends, however it ends. They are of the newest PostgreSQL that is found; `PERSIST_POSTGRES`
//! says otherwise: a major version, or the folder of the server's programs. With `DATABASE_URL` set,
//! [`TestDatabase`] uses that server instead.

mod binaries;
mod cluster;
mod database;
mod error;
mod keeper;
mod lent_copy;
mod migrations;
mod pgbouncer;
mod pgpool;
mod pooler;
mod proxy;
mod random;
mod round_trips;
mod server;
mod server_account;
mod server_folder;
mod shared_server;
mod watchdog;

pub use cluster::{Cluster, ClusterBuilder};
pub use database::TestDatabase;
pub use error::Error;
pub use pgbouncer::{PgBouncer, PgBouncerBuilder, PoolMode};
pub use pgpool::PgPool;
pub use proxy::{NextConnection, Point, Proxy, ServerError, Traffic, Upstream};
pub use random::Random;
pub use round_trips::Mark;
