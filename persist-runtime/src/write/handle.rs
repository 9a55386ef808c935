//! What stands for the key of a row that a unit of work will insert.

use std::fmt;
use std::marker::PhantomData;

/// A row that a unit of work inserts, as [`UnitOfWork::insert`](crate::UnitOfWork::insert) answers it: it can
/// be given for a foreign key before the row, and with it the key, exists.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(uow: &persist::UnitOfWork<'_>) -> Result {
/// use persist::Handle;
///
/// let pipeline: Handle<Pipeline> = uow.insert(NewPipeline::new("hourly", BTreeMap::new()))?;
/// uow.insert(NewExecution::new(pipeline, 1))?;
/// uow.flush().await?;
/// # Ok(())
/// # }
/// ```
pub struct Handle<E> {
    slot: Slot,
    entity: PhantomData<fn() -> E>,
}

/// The place of an inserted row among those of its unit of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Slot {
    /// The number of the unit of work.
    pub(crate) unit: u64,
    /// The number of the row in it.
    pub(crate) row: u32,
}

/// What the value of a foreign key waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// The row that this one is nested in.
    Parent,
    /// A row that the same unit of work inserts.
    Row(Slot),
}

impl<E> Handle<E> {
    pub(crate) fn new(slot: Slot) -> Self {
        Handle { slot, entity: PhantomData }
    }

    pub(crate) fn slot(self) -> Slot {
        self.slot
    }
}

impl<E> Clone for Handle<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Handle<E> {}

impl<E> fmt::Debug for Handle<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Handle").field(&self.slot.row).finish()
    }
}
