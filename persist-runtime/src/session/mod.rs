//! Where statements run: on the pool, in a transaction, behind a savepoint.

pub(crate) mod link;
pub(crate) mod token;
pub(crate) mod transaction;
