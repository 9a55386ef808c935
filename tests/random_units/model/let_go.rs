//! Cards that belong to somebody no more.

use std::collections::BTreeSet;

use super::Refusal;
use super::known::Known;
use super::written::{Holders, Written};
use crate::asked::Asked;
use crate::owner::{Owner, RELATIONS, Relation, belongs, reference};
use crate::tables::Columns;

#[derive(Default)]
pub(super) struct LetGo {
    /// The cards that are deleted, whether somebody has let go of them or not.
    pub(super) deleted: BTreeSet<i32>,
    /// Those that lose a key.
    pub(super) released: Vec<(i32, &'static Relation)>,
    /// By which keys they must still belong to whom they belonged.
    guards: Vec<(i32, &'static Relation)>,
}

impl LetGo {
    pub(super) fn new(asked: &Asked, known: &Known<'_>, holders: &Holders, written: &Written) -> Self {
        let mut gone = LetGo { deleted: asked.deleted_cards.keys().copied().collect(), ..LetGo::default() };
        for owner in asked.saved.iter().filter(|owner| asked.lets_go(owner)) {
            for (place, list) in &owner.lists {
                let relation = &RELATIONS[*place];
                let is_shown = |id: i32| list.iter().any(|(shown, _)| *shown == id);
                let is_missing = |id: &i32| {
                    !is_shown(*id)
                        && holders.of(*id, relation).is_none()
                        && !written.refers_anew(*id, relation)
                };
                known.list(owner, *place).into_iter().filter(is_missing).for_each(|id| {
                    gone.orphan(id, owner, relation, known);
                });
            }
        }
        for owner in &asked.deleted {
            for place in owner.relations() {
                let relation = &RELATIONS[place];
                let stays = |id: &i32| {
                    holders.of(*id, relation).is_none_or(|holder| *holder == owner.key)
                        && !written.leaves(*id, relation, &known.reference(owner))
                };
                known.list(owner, place).into_iter().filter(stays).for_each(|id| {
                    gone.orphan(id, owner, relation, known);
                });
            }
        }
        gone
    }

    /// A card that has been read again since, and refers to another owner, belongs to that one.
    fn orphan(&mut self, id: i32, owner: &Owner, relation: &'static Relation, known: &Known<'_>) {
        let reference = known.reference(owner);
        if !known.cards.get(&id).is_some_and(|row| belongs(row, relation, &reference)) {
            return;
        }
        self.guards.push((id, relation));
        if relation.null.is_empty() {
            self.deleted.insert(id);
        } else {
            self.released.push((id, relation));
        }
    }

    /// A card that was let go must still belong to whom it belonged; one that is deleted, to one of those with whom it
    /// goes, unless it goes by its name. Answers why the flush has to fail, and why it may.
    pub(super) fn moved(&self, asked: &Asked, known: &Known<'_>) -> [Option<Refusal>; 2] {
        let (mut has_moved, mut may_have_moved) = (false, false);
        for id in self.guards.iter().map(|(id, _)| *id).collect::<BTreeSet<i32>>() {
            let rows = known.cards.get(&id).zip(known.now.cards.get(&id));
            let has_left = |relation: &Relation| {
                rows.is_none_or(|(then, now)| relation.columns.iter().any(|at| then[*at] != now[*at]))
            };
            let goes = self.deleted.contains(&id);
            let guards = self
                .guards
                .iter()
                .filter(|(guarded, relation)| *guarded == id && relation.null.is_empty() == goes);
            let left: Vec<bool> = guards.map(|(_, relation)| has_left(relation)).collect();
            let has_left = match goes {
                true => !left.is_empty() && !left.contains(&false),
                false => left.contains(&true),
            };
            has_moved |= rows.is_none() || has_left && !asked.deleted_cards.contains_key(&id);
            may_have_moved |= left.contains(&true);
        }
        [has_moved, may_have_moved].map(|moved| moved.then_some(Refusal::Stale))
    }
}

/// Has another session moved a card to an owner that is deleted? Owners may be deleted before the card leaves again.
pub(super) fn moved_to_deleted(asked: &Asked, known: &Known<'_>) -> bool {
    let is_deleted = |columns: &Columns, relation: &Relation| {
        let mut owners = asked.deleted.iter().filter(|owner| owner.key.0 == relation.owner);
        owners.any(|owner| belongs(columns, relation, &reference(&owner.key, known.now)))
    };
    known.now.cards.iter().any(|(id, columns)| {
        let has_moved = |relation: &Relation| {
            let then = known.cards.get(id);
            then.is_none_or(|then| relation.columns.iter().any(|at| then[*at] != columns[*at]))
        };
        RELATIONS.iter().any(|relation| has_moved(relation) && is_deleted(columns, relation))
    })
}
