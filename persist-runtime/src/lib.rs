//! The run time of `persist`: pool, sessions, statements, rows and queries on tokio-postgres.
//!
//! Users depend on `persist`, which re-exports this crate. Each folder is a room; `ARCHITECTURE.md` says what
//! each is for, and which may import which: from top to bottom they are those of the list below, read from
//! its end.

mod database;
mod entity;
mod error;
mod load;
pub mod outbox;
mod page;
#[doc(hidden)]
pub mod private;
pub mod query;
mod repository;
mod session;
mod sql;
mod table;
mod unit_of_work;
mod value;
mod wire;
mod write;

pub use database::Database;
pub use entity::foreign_key::{ForeignKey, IntoForeignKey, IntoOptionalForeignKey, Parent};
pub use entity::one_of::NewOneOf;
pub use entity::traits::{Entity, New, Repository, View};
pub use error::{Constraint, Error, UnknownCommit};
pub use load::from_row::FromRow;
pub use load::row::Row;
pub use load::shape::Shape;
pub use page::{Cursor, Page, PageRequest};
pub use query::now;
pub use query::unchecked::Sql;
pub use repository::{Upsert, UpsertAnswer};
pub use session::link::{IntoSession, Session};
pub use unit_of_work::{
    CommitOutcome, Committed, ParentRow, Plan, PlannedStatement, Repeatable, Retry, Retrying, Savepoint,
    UnitOfWork, UnitOfWorkBuilder, Work,
};
pub use value::assign::Assign;
pub use value::parameters::{Key, Parameters};
pub use value::scalar::{self, Hstore, Interval, Json, Multirange, Range, Text};
pub use value::sql_type;
pub use wire::builder::DatabaseBuilder;
pub use wire::config::{SslMode, StatementMode};
pub use wire::pool::PoolStatus;
pub use wire::transaction_start::Isolation;
pub use write::handle::Handle;
pub use write::queued::{Queueable, Queued};
