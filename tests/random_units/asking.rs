//! What is asked of a unit of work, after some changes of the structs.

use crate::asked::Asked;
use crate::owner::{Key, Kind, Owner, RELATIONS};
use crate::tables::{Columns, MAIL, NAME, STATUS, TITLE, Tables};
use crate::unit::Unit;

/// A place in the lists of owners: the owner, the relation, and the card.
type Place = (usize, usize, usize);

impl Unit<'_> {
    pub(crate) fn ask(&mut self, before: &Tables, read: &[Owner]) -> Asked {
        let mut owners = read.to_vec();
        let mut asked = Asked::default();
        for _ in 0..1 + self.random.below(5) {
            match self.random.below(11) {
                0 | 1 => self.put_elsewhere(&mut owners),
                2 => drop(self.taken_out(&mut owners)),
                3 => self.change_one(&mut owners),
                4 => self.put_in_new(&mut owners, before),
                5 | 10 => self.save_by_itself(&mut asked, &owners, before),
                6 => self.delete_by_itself(&mut asked, before),
                7 => self.rename_one(&mut owners),
                8 => self.exchange_words(&mut owners),
                _ => self.exchange_words_by_themselves(&mut asked, before),
            }
        }
        asked.cards.retain(|id, _| !asked.deleted_cards.contains_key(id));
        for owner in owners {
            match self.random.below(12) {
                0 => asked.deleted.push(owner),
                1..8 => {
                    if self.random.once_in(4) {
                        asked.replacing.insert(owner.key.clone());
                    }
                    asked.saved.push(owner);
                }
                _ => {}
            }
        }
        asked
    }

    /// Some list of some owner.
    fn list(&mut self, owners: &[Owner]) -> (usize, usize) {
        let owner = self.random.below(owners.len());
        (owner, *self.random.of(&owners[owner].relations()))
    }

    /// Some card in a list; there may be none in the one that is looked at.
    fn place(&mut self, owners: &[Owner]) -> Option<Place> {
        let (owner, relation) = self.list(owners);
        let cards = owners[owner].lists[&relation].len();
        (cards > 0).then(|| (owner, relation, self.random.below(cards)))
    }

    fn taken_out(&mut self, owners: &mut [Owner]) -> Option<(i32, Columns)> {
        let (owner, relation, at) = self.place(owners)?;
        Some(owners[owner].lists.get_mut(&relation)?.remove(at))
    }

    /// From one list to another, of the same owner or not, by the same key or not.
    fn put_elsewhere(&mut self, owners: &mut [Owner]) {
        let Some(card) = self.taken_out(owners) else { return };
        let list = self.list(owners);
        put(owners, list, card);
    }

    fn change_one(&mut self, owners: &mut [Owner]) {
        let Some(place) = self.place(owners) else { return };
        let columns = columns_at(owners, place);
        columns[TITLE] = Some(self.random.below(1_000) as i32);
        match self.random.below(3) {
            0 => columns[STATUS] = Some(self.random.below(2) as i32),
            1 => columns[NAME] = self.in_some_case(columns[NAME]),
            _ => {}
        }
    }

    /// A new one, maybe in two lists, maybe with a word of another, which is taken out or not.
    fn put_in_new(&mut self, owners: &mut [Owner], before: &Tables) {
        let other = match self.random.below(8) {
            0 => self.card(before),
            1..4 => self.taken_out(owners),
            _ => None,
        };
        let (id, mut columns) = self.new_card(&references(owners));
        if let Some((_, other)) = other {
            let word = *self.random.of(&[NAME, MAIL]);
            columns[word] = self.in_some_case(other[word]);
        }
        for _ in 0..1 + self.random.below(2) {
            let list = self.list(owners);
            put(owners, list, (id, columns));
        }
    }

    /// A card refers to another owner by its own columns.
    fn save_by_itself(&mut self, asked: &mut Asked, owners: &[Owner], before: &Tables) {
        let Some((id, mut columns)) = self.card(before) else { return };
        let relation = &RELATIONS[self.random.below(RELATIONS.len())];
        let mut references = references(owners);
        if relation.owner == Kind::Area && self.random.once_in(3) {
            references = vec![(Kind::Area, vec![self.new_area(asked, owners)])];
        }
        self.refer(&mut columns, relation, &references);
        asked.cards.entry(id).or_insert(columns);
    }

    fn delete_by_itself(&mut self, asked: &mut Asked, before: &Tables) {
        let Some((id, columns)) = self.card(before) else { return };
        if self.random.once_in(3) && !asked.cards.contains_key(&id) {
            asked.deleted_cards.insert(id, columns);
        }
    }

    /// An area gets a code of its own, or one that another area has, or had.
    fn rename_one(&mut self, owners: &mut [Owner]) {
        let areas: Vec<usize> = (0..owners.len()).filter(|at| owners[*at].key.0 == Kind::Area).collect();
        let [one, other] = [0, 1].map(|_| *self.random.of(&areas));
        owners[one].refers = match self.random.below(5) {
            0 => owners[other].was.clone(),
            _ => vec![self.fresh()],
        };
    }

    /// A new area with a code of its own, or one that another area has, or had.
    fn new_area(&mut self, asked: &mut Asked, owners: &[Owner]) -> i32 {
        let areas: Vec<&Owner> = owners.iter().filter(|owner| owner.key.0 == Kind::Area).collect();
        let other = self.random.of(&areas).was[0];
        let code = if self.random.once_in(5) { other } else { self.fresh() };
        asked.new_areas.insert(self.fresh(), code);
        code
    }

    /// Two cards in lists exchange a word, or the second keeps its own.
    fn exchange_words(&mut self, owners: &mut [Owner]) {
        let (Some(one), Some(other)) = (self.place(owners), self.place(owners)) else { return };
        let word = *self.random.of(&[NAME, MAIL]);
        let [first, second] = [one, other].map(|place| columns_at(owners, place)[word]);
        columns_at(owners, one)[word] = self.in_some_case(second);
        if !self.random.once_in(8) {
            columns_at(owners, other)[word] = self.in_some_case(first);
        }
    }

    /// The same for cards that are saved by themselves.
    fn exchange_words_by_themselves(&mut self, asked: &mut Asked, before: &Tables) {
        let (Some(one), Some(other)) = (self.card(before), self.card(before)) else { return };
        let word = *self.random.of(&[NAME, MAIL]);
        for ((id, columns), (_, taken)) in [(one, other), (other, one)] {
            asked.cards.entry(id).or_insert(columns)[word] = self.in_some_case(taken[word]);
        }
    }

    fn card(&mut self, before: &Tables) -> Option<(i32, Columns)> {
        let cards: Vec<(i32, Columns)> = before.cards.iter().map(|(id, columns)| (*id, *columns)).collect();
        (!cards.is_empty()).then(|| *self.random.of(&cards))
    }
}

fn columns_at(owners: &mut [Owner], (owner, relation, at): Place) -> &mut Columns {
    &mut owners[owner].lists.get_mut(&relation).expect("it has this relation")[at].1
}

/// A list holds each card once.
fn put(owners: &mut [Owner], (owner, relation): (usize, usize), card: (i32, Columns)) {
    let list = owners[owner].lists.get_mut(&relation).expect("it has this relation");
    if list.iter().all(|(id, _)| *id != card.0) {
        list.push(card);
    }
}

/// What cards can refer to: afterwards, and maybe what that was before.
fn references(owners: &[Owner]) -> Vec<Key> {
    let now = owners.iter().map(|owner| (owner.key.0, owner.refers.clone()));
    let renamed = owners.iter().filter(|owner| owner.was != owner.refers);
    now.chain(renamed.map(|owner| (owner.key.0, owner.was.clone()))).collect()
}
