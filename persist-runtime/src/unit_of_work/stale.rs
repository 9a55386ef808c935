//! Which row it was that somebody else has changed.

use tokio_postgres::types::Oid;

use crate::entity::traits::Entity;
use crate::error::Error;
use crate::value::parameters::Key as _;

impl Error {
    /// The key of the row that was changed or deleted by somebody else, if this error [is that](Self::is_stale) and the row is one of
    /// this entity's. Of several the first.
    ///
    /// ```no_run
    /// # use persist_runtime::{Entity, Error};
    /// # fn example<E: Entity>(error: &Error) where E::Key: std::fmt::Debug {
    /// if let Some(key) = error.stale_key::<E>() {
    ///     println!("somebody else was faster: {key:?}");
    /// }
    /// # }
    /// ```
    pub fn stale_key<E: Entity>(&self) -> Option<E::Key> {
        let cells = self.stale_keys().first().filter(|_| self.is_stale_row_of(E::model().table.shown))?;
        let cells: Vec<(Oid, &[u8])> = cells.iter().map(|(oid, value)| (*oid, &**value)).collect();
        E::Key::read(&cells).ok()
    }
}
