//! Several changes in one transaction, written together.

use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;

use crate::entity::{Entity, New};
use crate::error::Error;
use crate::handle::Handle;
use crate::memory::Memory;
use crate::query::Predicate;
use crate::session::{Around, Session};
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
pub struct UnitOfWork<'t> {
    transaction: Transaction<'t>,
    memory: Mutex<Memory>,
}

impl<'t> UnitOfWork<'t> {
    pub(crate) fn new(transaction: Transaction<'t>) -> UnitOfWork<'t> {
        UnitOfWork { transaction, memory: Mutex::default() }
    }

    /// The repository of an entity in this transaction.
    pub fn repository<E: Entity>(&self) -> E::Repository<'_> {
        Session::from(self).repository::<E>()
    }

    /// Keeps the changes of a struct, with all that belongs to it, for the next flush.
    ///
    /// # Errors
    /// The struct does not pass its validation, or a value cannot be encoded.
    pub fn save<E: Entity>(&self, entity: &E) -> Result<(), Error> {
        let _ = entity;
        Err(Error::invalid("not built yet"))
    }

    /// Keeps a new row, with all that is nested in it, for the next flush.
    ///
    /// # Errors
    /// Those of [`save`](Self::save).
    pub fn insert<N: New>(&self, new: N) -> Result<Handle<N::Entity>, Error> {
        let _ = new;
        Err(Error::invalid("not built yet"))
    }

    /// Keeps a new row for the next flush, which changes the one with its primary key if there is one.
    ///
    /// # Errors
    /// Those of [`save`](Self::save).
    pub fn upsert<N: New>(&self, new: N) -> Result<(), Error> {
        let _ = new;
        Err(Error::invalid("not built yet"))
    }

    /// Keeps the deletion of a row for the next flush.
    ///
    /// # Errors
    /// Those of [`save`](Self::save).
    pub fn delete<E: Entity>(&self, entity: &E) -> Result<(), Error> {
        let _ = entity;
        Err(Error::invalid("not built yet"))
    }

    /// Keeps the deletion of all rows for which a condition holds, for the next flush.
    ///
    /// # Errors
    /// Those of [`save`](Self::save).
    pub fn delete_where<E: Entity>(
        &self,
        condition: impl FnOnce(E::Columns) -> Predicate,
    ) -> Result<(), Error> {
        let _ = condition;
        Err(Error::invalid("not built yet"))
    }

    /// The key of a row that was inserted; `None` as long as the database has not made it.
    pub fn key<E: Entity>(&self, handle: Handle<E>) -> Option<E::Key> {
        let _ = handle;
        None
    }

    /// Reads a struct again, with what the database has made of it.
    ///
    /// # Errors
    /// [`Error::is_not_found`] where the row is gone; those of a flush and of [`Repository::find`](crate::Repository::find).
    pub async fn refresh<E: Entity>(&self, entity: &mut E) -> Result<(), Error> {
        let _ = entity;
        Err(Error::invalid("not built yet"))
    }

    /// Sends what waits to be written. One round trip, or none where nothing waits.
    ///
    /// # Errors
    /// [`Error::is_stale`], violations of constraints; the connection was lost.
    pub async fn flush(&self) -> Result<(), Error> {
        Err(Error::invalid("not built yet"))
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

impl Around for UnitOfWork<'_> {
    fn ahead(&self) -> Option<BoxFuture<'_, Result<(), Error>>> {
        None
    }

    fn memory(&self) -> &Mutex<Memory> {
        &self.memory
    }
}

impl std::fmt::Debug for UnitOfWork<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UnitOfWork").finish_non_exhaustive()
    }
}

impl<'a> From<&'a UnitOfWork<'_>> for Session<'a> {
    fn from(work: &'a UnitOfWork<'_>) -> Session<'a> {
        Session::of_transaction(&work.transaction, Some(work))
    }
}
