//! What a unit of work makes of the structs that were read in it.

use std::sync::PoisonError;

use crate::error::Error;
use crate::load::shape::Shape;
use crate::session::link::Session;
use crate::write::identity::RowKey;
use crate::write::identity_map::{IdentityMap, Stir};
use crate::write::saved_row::SavedRows;

/// Why a struct was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// To be shown: what was read before is shown again.
    Again,
    /// To see what became of it.
    Anew,
    /// Because it was written at once: whatever else was read may differ now.
    ReadBack,
    /// For the last time: it was deleted at once.
    Gone,
}

/// Remembers structs that were read. One that was read before becomes what it was then, unless something was
/// written since.
pub(crate) fn remember<V: Shape>(
    session: &Session<'_>,
    found: &mut [V],
    reading: Reading,
) -> Result<(), Error> {
    let Some(identity_map) = IdentityMap::of(session) else { return Ok(()) };
    let lock = || identity_map.lock().unwrap_or_else(PoisonError::into_inner);
    if matches!(reading, Reading::ReadBack | Reading::Gone) {
        lock().drop_copies();
    }
    let mut walker = SavedRows::default();
    for value in found {
        // The user's encoders and `Clone` run before the lock, but for the copy of a struct: that only reads
        // what is remembered.
        let nodes = walker.walk(|walker| value.walk(walker))?;
        let Some(root) = nodes.first().map(RowKey::of) else { continue };
        if reading == Reading::Gone {
            let mut identity_map = lock();
            nodes.first().into_iter().for_each(|row| identity_map.stir(row.model.table, Stir::Went));
            identity_map.bury(root);
            continue;
        }
        let copy = value.copy();
        let mut identity_map = lock();
        if reading == Reading::Again
            && identity_map.differs(&nodes)
            && let Some(before) = identity_map.copy(&root, V::copy)
        {
            *value = before;
            continue;
        }
        identity_map.learn(&nodes);
        if reading == Reading::ReadBack {
            identity_map.advance_others(&nodes);
            nodes.iter().for_each(|row| identity_map.stir(row.model.table, Stir::Moved));
        }
        if let Some(copy) = copy {
            identity_map.keep_copy(root, copy);
        }
    }
    Ok(())
}
