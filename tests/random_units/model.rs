//! What should become of rows, by the rule: each foreign key of each row is decided for itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Board, Card, Folder, Member};

/// The columns of a card after its key.
pub(crate) type Columns = [Option<i32>; 7];

/// Columns by their places: the board, the owner, the reviewer, the tenant, the folder, the status, the title.
pub(crate) const STATUS: usize = 5;
pub(crate) const TITLE: usize = 6;

/// The cards that are stored.
pub(crate) type Cards = BTreeMap<i32, Columns>;

/// A relation: who owns, by which columns the cards refer, which of them become NULL, and which status they have.
#[derive(Debug)]
pub(crate) struct Relation {
    pub(crate) owner: Kind,
    pub(crate) columns: &'static [usize],
    null: &'static [usize],
    status: Option<i32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Board,
    Member,
    Folder,
}

pub(crate) static RELATIONS: [Relation; 5] = [
    Relation { owner: Kind::Board, columns: &[0], null: &[], status: Some(0) },
    Relation { owner: Kind::Board, columns: &[0], null: &[], status: Some(1) },
    Relation { owner: Kind::Member, columns: &[1], null: &[1], status: None },
    Relation { owner: Kind::Member, columns: &[2], null: &[2], status: None },
    Relation { owner: Kind::Folder, columns: &[3, 4], null: &[4], status: None },
];

/// A struct that owns cards.
#[derive(Clone)]
pub(crate) struct Owner {
    pub(crate) kind: Kind,
    pub(crate) key: Vec<i32>,
    /// The cards of each of its relations, by the place of the relation.
    pub(crate) lists: BTreeMap<usize, Vec<(i32, Columns)>>,
    /// Was it read by another session?
    pub(crate) is_detached: bool,
}

/// What is asked of a unit of work.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) saved: Vec<Owner>,
    /// Those of them that replace what is stored.
    pub(crate) replacing: BTreeSet<(Kind, Vec<i32>)>,
    pub(crate) deleted: Vec<Owner>,
    pub(crate) cards: Vec<(i32, Columns)>,
    pub(crate) deleted_cards: BTreeSet<i32>,
}

impl Owner {
    pub(crate) fn new(kind: Kind, key: Vec<i32>, cards: &Cards, is_detached: bool) -> Self {
        let mut owner = Owner { kind, key, lists: BTreeMap::new(), is_detached };
        for place in owner.relations() {
            owner.lists.insert(place, owner.members(place, cards));
        }
        owner
    }

    /// The places of its relations.
    pub(crate) fn relations(&self) -> Vec<usize> {
        (0..RELATIONS.len()).filter(|place| RELATIONS[*place].owner == self.kind).collect()
    }

    /// What is in one of its relations.
    fn members(&self, place: usize, cards: &Cards) -> Vec<(i32, Columns)> {
        let relation = &RELATIONS[place];
        let belongs = |columns: &Columns| {
            self.owns(relation, columns)
                && relation.status.is_none_or(|status| columns[STATUS] == Some(status))
        };
        cards.iter().filter(|(_, columns)| belongs(columns)).map(|(id, columns)| (*id, *columns)).collect()
    }

    fn owns(&self, relation: &Relation, columns: &Columns) -> bool {
        relation.columns.iter().zip(&self.key).all(|(column, key)| columns[*column] == Some(*key))
    }
}

/// What is known when the flush compares.
struct Known<'k> {
    /// The cards that the unit of work has read.
    cards: Cards,
    before: &'k Cards,
    now: &'k Cards,
}

impl Known<'_> {
    /// What an owner showed of a relation.
    fn list(&self, owner: &Owner, place: usize) -> BTreeSet<i32> {
        let cards = if owner.is_detached { self.now } else { self.before };
        owner.members(place, cards).into_iter().map(|(id, _)| id).collect()
    }
}

