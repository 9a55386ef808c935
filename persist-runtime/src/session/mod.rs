//! Where statements run: on the pool, in a transaction, after a savepoint.

pub(crate) mod around;
pub(crate) mod held;
pub(crate) mod link;
pub(crate) mod progress;
pub(crate) mod savepoint;
pub(crate) mod savepoints;
pub(crate) mod terms;
pub(crate) mod token;
pub(crate) mod transaction;
pub(crate) mod transaction_state;
