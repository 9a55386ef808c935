//! What is asked of a unit of work.

use std::collections::{BTreeMap, BTreeSet};

use crate::owner::{Key, Owner};
use crate::tables::{Cards, Columns};

#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) saved: Vec<Owner>,
    /// Those of them that replace what is stored.
    pub(crate) replacing: BTreeSet<Key>,
    pub(crate) deleted: Vec<Owner>,
    /// Cards that are saved by themselves.
    pub(crate) cards: Cards,
    /// Cards that are deleted by themselves, as they were read.
    pub(crate) deleted_cards: Cards,
    /// New areas with their codes.
    pub(crate) new_areas: BTreeMap<i32, i32>,
}

/// A copy of a card that is saved: where it is held, if it is, its key, and its columns.
pub(crate) struct Copy<'a> {
    pub(crate) holder: Option<(&'a Owner, usize)>,
    pub(crate) id: i32,
    pub(crate) columns: &'a Columns,
}

impl Asked {
    /// The copies of cards that are not deleted by themselves.
    pub(crate) fn copies(&self) -> impl Iterator<Item = Copy<'_>> {
        let held = self.saved.iter().flat_map(|owner| {
            let lists = owner.lists.iter();
            let copy = move |place, (id, columns)| Copy { holder: Some((owner, place)), id, columns };
            lists.flat_map(move |(place, list)| {
                list.iter().map(move |(id, columns)| copy(*place, (*id, columns)))
            })
        });
        let alone = self.cards.iter().map(|(id, columns)| Copy { holder: None, id: *id, columns });
        held.chain(alone).filter(|copy| !self.deleted_cards.contains_key(&copy.id))
    }

    /// Does a saved struct say what is not in it, too?
    pub(crate) fn lets_go(&self, owner: &Owner) -> bool {
        !owner.is_detached || self.replacing.contains(&owner.key)
    }
}
