//! Who owns cards, and by what.

use std::collections::BTreeMap;
use std::fmt;

use crate::tables::{AREA, Cards, Columns, STATUS, Tables, VISITED, shown};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Board,
    Member,
    Folder,
    Area,
}

/// A relation: who owns, by which columns the cards refer, which of them become NULL, and which status they have.
#[derive(Debug)]
pub(crate) struct Relation {
    pub(crate) owner: Kind,
    pub(crate) columns: &'static [usize],
    pub(crate) null: &'static [usize],
    status: Option<i32>,
}

pub(crate) static RELATIONS: [Relation; 7] = [
    Relation { owner: Kind::Board, columns: &[0], null: &[], status: Some(0) },
    Relation { owner: Kind::Board, columns: &[0], null: &[], status: Some(1) },
    Relation { owner: Kind::Member, columns: &[1], null: &[1], status: None },
    Relation { owner: Kind::Member, columns: &[2], null: &[2], status: None },
    Relation { owner: Kind::Folder, columns: &[3, 4], null: &[4], status: None },
    Relation { owner: Kind::Area, columns: &[AREA], null: &[], status: None },
    Relation { owner: Kind::Area, columns: &[VISITED], null: &[VISITED], status: None },
];

/// The primary key of an owner.
pub(crate) type Key = (Kind, Vec<i32>);

/// The owners that there are.
pub(crate) fn keys() -> Vec<Key> {
    let ids = |kind| (1..=3).map(move |id| (kind, vec![id]));
    let folders = [[1, 1], [1, 2], [2, 1]].map(|key| (Kind::Folder, key.to_vec()));
    ids(Kind::Board).chain(ids(Kind::Member)).chain(folders).chain(ids(Kind::Area)).collect()
}

/// What cards refer to that belong to an owner: its key, or its code.
pub(crate) fn reference((kind, key): &Key, tables: &Tables) -> Vec<i32> {
    match kind {
        Kind::Area => tables.codes.get(&key[0]).copied().into_iter().collect(),
        Kind::Board | Kind::Member | Kind::Folder => key.clone(),
    }
}

/// A struct that owns cards.
#[derive(Clone)]
pub(crate) struct Owner {
    pub(crate) key: Key,
    /// What its cards referred to when it was read.
    pub(crate) was: Vec<i32>,
    /// What they are to refer to.
    pub(crate) refers: Vec<i32>,
    /// The cards of each of its relations, by the place of the relation.
    pub(crate) lists: BTreeMap<usize, Vec<(i32, Columns)>>,
    /// Was it read by another session?
    pub(crate) is_detached: bool,
}

impl Owner {
    pub(crate) fn new(key: Key, tables: &Tables, is_detached: bool) -> Self {
        let was = reference(&key, tables);
        let list = |place| (place, members(place, &was, &tables.cards));
        let lists = relations(key.0).into_iter().map(list).collect();
        Owner { refers: was.clone(), was, key, lists, is_detached }
    }

    pub(crate) fn id(&self) -> i32 {
        self.key.1[0]
    }

    /// The places of its relations.
    pub(crate) fn relations(&self) -> Vec<usize> {
        relations(self.key.0)
    }
}

fn relations(kind: Kind) -> Vec<usize> {
    (0..RELATIONS.len()).filter(|place| RELATIONS[*place].owner == kind).collect()
}

/// The cards that a relation shows of an owner.
pub(crate) fn members(place: usize, reference: &[i32], cards: &Cards) -> Vec<(i32, Columns)> {
    let relation = &RELATIONS[place];
    let belongs = |columns: &Columns| {
        belongs(columns, relation, reference)
            && relation.status.is_none_or(|status| columns[STATUS] == Some(status))
    };
    cards.iter().filter(|(_, columns)| belongs(columns)).map(|(id, columns)| (*id, *columns)).collect()
}

/// Does a card refer to an owner by this relation?
pub(crate) fn belongs(columns: &Columns, relation: &Relation, reference: &[i32]) -> bool {
    relation.columns.iter().map(|column| columns[*column]).eq(reference.iter().map(|cell| Some(*cell)))
}

impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let read = if self.is_detached { "read elsewhere" } else { "" };
        write!(f, "{:?} {read}", self.key)?;
        if self.key.0 == Kind::Area {
            write!(f, " {:?} > {:?}", self.was, self.refers)?;
        }
        for (place, list) in &self.lists {
            write!(f, "\n    list {place}:")?;
            list.iter().try_for_each(|(id, columns)| write!(f, " {}", shown((id, columns))))?;
        }
        Ok(())
    }
}
