//! Which row it was that another transaction has changed.

use tokio_postgres::types::Oid;

use crate::entity::traits::Entity;
use crate::error::Error;
use crate::value::parameters::Key as _;

impl Error {
    /// The key of the row that was changed or deleted by another transaction, if this error [is
    /// that](Self::is_stale) and the row is one of this entity's. Of several the first.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(error: &persist::Error) {
    /// if let Some(id) = error.stale_key::<Pipeline>() {
    ///     println!("another session has changed the pipeline {id}");
    /// }
    /// # }
    /// ```
    pub fn stale_key<E: Entity>(&self) -> Option<E::Key> {
        let cells = self.stale_keys().first().filter(|_| self.is_stale_row_of(E::model().table.shown))?;
        let cells: Vec<(Oid, &[u8])> = cells.iter().map(|(oid, value)| (*oid, &**value)).collect();
        E::Key::read(&cells).ok()
    }
}
