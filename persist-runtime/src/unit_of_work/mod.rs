//! Several changes in one transaction, written together.

pub(crate) mod arriving;
pub(crate) mod builder;
pub(crate) mod changes;
pub(crate) mod commit;
pub(crate) mod deleted_last;
pub(crate) mod diff;
pub(crate) mod dirty;
pub(crate) mod flush;
pub(crate) mod grouped;
pub(crate) mod hooks;
pub(crate) mod methods;
pub(crate) mod order;
pub(crate) mod outcome;
pub(crate) mod pending;
pub(crate) mod plan;
pub(crate) mod present;
pub(crate) mod reading;
pub(crate) mod relations;
pub(crate) mod retry;
pub(crate) mod savepoint;
pub(crate) mod stale;
pub(crate) mod steps;
pub(crate) mod to_be_read;
pub(crate) mod transact;
pub(crate) mod unique_exchange;
pub(crate) mod unit;
pub(crate) mod whole;
pub(crate) mod within;

pub use builder::UnitOfWorkBuilder;
pub use commit::Committed;
pub use outcome::CommitOutcome;
pub use plan::{Plan, PlannedStatement};
pub use retry::{Retry, Retrying};
pub use savepoint::Savepoint;
pub use transact::{Repeatable, Work};
pub use unit::UnitOfWork;