/// What is stored afterwards, or why the flush has to fail. `before` is what was read, `now` what another session
/// has made of it, `read` the owners that the unit of work has read, `owners` all keys of owners.
pub(crate) fn outcome(
    asked: &Asked,
    before: &Cards,
    now: &Cards,
    read: &[Owner],
    owners: &BTreeSet<(Kind, Vec<i32>)>,
) -> Result<Cards, &'static str> {
    let mut known = Known { cards: Cards::new(), before, now };
    for owner in read.iter().filter(|owner| !owner.is_detached) {
        for (id, columns) in owner.lists.values().flatten() {
            known.cards.insert(*id, *columns);
        }
    }
    for owner in asked.saved.iter().filter(|owner| owner.is_detached) {
        for place in owner.relations() {
            known.cards.extend(owner.members(place, now));
        }
    }
    for (id, _) in asked.cards.iter().filter(|(id, _)| !asked.deleted_cards.contains(id)) {
        if !known.cards.contains_key(id) {
            // It is read before it is compared.
            known.cards.insert(*id, *now.get(id).ok_or("a card is saved that is gone")?);
        }
    }

    let mut writes: BTreeMap<i32, BTreeMap<usize, Option<i32>>> = BTreeMap::new();
    // Columns that a card says itself, and those that its owners say.
    let (mut own, mut held): (BTreeSet<(i32, usize)>, BTreeSet<(i32, usize)>) = Default::default();
    let mut holders: BTreeMap<(i32, &[usize]), Vec<i32>> = BTreeMap::new();
    let mut new: BTreeMap<i32, Columns> = BTreeMap::new();
    for owner in &asked.saved {
        for (place, list) in &owner.lists {
            for (id, _) in list.iter().filter(|(id, _)| !asked.deleted_cards.contains(id)) {
                let holder =
                    holders.entry((*id, RELATIONS[*place].columns)).or_insert_with(|| owner.key.clone());
                if *holder != owner.key {
                    return Err("two owners by one key");
                }
            }
        }
    }
    let copies = asked.saved.iter().flat_map(|owner| {
        let lists = owner.lists.iter();
        lists.flat_map(move |(place, list)| list.iter().map(move |copy| (Some((owner, *place)), copy)))
    });
    for (holder, (id, columns)) in copies.chain(asked.cards.iter().map(|copy| (None, copy))) {
        if asked.deleted_cards.contains(id) {
            continue;
        }
        let said = |column: usize| {
            let (owner, place) = holder?;
            let at = RELATIONS[place].columns.iter().position(|known| *known == column)?;
            Some(owner.key[at])
        };
        let Some(row) = known.cards.get(id) else {
            let is_first = !new.contains_key(id);
            let card = new.entry(*id).or_insert(*columns);
            for column in 0..columns.len() {
                let is_held = held.contains(&(*id, column));
                match said(column) {
                    Some(key) if is_held && card[column] != Some(key) => {
                        return Err("two owners of a new card by one column");
                    }
                    Some(key) => card[column] = Some(key),
                    None if is_first || is_held || card[column] == columns[column] => {}
                    None => return Err("two new cards of one key"),
                }
            }
            let columns = (0..columns.len()).filter(|column| said(*column).is_some());
            held.extend(columns.map(|column| (*id, column)));
            continue;
        };
        for column in 0..columns.len() {
            let value = said(column).map_or(columns[column], Some);
            if value == row[column] {
                continue;
            }
            let set = if said(column).is_some() { &mut held } else { &mut own };
            set.insert((*id, column));
            if *writes.entry(*id).or_default().entry(column).or_insert(value) != value {
                return Err("a column has two values");
            }
        }
    }
    // The same column may be said twice, but then it is the same.
    let refers_anew = |id: i32, relation: &Relation| {
        relation.columns.iter().any(|column| own.contains(&(id, *column)) && !held.contains(&(id, *column)))
    };

    let mut deletes: BTreeSet<i32> = asked.deleted_cards.clone();
    let mut guards: Vec<(i32, &Relation)> = Vec::new();
    let mut nulls: Vec<(i32, &Relation)> = Vec::new();
    let mut orphan = |id: i32, owner: &Owner, relation: &'static Relation| {
        if !known.cards.get(&id).is_some_and(|row| owner.owns(relation, row)) {
            return;
        }
        guards.push((id, relation));
        if relation.null.is_empty() {
            deletes.insert(id);
        } else {
            nulls.push((id, relation));
        }
    };
    for owner in &asked.saved {
        if owner.is_detached && !asked.replacing.contains(&(owner.kind, owner.key.clone())) {
            continue;
        }
        for (place, list) in &owner.lists {
            let relation = &RELATIONS[*place];
            for id in known.list(owner, *place) {
                let is_shown = list.iter().any(|(shown, _)| *shown == id);
                let is_held = holders.contains_key(&(id, relation.columns));
                if !is_shown && !is_held && !refers_anew(id, relation) {
                    orphan(id, owner, relation);
                }
            }
        }
    }
    for owner in &asked.deleted {
        for place in owner.relations() {
            let relation = &RELATIONS[place];
            for id in known.list(owner, place) {
                let is_held = holders.get(&(id, relation.columns)).is_some_and(|holder| *holder != owner.key);
                let written = writes.get(&id);
                let leaves = written.is_some_and(|written| {
                    let mut columns = relation.columns.iter().zip(&owner.key);
                    columns.any(|(column, key)| written.get(column).is_some_and(|value| *value != Some(*key)))
                });
                if !is_held && !leaves {
                    orphan(id, owner, relation);
                }
            }
        }
    }

    let mut after = now.clone();
    for (id, relation) in guards {
        let (Some(then), Some(now)) = (known.cards.get(&id), now.get(&id)) else {
            return Err("an orphan is gone");
        };
        // A card that goes by its name is not asked to whom it belongs, nor is one that goes with another owner.
        let is_deleted = deletes.contains(&id) && !relation.null.is_empty();
        if !is_deleted
            && !asked.deleted_cards.contains(&id)
            && relation.columns.iter().any(|at| then[*at] != now[*at])
        {
            return Err("an orphan belongs to another");
        }
    }
    for (id, written) in &writes {
        if !deletes.contains(id) {
            let row = after.get_mut(id).ok_or("a changed card is gone")?;
            written.iter().for_each(|(column, value)| row[*column] = *value);
        }
    }
    for (id, relation) in nulls.into_iter().filter(|(id, _)| !deletes.contains(id)) {
        let row = after.get_mut(&id).ok_or("a released card is gone")?;
        relation.null.iter().for_each(|column| row[*column] = None);
    }
    for id in &deletes {
        after.remove(id).ok_or("a deleted card is gone")?;
    }
    for (id, columns) in new {
        if after.insert(id, columns).is_some() {
            return Err("a new card is there");
        }
    }
    let gone = |kind: Kind, key: Vec<i32>| {
        let is_deleted = asked.deleted.iter().any(|owner| owner.kind == kind && owner.key == key);
        is_deleted || !owners.contains(&(kind, key))
    };
    for columns in after.values() {
        for relation in &RELATIONS {
            let key: Option<Vec<i32>> = relation.columns.iter().map(|column| columns[*column]).collect();
            if key.is_some_and(|key| gone(relation.owner, key)) {
                return Err("a card refers to an owner that is deleted");
            }
        }
    }
    Ok(after)
}

