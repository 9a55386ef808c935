//! What is known when the flush compares.

use std::collections::BTreeSet;

use super::{Refusal, Refusals};
use crate::asked::Asked;
use crate::owner::{Owner, members, reference};
use crate::tables::{Cards, Tables};

pub(super) struct Known<'k> {
    /// The cards that the unit of work has read.
    pub(super) cards: Cards,
    before: &'k Tables,
    pub(super) now: &'k Tables,
}

impl<'k> Known<'k> {
    /// What was read elsewhere is read again before it is compared, and so is what was not read at all.
    pub(super) fn new(
        asked: &Asked,
        before: &'k Tables,
        now: &'k Tables,
        read: &[Owner],
        refusals: &mut Refusals,
    ) -> Self {
        let mut known = Known { cards: Cards::new(), before, now };
        for owner in read.iter().filter(|owner| !owner.is_detached) {
            known.cards.extend(owner.lists.values().flatten().copied());
        }
        for owner in asked.saved.iter().chain(&asked.deleted).filter(|owner| owner.is_detached) {
            for place in owner.relations() {
                known.cards.extend(members(place, &known.reference(owner), &now.cards));
            }
        }
        for id in asked.cards.keys() {
            match now.cards.get(id) {
                _ if known.cards.contains_key(id) => {}
                Some(columns) => drop(known.cards.insert(*id, *columns)),
                None => drop(refusals.insert(Refusal::Stale)),
            }
        }
        known
    }

    fn tables(&self, owner: &Owner) -> &'k Tables {
        if owner.is_detached { self.now } else { self.before }
    }

    /// What cards refer to that belong to an owner, as far as it is known.
    pub(super) fn reference(&self, owner: &Owner) -> Vec<i32> {
        reference(&owner.key, self.tables(owner))
    }

    /// The cards that an owner showed in a relation.
    pub(super) fn list(&self, owner: &Owner, place: usize) -> BTreeSet<i32> {
        let members = members(place, &self.reference(owner), &self.tables(owner).cards);
        members.into_iter().map(|(id, _)| id).collect()
    }
}
