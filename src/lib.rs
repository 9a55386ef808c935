#![doc = include_str!("../README.md")]

pub mod guide;

pub use persist_derive::{Composite, Domain, Enum, OneOf, Repositories, Repository, View};
pub use persist_runtime::{
    Assign, CommitOutcome, Committed, Constraint, Cursor, Database, DatabaseBuilder, Entity, Error,
    ForeignKey, FromRow, Handle, Hstore, Interval, IntoForeignKey, IntoOptionalForeignKey, IntoSession,
    Isolation, Json, Key, Multirange, New, NewOneOf, Page, PageRequest, Parent, Plan, PlannedStatement,
    PoolStatus, Range, Repeatable, Repository, Retry, Retrying, Row, Savepoint, Session, Shape, Sql, SslMode,
    StatementMode, Text, UnitOfWork, UnitOfWorkBuilder, UnknownCommit, View, Work, now, outbox, query,
    scalar, sql_type,
};

/// What most files that use `persist` want: `use persist::prelude::*;`.
///
/// Nothing in it is called what a user's table may be called.
pub mod prelude {
    pub use persist_derive::{Composite, Domain, Enum, OneOf, Repositories, Repository, View};
    pub use persist_runtime::{Database, Json, PageRequest, Parent, UnitOfWork};
}

/// What generated code calls. Not for users: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use persist_runtime::private::*;
}
