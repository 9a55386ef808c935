//! What a unit of work makes of the structs that were read in it.

use std::sync::PoisonError;

use crate::error::Error;
use crate::load::shape::Shape;
use crate::session::link::Session;
use crate::write::identity::RowKey;
use crate::write::identity_map::{IdentityMap, Stir};
use crate::write::saved_row::{SavedRow, SavedRows};

/// Why a struct was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// To be shown: what was read before is shown again.
    Again,
    /// To see what became of it.
    Anew,
    /// Because it was written at once: whatever else was read may differ now.
    ReadBack,
    /// The same, and it was written only because its version was the one that was known.
    Checked,
    /// The same, by the statement that has read it: rows of others that it shows by a join may differ by now.
    Returned,
    /// For the last time: it was deleted at once.
    Gone,
}

impl Reading {
    /// Was something written at once?
    fn is_written(self) -> bool {
        matches!(self, Reading::ReadBack | Reading::Checked | Reading::Returned | Reading::Gone)
    }
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
    if reading.is_written() {
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
        match reading {
            Reading::Returned => identity_map.learn_some(&nodes, &own(&nodes)),
            _ => identity_map.learn(&nodes),
        }
        if reading == Reading::Checked {
            identity_map.advance_others(&nodes);
        }
        if reading.is_written() {
            nodes.iter().for_each(|row| identity_map.stir(row.model.table, Stir::Moved));
        }
        if let Some(copy) = copy {
            identity_map.keep_copy(root, copy);
        }
    }
    Ok(())
}

/// The places of the rows of a struct that are not those of another aggregate, to which `belongs_to` leads.
fn own(rows: &[SavedRow]) -> Vec<usize> {
    let (mut own, mut open) = (Vec::new(), vec![0]);
    while let Some(place) = open.pop() {
        let Some(row) = rows.get(place) else { continue };
        let below = row.relations.iter().filter(|(relation, _)| !relation.is_of_others());
        open.extend(below.flat_map(|(_, places)| places));
        own.push(place);
    }
    own
}
