//! Several calls in one transaction.

use crate::entity::Entity;
use crate::error::Error;
use crate::session::Session;
use crate::transaction::Transaction;

/// What is read and written by its repositories is one transaction (READ COMMITTED), which begins with the first statement.
///
/// At READ COMMITTED each statement sees what was committed before it, also within one load: a row that somebody deletes meanwhile
/// together with the rows that belong to it may be read without them. Outside of a unit of work a load sees one moment.
///
/// Dropped without [`commit`](Self::commit), it is rolled back and its connection closed. Its calls wait for each other.
///
/// ```no_run
/// # use persist_runtime::{Database, Entity, Error};
/// # async fn example<E: Entity>(db: &Database, new: E::New, old: E::Key) -> Result<(), Error> {
/// let work = db.unit_of_work();
/// work.repository::<E>().insert(new).await?;
/// work.repository::<E>().delete(old).await?;
/// work.commit().await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a unit of work that is dropped is rolled back"]
pub struct UnitOfWork {
    transaction: Transaction,
}

impl UnitOfWork {
    pub(crate) fn new(transaction: Transaction) -> UnitOfWork {
        UnitOfWork { transaction }
    }

    /// The repository of an entity in this transaction.
    pub fn repository<E: Entity>(&self) -> E::Repository<'_> {
        Session::from(self).repository::<E>()
    }

    /// Commits. One round trip, or none where nothing was sent.
    ///
    /// # Errors
    /// [`Error::is_rolled_back`] where one of its calls had failed; its source is the first error. A deferred constraint was
    /// violated, or the connection was lost.
    pub async fn commit(self) -> Result<(), Error> {
        self.transaction.commit().await
    }

    /// Rolls back. One round trip, or none where nothing was sent.
    ///
    /// # Errors
    /// The connection was lost: the server rolls back by itself.
    pub async fn rollback(self) -> Result<(), Error> {
        self.transaction.roll_back().await
    }
}

impl std::fmt::Debug for UnitOfWork {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UnitOfWork").finish_non_exhaustive()
    }
}

impl<'a> From<&'a UnitOfWork> for Session<'a> {
    fn from(work: &'a UnitOfWork) -> Session<'a> {
        Session::of_transaction(&work.transaction)
    }
}
