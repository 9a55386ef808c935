//! What a unit of work keeps until it is flushed.

use futures_util::future::BoxFuture;

use crate::draft::{Draft, DraftList, Drafts, SlotKey};
use crate::error::Error;
use crate::image::Image;
use crate::memory::RowKey;
use crate::model::Model;
use crate::outbox::Published;
use crate::query::Predicate;
use crate::session::Session;
use crate::walk::Node;

/// Rows to be written, in the order in which they were told.
#[derive(Default)]
pub(crate) struct Pending {
    pub(crate) inserted: DraftList,
    pub(crate) upserted: Vec<Draft>,
    pub(crate) saved: Vec<Saved>,
    /// Structs to be deleted, each with the rows that it holds.
    pub(crate) deleted: Vec<Vec<Node>>,
    pub(crate) removed: Vec<Removal>,
    pub(crate) published: Vec<Published>,
}

/// A struct whose changes are to be written.
pub(crate) struct Saved {
    /// Its rows, the struct's own first.
    pub(crate) nodes: Vec<Node>,
    pub(crate) reload: Reload,
}

/// Reads structs of one type by their keys, so that they are remembered.
pub(crate) type Reload = for<'s> fn(Session<'s>, Vec<Image>) -> BoxFuture<'s, Result<(), Error>>;

/// All rows of a table for which a condition holds are to be deleted.
pub(crate) struct Removal {
    pub(crate) model: &'static Model,
    pub(crate) condition: Predicate,
}

impl Pending {
    pub(crate) fn is_empty(&self) -> bool {
        let Pending { inserted, upserted, saved, deleted, removed, published } = self;
        inserted.drafts.is_empty()
            && upserted.is_empty()
            && saved.is_empty()
            && deleted.is_empty()
            && removed.is_empty()
            && published.is_empty()
    }

    /// Keeps a struct; what was kept of it before is out of date.
    pub(crate) fn save(&mut self, saved: Saved) {
        let Some(root) = saved.nodes.first().map(RowKey::of) else { return };
        self.saved.retain(|before| before.nodes.first().map(RowKey::of).as_ref() != Some(&root));
        self.saved.push(saved);
    }

    /// Keeps a row that is inserted or changed; what was kept under its key before is out of date.
    pub(crate) fn upsert(&mut self, draft: impl FnOnce(&mut Drafts<'_>)) -> Result<(), Error> {
        let before = self.inserted.drafts.len();
        let slot = self.inserted.add(draft)?;
        let mut added = self.inserted.drafts.split_off(before);
        let Some(row) = added.pop() else { return Ok(()) };
        if !added.is_empty() {
            return Err(Error::invalid("a row that is inserted or changed cannot have others nested in it"));
        }
        if row.model.upsert.is_none() {
            return Err(Error::invalid(format!(
                "`{}` has no upsert: its primary key is DEFERRABLE, or always made by the database",
                row.model.table
            )));
        }
        let key = |number: u32| match self.inserted.keys.get(number as usize) {
            Some(SlotKey::Known(key)) => key.key(0..row.model.key.len()),
            Some(SlotKey::Made) | None => None,
        };
        let ours = key(slot.row);
        self.upserted.retain(|other| !std::ptr::eq(other.model, row.model) || key(other.number) != ours);
        self.upserted.push(row);
        Ok(())
    }

    /// Takes all that waits. The keys of rows that were inserted stay, because handles stand for them.
    pub(crate) fn take(&mut self) -> Pending {
        let mut taken = std::mem::take(self);
        self.inserted.unit = taken.inserted.unit;
        self.inserted.keys = std::mem::take(&mut taken.inserted.keys);
        taken
    }

    /// Puts back what was taken and not sent, in front of what was told since.
    pub(crate) fn put_back(&mut self, taken: Pending) {
        fn in_front<T>(taken: Vec<T>, since: &mut Vec<T>) {
            let later = std::mem::replace(since, taken);
            since.extend(later);
        }
        in_front(taken.inserted.drafts, &mut self.inserted.drafts);
        in_front(taken.inserted.links, &mut self.inserted.links);
        in_front(taken.upserted, &mut self.upserted);
        in_front(taken.saved, &mut self.saved);
        in_front(taken.deleted, &mut self.deleted);
        in_front(taken.removed, &mut self.removed);
        in_front(taken.published, &mut self.published);
    }
}
