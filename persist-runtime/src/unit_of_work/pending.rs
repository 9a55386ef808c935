//! What a unit of work keeps until it is flushed.

use std::collections::BTreeSet;
use std::collections::hash_map::Entry;

use futures_util::future::BoxFuture;

use crate::error::Error;
use crate::outbox::event::Published;
use crate::query::predicate::Predicate;
use crate::session::link::Session;
use crate::table::facts::Table;
use crate::value::row_key::{KeyMap, KeySet};
use crate::write::encoded_row::EncodedRow;
use crate::write::identity::RowKey;
use crate::write::new_row::{NewLink, NewRow, NewRowList, NewRows};
use crate::write::queued::Queued;
use crate::write::saved_row::{SavedRow, SavedRows};

/// Rows to be written, in the order in which they were given to the unit of work.
#[derive(Default)]
pub(crate) struct Pending {
    pub(crate) inserted: NewRowList,
    pub(crate) upserted: Vec<NewRow>,
    pub(crate) saved: Vec<Saved>,
    /// The place among them of each row in each struct, which its model stands for: several structs may be over one
    /// table.
    saved_at: KeyMap<(RowKey, usize), usize>,
    pub(crate) deleted: Vec<Deleted>,
    pub(crate) removed: Vec<Removal>,
    /// Changes that are sent after all else, in their order.
    pub(crate) queued: Vec<Queued>,
    pub(crate) published: Vec<Published>,
    /// Rows to which others come to refer by other columns than their keys, with what they have there now; nothing for those
    /// that are gone.
    pub(crate) named: KeyMap<RowKey, Option<EncodedRow>>,
    /// Shows the rows of structs, one struct after another.
    pub(crate) walker: SavedRows,
}

/// A struct whose changes are to be written.
pub(crate) struct Saved {
    /// Its rows, the struct's own first.
    pub(crate) nodes: Vec<SavedRow>,
    pub(crate) reload: Reload,
    /// How many structs were to be deleted when it was saved.
    pub(crate) deleted_before: usize,
    /// Was it read elsewhere? Then what it holds of other aggregates is not written.
    pub(crate) is_detached: bool,
    pub(crate) intent: Intent,
    /// The rows of it that are there, although this unit of work has not read them. Most structs have none.
    present: Option<Box<KeySet<RowKey>>>,
    /// If it was asked which rows below those of other aggregates are stored as it shows them: their places.
    stored: Option<BTreeSet<usize>>,
}

/// What is to become of what is stored.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Intent {
    /// What differs is written; nothing is taken out of a struct that was read elsewhere.
    Save,
    /// It becomes equal to the struct, also where that was read elsewhere.
    Replace,
    /// The same as `Save`, and what is not there is inserted.
    Merge,
}

/// A struct that is to be deleted.
pub(crate) struct Deleted {
    /// Its rows, the struct's own first.
    pub(crate) nodes: Vec<SavedRow>,
    pub(crate) reload: Reload,
    /// How many rows had been inserted when its deletion was asked for.
    pub(crate) inserted_before: usize,
}

/// Reads structs of one type by their keys, so that they are remembered.
pub(crate) type Reload = for<'s> fn(Session<'s>, Vec<EncodedRow>) -> BoxFuture<'s, Result<(), Error>>;

/// All rows of a table for which a condition holds are to be deleted.
pub(crate) struct Removal {
    pub(crate) table: &'static Table,
    pub(crate) condition: Predicate,
}

impl Saved {
    /// May rows and links be missing in it only because it never showed them?
    pub(crate) fn is_partial(&self) -> bool {
        self.is_detached && self.intent != Intent::Replace
    }

    /// A row of it is there, although this unit of work has not read it.
    pub(crate) fn note_present(&mut self, row: RowKey) {
        self.present.get_or_insert_default().insert(row);
    }

    pub(crate) fn has_present(&self, row: &RowKey) -> bool {
        self.present.as_ref().is_some_and(|present| present.contains(row))
    }

    /// It is asked which rows below those of other aggregates are stored.
    pub(crate) fn ask_stored(&mut self) {
        self.stored = Some(BTreeSet::new());
    }

    /// The row at this place is stored, with the one above it.
    pub(crate) fn note_stored(&mut self, place: usize) {
        self.stored.get_or_insert_default().insert(place);
    }