pub(crate) fn columns(card: &Card) -> (i32, Columns) {
    let Card { id, board_id, owner_id, reviewer_id, tenant, folder_id, status, title } = card.clone();
    (id, [Some(board_id), owner_id, reviewer_id, Some(tenant), folder_id, Some(status), Some(title)])
}

pub(crate) fn card((id, columns): &(i32, Columns)) -> Card {
    let [board_id, owner_id, reviewer_id, tenant, folder_id, status, title] = *columns;
    let given = |value: Option<i32>| value.expect("it is NOT NULL");
    Card {
        id: *id,
        board_id: given(board_id),
        owner_id,
        reviewer_id,
        tenant: given(tenant),
        folder_id,
        status: given(status),
        title: given(title),
    }
}

impl std::fmt::Debug for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let read = if self.is_detached { "read elsewhere" } else { "" };
        write!(f, "{:?} {:?} {read}", self.kind, self.key)?;
        for (place, list) in &self.lists {
            write!(f, "\n    list {place}:")?;
            list.iter().try_for_each(|(id, columns)| write!(f, " {id} {}", shown(columns)))?;
        }
        Ok(())
    }
}

/// Columns in short.
pub(crate) fn shown(columns: &Columns) -> String {
    let cells: Vec<String> =
        columns.iter().map(|cell| cell.map_or("-".to_owned(), |cell| cell.to_string())).collect();
    format!("({})", cells.join(" "))
}

impl Owner {
    fn cards(&self, place: usize) -> Vec<Card> {
        self.lists[&place].iter().map(card).collect()
    }

    pub(crate) fn board(&self) -> Board {
        Board { id: self.key[0], todo: self.cards(0), done: self.cards(1) }
    }

    pub(crate) fn member(&self) -> Member {
        Member { id: self.key[0], owned: self.cards(2), reviewed: self.cards(3) }
    }

    pub(crate) fn folder(&self) -> Folder {
        Folder { tenant: self.key[0], id: self.key[1], cards: self.cards(4) }
    }
}
