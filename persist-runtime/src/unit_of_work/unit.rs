//! A unit of work: what it consists of.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::session::transaction::Transaction;
use crate::unit_of_work::hooks::Hooks;
use crate::unit_of_work::pending::Pending;
use crate::write::identity_map::IdentityMap;

/// Reads and changes in one transaction. Changes are kept, and written together.
///
/// [`save`](Self::save), [`insert`](Self::insert), [`delete`](Self::delete) and their like send nothing. What
/// they keep is written by [`flush`](Self::flush), by [`commit`](Self::commit), and before any other
/// statement of this unit of work, so that a read sees it. The transaction begins with the first statement. A
/// struct that is read twice is the same both times, until something is written (if it is `Clone`; views and
/// streams are read as they are).
///
/// It is READ COMMITTED unless [`unit_of_work_builder`](crate::Database::unit_of_work_builder) says
/// otherwise: each statement sees what was committed before it, also within one load, so a row that another
/// transaction deletes meanwhile together with the rows that belong to it may be read without them.
/// REPEATABLE READ sees one moment.
///
/// Its calls wait for each other. After an error it can only be rolled back. Dropped without
/// [`commit`](Self::commit), it is rolled back and its connection closed.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(db: &persist::Database, id: Uuid) -> Result {
/// let uow = db.unit_of_work();
/// let mut pipeline = uow.repository::<Pipeline>().get(id).await?;
/// pipeline.steps.retain(|step| step.enabled);
/// uow.save(&pipeline)?; // the columns and the rows that differ
/// uow.insert(NewExecution::new(id, 1))?;
/// uow.commit().await?; // one round trip
/// # Ok(())
/// # }
/// ```
#[must_use = "a unit of work that is dropped is rolled back"]
pub struct UnitOfWork<'t> {
    pub(super) transaction: Transaction<'t>,
    pub(super) identity_map: Mutex<IdentityMap>,
    pub(super) pending: Mutex<Pending>,
    /// Held while something is sent: what is given to the unit of work meanwhile waits for the next flush.
    pub(super) sending: tokio::sync::Mutex<()>,
    pub(super) hooks: Hooks,
}

impl<'t> UnitOfWork<'t> {
    pub(crate) fn new(transaction: Transaction<'t>) -> UnitOfWork<'t> {
        let mut pending = Pending::default();
        pending.inserted.unit = UNITS.fetch_add(1, Ordering::Relaxed);
        UnitOfWork {
            transaction,
            identity_map: Mutex::default(),
            pending: Mutex::new(pending),
            sending: tokio::sync::Mutex::default(),
            hooks: Hooks::default(),
        }
    }
}

impl std::fmt::Debug for UnitOfWork<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UnitOfWork").finish_non_exhaustive()
    }
}

/// Gives each unit of work its number.
static UNITS: AtomicU64 = AtomicU64::new(1);

/// What a panic under these locks leaves is whole: the user's `validate` and encoders run under that of what
/// waits, but a row that was not shown to its end is taken out again
/// ([`NewRowList::add`](crate::write::new_row::NewRowList::add)); the user's `Clone` only reads.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
