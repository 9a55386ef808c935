//! The run time of `persist`: pool, sessions, statements, rows and queries on tokio-postgres.
//!
//! Users depend on `persist`, which re-exports this crate.

mod assign;
mod batch;
mod builder;
mod checks;
mod config;
mod connection;
mod connector;
mod database;
mod draft;
mod entity;
mod error;
mod event;
mod flight;
mod foreign_key;
mod generated;
mod group;
mod handle;
mod image;
mod memory;
mod model;
mod nested;
pub mod outbox;
mod page;
mod parameters;
mod plan;
mod pool;
#[doc(hidden)]
pub mod private;
pub mod query;
mod random;
mod relation;
mod repositories;
mod repository;
mod row;
mod row_key;
pub mod scalar;
mod scope;
mod session;
mod shape;
mod sorting;
mod sql;
pub mod sql_type;
mod statement;
mod statement_cache;
mod tls;
mod token;
mod transaction;
mod unit_of_work;
mod url;
mod validation;
mod walk;
mod writer;

pub use assign::Assign;
pub use builder::DatabaseBuilder;
pub use config::{SslMode, StatementMode};
pub use database::Database;
pub use entity::{Entity, New, Repository, Shape, View};
pub use error::{Constraint, Error, UnknownCommit};
pub use foreign_key::{ForeignKey, IntoForeignKey, IntoOptionalForeignKey, Parent};
pub use handle::Handle;
pub use page::{Cursor, Page, PageRequest};
pub use parameters::{Key, Parameters};
pub use pool::PoolStatus;
pub use row::Row;
pub use scalar::{Interval, Json};
pub use session::Session;
pub use sql::{FromRow, Sql};
pub use unit_of_work::{
    Committed, Isolation, Plan, PlannedStatement, Repeatable, Retry, Retrying, Savepoint, UnitOfWork,
    UnitOfWorkBuilder, Work,
};
