//! What is written in cards that stay, and cards that are new.

use std::collections::{BTreeMap, BTreeSet};

use super::known::Known;
use super::{Refusal, Refusals};
use crate::asked::{Asked, Copy};
use crate::owner::{Key, Kind, Owner, RELATIONS, Relation, reference};
use crate::tables::{Cards, Columns};

/// The owner that holds a card by a foreign key.
pub(super) struct Holders(BTreeMap<(i32, &'static [usize]), Key>);

impl Holders {
    pub(super) fn new(asked: &Asked, refusals: &mut Refusals) -> Self {
        let mut holders = BTreeMap::new();
        for copy in asked.copies() {
            let Some((owner, place)) = copy.holder else { continue };
            let by = (copy.id, RELATIONS[place].columns);
            if *holders.entry(by).or_insert_with(|| owner.key.clone()) != owner.key {
                refusals.insert(Refusal::HeldTwice);
            }
        }
        Holders(holders)
    }

    pub(super) fn of(&self, id: i32, relation: &Relation) -> Option<&Key> {
        self.0.get(&(id, relation.columns))
    }
}

#[derive(Default)]
pub(super) struct Written {
    /// The columns of known cards that change.
    pub(super) changed: BTreeMap<i32, BTreeMap<usize, Option<i32>>>,
    pub(super) new: Cards,
    /// Columns that a card says itself.
    own: BTreeSet<(i32, usize)>,
    /// Columns that its owners say.
    held: BTreeSet<(i32, usize)>,
}

impl Written {
    pub(super) fn new(asked: &Asked, known: &Known<'_>, refusals: &mut Refusals) -> Self {
        let mut written = Written::default();
        for copy in asked.copies() {
            match known.cards.get(&copy.id) {
                Some(row) => written.change(&copy, row, known, refusals),
                None if copy.holder.is_some() => written.add(&copy, known, refusals),
                // It was refused when it was read.
                None => {}
            }
        }
        written
    }

    /// A known card gets what a copy of it says otherwise.
    fn change(&mut self, copy: &Copy<'_>, row: &Columns, known: &Known<'_>, refusals: &mut Refusals) {
        for (column, then) in row.iter().enumerate() {
            let said = copy.said(column, known);
            let value = said.map_or(copy.columns[column], Some);
            if value == *then && !(said.is_some() && copy.comes(known)) {
                continue;
            }
            let set = if said.is_some() { &mut self.held } else { &mut self.own };
            set.insert((copy.id, column));
            let columns = self.changed.entry(copy.id).or_default();
            if *columns.entry(column).or_insert(value) != value {
                refusals.insert(Refusal::SavedTwice);
            }
        }
    }

    /// A new card is what its copies say together.
    fn add(&mut self, copy: &Copy<'_>, known: &Known<'_>, refusals: &mut Refusals) {
        let is_first = !self.new.contains_key(&copy.id);
        let card = self.new.entry(copy.id).or_insert(*copy.columns);
        for (column, cell) in card.iter_mut().enumerate() {
            let is_held = self.held.contains(&(copy.id, column));
            let is_same = match copy.said(column, known) {
                Some(key) if is_held => *cell == Some(key),
                Some(key) => {
                    *cell = Some(key);
                    true
                }
                None => is_first || is_held || *cell == copy.columns[column],
            };
            if !is_same {
                refusals.insert(Refusal::AddedTwice);
            }
        }
        let said = (0..copy.columns.len()).filter(|column| copy.said(*column, known).is_some());
        self.held.extend(said.map(|column| (copy.id, column)));
    }

    /// Has a card itself changed the columns by which it belonged to another?
    pub(super) fn refers_anew(&self, id: i32, relation: &Relation) -> bool {
        let is_its_own = |at: &usize| self.own.contains(&(id, *at)) && !self.held.contains(&(id, *at));
        relation.columns.iter().any(is_its_own)
    }

    /// Does a card refer to something else than this now?
    pub(super) fn leaves(&self, id: i32, relation: &Relation, reference: &[i32]) -> bool {
        let Some(changed) = self.changed.get(&id) else { return false };
        let mut columns = relation.columns.iter().zip(reference);
        columns.any(|(column, cell)| changed.get(column).is_some_and(|value| *value != Some(*cell)))
    }
}

impl Copy<'_> {
    /// What the owner says of a column.
    fn said(&self, column: usize, known: &Known<'_>) -> Option<i32> {
        let (owner, place) = self.holder?;
        let at = RELATIONS[place].columns.iter().position(|known| *known == column)?;
        let is_renamed = owner.refers != known.reference(owner);
        let refers = if self.comes(known) && !is_renamed {
            reference(&owner.key, known.now)
        } else {
            owner.refers.clone()
        };
        refers.get(at).copied()
    }

    /// Does the card come to an area, which has a code and did not show it before?
    fn comes(&self, known: &Known<'_>) -> bool {
        let is_new = |(owner, place): (&Owner, usize)| {
            owner.key.0 == Kind::Area && !known.list(owner, place).contains(&self.id)
        };
        self.holder.is_some_and(is_new)
    }
}
