//! Savepoints: parts of a unit of work that can be taken back.

use crate::error::Error;
use crate::unit_of_work::unit::UnitOfWork;
use crate::unit_of_work::unit::lock;
use crate::wire::compact::compact;
use crate::write::identity_map::IdentityMap;

/// A part of a unit of work that can be taken back, by [`UnitOfWork::savepoint`].
///
/// Dropped without [`release`](Self::release), it is rolled back before the next call of the unit of work.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(uow: &persist::UnitOfWork<'_>) -> Result {
/// let savepoint = uow.savepoint().await?;
/// uow.delete_where::<Step>(|s| s.enabled.eq(false));
/// match uow.repository::<Step>().count().await? {
///     0 => savepoint.rollback().await?,
///     _ => savepoint.release().await?,
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a savepoint that is dropped is rolled back"]
pub struct Savepoint<'u> {
    uow: &'u UnitOfWork<'u>,
    number: u32,
    identity_map: Option<IdentityMap>,
    hooks: usize,
}

impl UnitOfWork<'_> {
    /// Sends what waits, and marks this place, to which can be returned. Savepoints can be set inside of each
    /// other.
    ///
    /// What fails inside of it does not fail the unit of work, if it is rolled back. At most two round trips.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: persist::UnitOfWork<'_>, id: Uuid) -> Result {
    /// let savepoint = uow.savepoint().await?;
    /// uow.insert(NewExecution::new(id, 1))?;
    /// match uow.flush().await {
    ///     Ok(()) => savepoint.release().await?,
    ///     Err(error) if error.is_unique_violation() => savepoint.rollback().await?,
    ///     Err(error) => return Err(error),
    /// }
    /// uow.commit().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of [`flush`](Self::flush).
    pub async fn savepoint(&self) -> Result<Savepoint<'_>, Error> {
        self.flush().await?;
        let number = compact(self.transaction.set_savepoint()).await?;
        let identity_map = Some(lock(&self.identity_map).clone());
        Ok(Savepoint { uow: self, number, identity_map, hooks: self.hooks.len() })
    }
}

impl Savepoint<'_> {
    /// Sends what waits, and keeps all that was done since. At most two round trips.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: &persist::UnitOfWork<'_>) -> Result {
    /// for name in ["nightly", "hourly"] {
    ///     let savepoint = uow.savepoint().await?;
    ///     uow.insert(NewPipeline::new(name, BTreeMap::new()))?;
    ///     match savepoint.release().await {
    ///         Err(error) if error.violates(Pipeline::UNIQUE_NAME) => println!("{name} exists already"),
    ///         outcome => outcome?,
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of [`UnitOfWork::flush`]; then all that was done since is rolled back before the next call. A
    /// savepoint around this one has ended before, and with it this one.
    pub async fn release(mut self) -> Result<(), Error> {
        self.uow.flush().await?;
        self.uow.transaction.release(self.number).await?;
        self.identity_map = None;
        Ok(())
    }

    /// Takes back all that was done since, and what waits: rows, failures of calls, and what was given to
    /// [`after_commit`](UnitOfWork::after_commit). One round trip.
    ///
    /// Structs that the caller holds stay as they are; what the unit of work remembers of rows is what it
    /// was.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: &persist::UnitOfWork<'_>, pipeline: Pipeline) -> Result {
    /// let savepoint = uow.savepoint().await?;
    /// uow.delete(&pipeline)?;
    /// let left = uow.repository::<Pipeline>().count().await?;
    /// savepoint.rollback().await?; // the pipeline is there again
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The connection was lost, a call did not come to an end, or a savepoint around this one has ended
    /// before.
    pub async fn rollback(mut self) -> Result<(), Error> {
        let alone = self.uow.sending.lock().await;
        self.uow.transaction.roll_back_to(self.number).await?;
        if let Some(identity_map) = self.identity_map.take() {
            self.restore(identity_map);
        }
        drop(alone);
        Ok(())
    }

    /// Has the unit of work remember what it knew when the savepoint was set.
    fn restore(&self, identity_map: IdentityMap) {
        // Dropped after the lock is released, because it holds values of the user.
        let _dropped = lock(&self.uow.pending).take();
        let mut known = lock(&self.uow.identity_map);
        // What was only read is still as it was read.
        if !known.only_read_since(&identity_map) {
            *known = identity_map;
        }
        drop(known);
        self.uow.hooks.truncate(self.hooks);
    }
}

impl Drop for Savepoint<'_> {
    fn drop(&mut self) {
        let Some(identity_map) = self.identity_map.take() else { return };
        // A flush has taken what waits before it is under way as a call, and would write it afterwards.
        let alone = self.uow.sending.try_lock();
        if self.uow.transaction.drop_savepoint(self.number, alone.is_err()) {
            self.restore(identity_map);
        }
    }
}

impl std::fmt::Debug for Savepoint<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Savepoint").field(&self.number).finish()
    }
}