    /// Was it asked whether the row at this place is stored, and is it not?
    pub(crate) fn has_lost(&self, place: usize) -> bool {
        self.stored.as_ref().is_some_and(|stored| !stored.contains(&place))
    }
}

impl Pending {
    pub(crate) fn is_empty(&self) -> bool {
        let Pending {
            inserted,
            upserted,
            saved,
            saved_at: _,
            deleted,
            removed,
            queued,
            published,
            named: _,
            walker: _,
        } = self;
        inserted.new_rows.is_empty()
            && upserted.is_empty()
            && saved.is_empty()
            && deleted.is_empty()
            && removed.is_empty()
            && queued.is_empty()
            && published.is_empty()
    }

    /// Keeps a struct; what was kept of it before is out of date.
    pub(crate) fn save(&mut self, nodes: Vec<SavedRow>, reload: Reload, intent: Intent) {
        let deleted_before = self.deleted.len();
        self.keep(Saved {
            nodes,
            reload,
            deleted_before,
            is_detached: false,
            intent,
            present: None,
            stored: None,
        });
    }

    fn keep(&mut self, saved: Saved) {
        let Some(root) = saved.nodes.first() else { return };
        let key = RowKey::of(root);
        // Each of several new ones whose keys the database will make is a row of its own.
        if root.model.makes_key() && key.is_blank() {
            return self.saved.push(saved);
        }
        match self.saved_at.entry((key, std::ptr::from_ref(root.model).addr())) {
            Entry::Occupied(place) => self.saved[*place.get()] = saved,
            Entry::Vacant(place) => {
                place.insert(self.saved.len());
                self.saved.push(saved);
            }
        }
    }

    /// Keeps a struct that is to be deleted.
    pub(crate) fn delete(&mut self, nodes: Vec<SavedRow>, reload: Reload) {
        self.deleted.push(Deleted { nodes, reload, inserted_before: self.inserted.keys.len() });
    }

    /// Keeps a row that is inserted or changed.
    pub(crate) fn upsert(&mut self, new_row: impl FnOnce(&mut NewRows<'_>)) -> Result<(), Error> {
        self.inserted.add_if(new_row, can_be_upserted)?;
        self.upserted.extend(self.inserted.new_rows.pop());
        Ok(())
    }

    /// Takes all that waits. The keys of rows that were inserted stay, because handles stand for them.
    pub(crate) fn take(&mut self) -> Pending {
        let mut taken = std::mem::take(self);
        self.inserted.unit = taken.inserted.unit;
        self.inserted.keys = std::mem::take(&mut taken.inserted.keys);
        self.inserted.models = std::mem::take(&mut taken.inserted.models);
        for new_row in &mut taken.inserted.new_rows {
            new_row.resolve(&self.inserted.keys);
        }
        taken
    }

    /// Puts back what was taken and not sent, in front of what was given since.
    pub(crate) fn put_back(&mut self, taken: Pending) {
        fn in_front<T>(taken: Vec<T>, since: &mut Vec<T>) {
            let later = std::mem::replace(since, taken);
            since.extend(later);
        }
        in_front(taken.inserted.new_rows, &mut self.inserted.new_rows);
        in_front(taken.inserted.links, &mut self.inserted.links);
        in_front(taken.upserted, &mut self.upserted);
        self.saved_at.clear();
        let mut since = std::mem::take(&mut self.saved);
        since.iter_mut().for_each(|saved| saved.deleted_before += taken.deleted.len());
        taken.saved.into_iter().chain(since).for_each(|saved| self.keep(saved));
        in_front(taken.deleted, &mut self.deleted);
        in_front(taken.removed, &mut self.removed);
        in_front(taken.queued, &mut self.queued);
        in_front(taken.published, &mut self.published);
    }
}

fn can_be_upserted(rows: &[NewRow], links: &[NewLink]) -> Result<(), Error> {
    match rows {
        [row] if links.is_empty() && row.model.upsert.is_none() => Err(Error::invalid(format!(
            "`{}` has no upsert: its primary key is DEFERRABLE, or always made by the database",
            row.model.table.shown
        ))),
        [_] if links.is_empty() => Ok(()),
        _ => Err(Error::invalid(
            "a row that is inserted or changed cannot have others nested in it, nor links: `insert` or `save` it",
        )),
    }
}
