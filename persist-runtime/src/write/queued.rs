//! Changes that wait for a flush of their unit of work: each is a statement of its own.

use crate::error::Error;
use crate::table::facts::Table;
use crate::value::parameters::Parameters;
use crate::wire::statement::Statement;

/// A change or deletion of many rows, or an upsert, that a unit of work can keep for its flush.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be kept for a flush",
    label = "expected an update or a deletion of a query, or an upsert, that was not awaited"
)]
pub trait Queueable {
    /// What is kept.
    ///
    /// # Errors
    /// It could not be sent, whatever is stored.
    #[doc(hidden)]
    fn queued(self) -> Result<Queued, Error>;
}

/// What is kept, opaque to users.
pub struct Queued(pub(crate) Box<dyn QueuedChange>);

/// A change that is sent later.
pub(crate) trait QueuedChange: Send + Sync {
    /// The table whose rows it writes.
    fn table(&self) -> &'static Table;

    /// What it does to them.
    fn effect(&self) -> QueuedEffect;

    /// The statement, which does nothing outside of the transaction.
    fn statement(&self) -> Result<(Statement, Box<dyn Parameters + '_>), Error>;
}

/// What a change does to rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QueuedEffect {
    Update,
    Delete,
    Upsert,
}

impl std::fmt::Debug for Queued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Queued({:?} {})", self.0.effect(), self.0.table().shown)
    }
}
