//! Compares what is to be saved with what is known.

mod added;
mod fresh;
mod gone;
mod index;
pub(super) mod links;
mod lost;
mod named;
mod new_rows;
mod result;
pub(super) mod saved;

use crate::error::Error;
use crate::table::shape::Relation;
use crate::unit_of_work::changes::{Changes, contradiction};
use crate::unit_of_work::diff::fresh::Fresh;
use crate::unit_of_work::diff::index::Index;
use crate::unit_of_work::diff::result::{Changed, Growing};
use crate::unit_of_work::pending::{Intent, Pending, Saved};
use crate::value::row_key::{KeyMap, KeySet};
use crate::write::encoded_row::EncodedRow;
use crate::write::identity::RowKey;
use crate::write::identity_map::IdentityMap;

/// The changes that bring the database to what was asked for. Where nothing follows, no snapshots are kept.
pub(crate) fn diff(
    pending: &Pending,
    saved: &[&Saved],
    identity_map: &IdentityMap,
    keeps_snapshots: bool,
) -> Result<Changes, Error> {
    let mut index = Index::new(pending, identity_map);
    let kept = kept(saved, &index)?;
    let fresh = Fresh::new(pending)?;
    let roots = kept.iter().map(|saved| RowKey::of(&saved.nodes[0]));
    fresh.refuse_saved(roots.filter(|key| identity_map.get(key).is_none()))?;
    fresh.refuse_deleted(&pending.deleted)?;
    index.own(&kept)?;
    let (growing, members) = (Growing::new(kept.len()), KeyMap::default());
    let (renewed, linked_new, unwritten) = (KeyMap::default(), Vec::new(), Vec::new());
    let mut differ = Differ {
        index: &index,
        keeps_snapshots,
        saved: None,
        growing,
        members,
        renewed,
        linked_new,
        unwritten,
    };
    differ.new_rows(pending)?;
    let mut changed = vec![Changed::Nothing; kept.len()];
    for (saved, changed) in kept.iter().zip(&mut changed) {
        differ.saved = Some(saved);
        *changed = differ.save(&saved.nodes)?;
    }
    // Whether a row has moved or is missing shows once all structs are known.
    for (saved, changed) in kept.iter().zip(&mut changed).filter(|(saved, _)| !saved.is_partial()) {
        if differ.miss(&saved.nodes)? && *changed == Changed::Nothing {
            *changed = Changed::Below;
        }
    }
    for deleted in &pending.deleted {
        differ.delete(&deleted.nodes)?;
    }
    differ.refuse_lost()?;
    let buried = differ.growing.changes.buried.iter();
    fresh.refuse_gone(buried.filter(|key| index.doomed(key).is_none()))?;
    for (saved, _) in kept.iter().zip(changed).filter(|(_, changed)| *changed == Changed::Below) {
        differ.count_up(&saved.nodes)?;
    }
    fresh.refuse_saved(differ.growing.inserted.keys())?;
    Fresh::refuse_below(&differ.growing.changes)?;
    let changes = differ.growing.finish(keeps_snapshots.then_some(identity_map));
    fresh.refuse_saved(changes.updates.iter().map(|update| &update.key))?;
    Ok(changes)
}

/// The structs that are saved and not deleted afterwards.
fn kept<'s>(saved: &[&'s Saved], index: &Index<'_>) -> Result<Vec<&'s Saved>, Error> {
    let mut kept = Vec::with_capacity(saved.len());
    for saved in saved {
        let Some(root) = saved.nodes.first() else { continue };
        match index.doomed(&RowKey::of(root)) {
            None => kept.push(*saved),
            Some(place) if place < saved.deleted_before => {
                return Err(contradiction(root.model.table, "deleted and then saved"));
            }
            Some(_) => {}
        }
    }
    Ok(kept)
}

/// A comparison: what it looks things up in, and what it comes to.
struct Differ<'i, 'p> {
    index: &'i Index<'p>,
    keeps_snapshots: bool,
    /// The struct that is looked at.
    saved: Option<&'i Saved>,
    growing: Growing,
    /// The rows that belonged to rows before, as far as that was asked.
    members: KeyMap<RowKey, Vec<(Relation, KeySet<RowKey>)>>,
    /// Rows that get other values of their foreign keys than their structs show.
    renewed: KeyMap<RowKey, EncodedRow>,
    /// Of the struct that is looked at: the places of rows that are inserted because links lead to them, and their
    /// numbers where the database will make their keys.
    linked_new: Vec<(usize, u32)>,
    /// Rows of other aggregates that are not written, each with the struct that shows it, and its place there.
    unwritten: Vec<(&'i Saved, usize)>,
}

impl Differ<'_, '_> {
    /// Was the struct that is looked at read elsewhere?
    fn is_detached(&self) -> bool {
        self.saved.is_some_and(|saved| saved.is_detached)
    }

    /// May something be missing in it that is there?
    fn is_partial(&self) -> bool {
        self.saved.is_some_and(Saved::is_partial)
    }

    /// Is what is not there to be inserted?
    fn merges(&self) -> bool {
        self.saved.is_some_and(|saved| saved.intent == Intent::Merge)
    }

    /// Is a row there that this unit of work has not read?
    fn is_present(&self, key: &RowKey) -> bool {
        self.saved.is_some_and(|saved| saved.has_present(key))
    }
}
