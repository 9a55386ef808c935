//! The rows that are inserted: who refers to one of them comes after it.

use std::collections::HashMap;

use crate::table::model::{Model, Reference};
use crate::unit_of_work::changes::{Insertion, Update};
use crate::unit_of_work::grouped::distinct;
use crate::value::row_key::{KeySet, LinkKey};

/// The rows that are inserted, to be found by what foreign keys refer to.
pub(super) struct Arriving<'c> {
    inserts: &'c [Insertion],
    models: Vec<&'static Model>,
    keys: HashMap<*const Reference, Option<KeySet<LinkKey>>>,
}

impl<'c> Arriving<'c> {
    pub(super) fn new(inserts: &'c [Insertion]) -> Self {
        let models = distinct(inserts.iter().map(|row| row.model));
        Arriving { inserts, models, keys: HashMap::new() }
    }

    /// May the row that a foreign key of this one refers to be among them?
    pub(super) fn has(&mut self, reference: &'static Reference, update: &Update) -> bool {
        if !self.models.iter().any(|model| reference.is_to(model)) {
            return false;
        }
        let Some(key) = update.encoded.key(reference.columns.iter().copied()) else { return false };
        let inserts = self.inserts;
        let keys = self.keys.entry(reference).or_insert_with(|| arriving(reference, update.model, inserts));
        keys.as_ref().is_none_or(|keys| keys.contains(&key))
    }
}

/// What a foreign key of a struct can refer to in rows that are inserted; `None` where the database has to make something of it, or where
/// equal values may differ in their bytes.
fn arriving(reference: &Reference, ours: &Model, inserts: &[Insertion]) -> Option<KeySet<LinkKey>> {
    let rows = inserts.iter().filter(|row| reference.is_to(row.model));
    let key = |row: &Insertion| {
        let insert = &row.model.insert;
        let columns: Vec<usize> =
            reference.target.iter().map(|name| insert.position(name)).collect::<Option<_>>()?;
        let mut pairs = columns.iter().zip(reference.columns);
        let are_exact =
            pairs.all(|(theirs, at)| ours.writing.columns[*at].is_exactly(insert.columns[*theirs]));
        row.encoded.key(columns.into_iter()).filter(|_| are_exact && !row.model.writing.is_meddled)
    };
    rows.map(key).collect()
}
