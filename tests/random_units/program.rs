//! Random units of work over rows that belong to several others: what is stored afterwards is what the model says.

mod domain;
mod model;
#[allow(dead_code, reason = "other tests use the rest")]
mod random;

use std::collections::{BTreeMap, BTreeSet};

use persist::Sql;
use persist::prelude::*;

use domain::{Board, Card, Folder, Member, NewBoard, NewCard, NewFolder, NewMember};
use model::{Asked, Cards, Columns, Kind, Owner, RELATIONS, STATUS, TITLE, card, columns, outcome, shown};
use random::Random;

type Result<T = ()> = std::result::Result<T, persist::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().expect("the server's URL is the first argument");
    let mut number = || arguments.next().and_then(|number| number.parse::<u64>().ok()).expect("a number");
    let (first, units) = (number(), number());
    let db = Database::connect(&url).await?;
    for statement in include_str!("../schema/0001_cards.sql").split(";\n") {
        Sql::unchecked(statement).execute(&db).await?;
    }
    let mut counts = Counts::default();
    for seed in first..first + units {
        let mut unit = Unit { db: &db, random: Random::new(seed), seed, said: Vec::new(), next: 1_000 };
        unit.run(&mut counts).await?;
    }
    println!("{counts:?}");
    assert!(counts.committed > counts.refused, "most units can be done");
    Ok(())
}

#[derive(Debug, Default)]
struct Counts {
    committed: usize,
    refused: usize,
    flushes: usize,
    beside_another: usize,
    deleted: usize,
    released: usize,
    moved: usize,
}

struct Unit<'d> {
    db: &'d Database,
    random: Random,
    seed: u64,
    said: Vec<String>,
    /// The key of the next new card.
    next: i32,
}

fn owners() -> BTreeSet<(Kind, Vec<i32>)> {
    let ids = |kind| (1..=3).map(move |id| (kind, vec![id]));
    let folders = [[1, 1], [1, 2], [2, 1]].map(|key| (Kind::Folder, key.to_vec()));
    ids(Kind::Board).chain(ids(Kind::Member)).chain(folders).collect()
}

async fn stored(db: &Database) -> Result<Cards> {
    Ok(db.repository::<Card>().all().await?.iter().map(columns).collect())
}

impl Unit<'_> {
    async fn run(&mut self, counts: &mut Counts) -> Result {
        self.fill().await?;
        let mut now = stored(self.db).await?;
        let uow = self.db.unit_of_work();
        // Another session would wait for what was written.
        let rounds = 1 + self.random.below(3);
        for round in 0..rounds {
            let before = now.clone();
            self.said.push(format!("round {round}"));
            before.iter().for_each(|(id, columns)| self.said.push(format!("  {id} {}", shown(columns))));
            let is_mixed = self.random.once_in(3);
            let are_detached = !is_mixed && self.random.once_in(3) && round == 0;
            let mut read = Vec::new();
            for (kind, key) in owners() {
                let is_detached = are_detached || is_mixed && round == 0 && self.random.once_in(3);
                read.push(self.read(&uow, kind, key, &before, is_detached).await?);
            }
            if round == 0 && self.random.once_in(2) {
                self.meddle(&mut now, is_mixed).await?;
                counts.beside_another += 1;
            }
            let asked = self.ask(&before, &read);
            self.send(&uow, &asked)?;
            let expected = outcome(&asked, &before, &now, &read, &owners());
            let is_last = round + 1 == rounds;
            let found = uow.flush().await;
            counts.flushes += 1;
            match (&expected, &found) {
                (Ok(_), Ok(())) => {}
                (Err(_), Err(_)) => {
                    counts.refused += 1;
                    let _ = uow.rollback().await;
                    // What the rounds before have written is gone, too.
                    let start = if round == 0 { now } else { stored(self.db).await? };
                    return self.compare(&start).await;
                }
                (expected, found) => self.fail(&format!("expected {expected:?}, but: {found:?}")),
            }
            let after = expected.unwrap_or_default();
            counts.count(&now, &after);
            now = after;
            if is_last {
                uow.commit().await?;
                counts.committed += 1;
                return self.compare(&now).await;
            }
            // The owners that were deleted are there again in the next round.
            for owner in &asked.deleted {
                insert(&uow, owner.kind, &owner.key)?;
            }
            uow.flush().await?;
        }
        Ok(())
    }

    /// Owners that are missing, and some cards.
    async fn fill(&mut self) -> Result {
        let uow = self.db.unit_of_work();
        let boards: Vec<i32> = uow.repository::<Board>().all().await?.iter().map(|board| board.id).collect();
        let members: Vec<i32> =
            uow.repository::<Member>().all().await?.iter().map(|member| member.id).collect();
        let folders = uow.repository::<Folder>().all().await?;
        let folders: Vec<Vec<i32>> = folders.iter().map(|folder| vec![folder.tenant, folder.id]).collect();
        for (kind, key) in owners() {
            let is_there = match kind {
                Kind::Board => boards.contains(&key[0]),
                Kind::Member => members.contains(&key[0]),
                Kind::Folder => folders.contains(&key),
            };
            if !is_there {
                insert(&uow, kind, &key)?;
            }
        }
        uow.flush().await?;
        let stored = uow.repository::<Card>().all().await?;
        if stored.len() > 12 || self.random.once_in(10) {
            uow.delete_where::<Card>(|card| card.id.gt(0));
            uow.flush().await?;
        }
        self.next = stored.iter().map(|card| card.id).max().unwrap_or_default() + 1;
        for _ in 0..self.random.below(4) {
            let card = self.new_card();
            let new = NewCard::new(card.id, card.board_id, card.tenant, card.status, card.title);
            uow.insert(new.owner_id(card.owner_id).reviewer_id(card.reviewer_id).folder_id(card.folder_id))?;
        }
        uow.commit().await.map(drop)
    }

    fn new_card(&mut self) -> Card {
        let id = self.next;
        self.next += 1;
        let mut columns: Columns = [Some(1), None, None, Some(1), None, Some(0), Some(0)];
        for relation in &RELATIONS {
            if relation.owner == Kind::Board || self.random.once_in(2) {
                self.refer(&mut columns, relation);
            }
        }
        columns[STATUS] = Some(self.random.below(2) as i32);
        card(&(id, columns))
    }

    /// Some owner of a relation, or none where the key may be NULL.
    fn refer(&mut self, columns: &mut Columns, relation: &model::Relation) {
        let keys: Vec<Vec<i32>> =
            owners().into_iter().filter(|(kind, _)| *kind == relation.owner).map(|(_, key)| key).collect();
        let key = self.random.of(&keys).clone();
        relation.columns.iter().zip(key).for_each(|(column, key)| columns[*column] = Some(key));
    }

    /// Reads an owner, which must be what the model says.
    async fn read(
        &mut self,
        uow: &UnitOfWork<'_>,
        kind: Kind,
        key: Vec<i32>,
        cards: &Cards,
        is_detached: bool,
    ) -> Result<Owner> {
        let owner = Owner::new(kind, key, cards, is_detached);
        let (mut board, mut member, mut folder) = match kind {
            Kind::Board => (Some(owner.board()), None, None),
            Kind::Member => (None, Some(owner.member()), None),
            Kind::Folder => (None, None, Some(owner.folder())),
        };
        if is_detached {
            if let Some(board) = &mut board {
                *board = self.db.repository::<Board>().get(board.id).await?;
            }
            if let Some(member) = &mut member {
                *member = self.db.repository::<Member>().get(member.id).await?;
            }
            if let Some(folder) = &mut folder {
                *folder = self.db.repository::<Folder>().get((folder.tenant, folder.id)).await?;
            }
        } else {
            // As it is now, and not as it was read in an earlier round.
            if let Some(board) = &mut board {
                uow.refresh(board).await?;
            }
            if let Some(member) = &mut member {
                uow.refresh(member).await?;
            }
            if let Some(folder) = &mut folder {
                uow.refresh(folder).await?;
            }
        }
        let is_right = board.is_none_or(|board| board == owner.board())
            && member.is_none_or(|member| member == owner.member())
            && folder.is_none_or(|folder| folder == owner.folder());
        if !is_right {
            self.fail(&format!("read something else than {owner:?}"));
        }
        Ok(owner)
    }

    /// Another session adds cards, and unless `only_adds` it moves and deletes some.
    async fn meddle(&mut self, now: &mut Cards, only_adds: bool) -> Result {
        let cards = self.db.repository::<Card>();
        for _ in 0..1 + self.random.below(3) {
            let ids: Vec<i32> = now.keys().copied().collect();
            match self.random.below(if only_adds || ids.is_empty() { 1 } else { 3 }) {
                0 => {
                    let card = self.new_card();
                    let new = NewCard::new(card.id, card.board_id, card.tenant, card.status, card.title);
                    let new =
                        new.owner_id(card.owner_id).reviewer_id(card.reviewer_id).folder_id(card.folder_id);
                    self.said.push(format!("another adds {} {}", card.id, shown(&columns(&card).1)));
                    cards.insert(new).await?;
                    now.extend([columns(&card)]);
                }
                1 => {
                    let id = *self.random.of(&ids);
                    let place = self.random.below(RELATIONS.len());
                    let mut moved = now[&id];
                    self.refer(&mut moved, &RELATIONS[place]);
                    self.said.push(format!("another makes {id} {}", shown(&moved)));
                    cards.update(&card(&(id, moved))).await?;
                    now.insert(id, moved);
                }
                _ => {
                    let id = *self.random.of(&ids);
                    self.said.push(format!("another deletes {id}"));
                    cards.delete(id).await?;
                    now.remove(&id);
                }
            }
        }
        Ok(())
    }

    /// What is asked of the unit of work, after some changes of the structs.
    fn ask(&mut self, cards: &Cards, read: &[Owner]) -> Asked {
        let mut owners = read.to_vec();
        let mut asked = Asked::default();
        let ids: Vec<i32> = cards.keys().copied().collect();
        for _ in 0..1 + self.random.below(5) {
            let [one, other] = [0, 1].map(|_| self.random.below(owners.len()));
            let (relations, others) = (owners[one].relations(), owners[other].relations());
            let (place, to) = (*self.random.of(&relations), *self.random.of(&others));
            let list = owners[one].lists.get_mut(&place).expect("it has this relation");
            let at = (!list.is_empty()).then(|| self.random.below(list.len()));
            match (self.random.below(7), at) {
                // From one list to another, of the same owner or not, by the same key or not.
                (0 | 1, Some(at)) => {
                    let moved = list.remove(at);
                    let into = owners[other].lists.get_mut(&to).expect("it has this relation");
                    if into.iter().all(|(id, _)| *id != moved.0) {
                        into.push(moved);
                    }
                }
                (2, Some(at)) => drop(list.remove(at)),
                (3, Some(at)) => {
                    list[at].1[TITLE] = Some(self.random.below(1_000) as i32);
                    if self.random.once_in(2) {
                        list[at].1[STATUS] = Some(self.random.below(2) as i32);
                    }
                }
                // A new one, maybe in two lists.
                (4, _) => {
                    let card = columns(&self.new_card());
                    list.push(card);
                    if self.random.once_in(2) && (one, place) != (other, to) {
                        owners[other].lists.get_mut(&to).expect("it has this relation").push(card);
                    }
                }
                // By its own columns.
                (5, _) if !ids.is_empty() => {
                    let id = *self.random.of(&ids);
                    let mut columns = cards[&id];
                    let relation = &RELATIONS[self.random.below(RELATIONS.len())];
                    self.refer(&mut columns, relation);
                    if asked.cards.iter().all(|(known, _)| *known != id) {
                        asked.cards.push((id, columns));
                    }
                }
                (6, _) if !ids.is_empty() && self.random.once_in(4) => {
                    let id = *self.random.of(&ids);
                    if asked.cards.iter().all(|(known, _)| *known != id) {
                        asked.deleted_cards.insert(id);
                    }
                }
                _ => {}
            }
        }
        asked.cards.retain(|(id, _)| !asked.deleted_cards.contains(id));
        for owner in owners {
            match self.random.below(12) {
                0 if !owner.is_detached => asked.deleted.push(owner),
                1..8 => {
                    if self.random.once_in(4) {
                        asked.replacing.insert((owner.kind, owner.key.clone()));
                    }
                    asked.saved.push(owner);
                }
                _ => {}
            }
        }
        asked
    }

    fn send(&mut self, uow: &UnitOfWork<'_>, asked: &Asked) -> Result {
        for (what, owners) in [("save", &asked.saved), ("delete", &asked.deleted)] {
            owners.iter().for_each(|owner| self.said.push(format!("{what} {owner:?}")));
        }
        let Asked { replacing, cards, deleted_cards, .. } = asked;
        cards.iter().for_each(|(id, columns)| self.said.push(format!("save card {id} {}", shown(columns))));
        self.said.push(format!("replacing {replacing:?}, deleting the cards {deleted_cards:?}"));
        let cards_first = self.random.once_in(2);
        let save_cards = || asked.cards.iter().try_for_each(|copy| uow.save(&card(copy)));
        if cards_first {
            save_cards()?;
        }
        for owner in &asked.saved {
            let replaces = asked.replacing.contains(&(owner.kind, owner.key.clone()));
            match (owner.kind, replaces) {
                (Kind::Board, false) => uow.save(&owner.board())?,
                (Kind::Board, true) => uow.replace(&owner.board())?,
                (Kind::Member, false) => uow.save(&owner.member())?,
                (Kind::Member, true) => uow.replace(&owner.member())?,
                (Kind::Folder, false) => uow.save(&owner.folder())?,
                (Kind::Folder, true) => uow.replace(&owner.folder())?,
            }
        }
        for owner in &asked.deleted {
            match owner.kind {
                Kind::Board => uow.delete(&owner.board())?,
                Kind::Member => uow.delete(&owner.member())?,
                Kind::Folder => uow.delete(&owner.folder())?,
            }
        }
        for id in &asked.deleted_cards {
            let mut columns: BTreeMap<i32, Columns> = BTreeMap::new();
            columns.insert(*id, [Some(1), None, None, Some(1), None, Some(0), Some(0)]);
            uow.delete(&card(&(*id, columns[id])))?;
        }
        if !cards_first {
            save_cards()?;
        }
        Ok(())
    }

    async fn compare(&self, expected: &Cards) -> Result {
        let found = stored(self.db).await?;
        if found != *expected {
            let show = |cards: &Cards| {
                let lines: Vec<String> =
                    cards.iter().map(|(id, columns)| format!("  {id} {}", shown(columns))).collect();
                lines.join("\n")
            };
            self.fail(&format!("stored\n{}\nand not\n{}", show(&found), show(expected)));
        }
        Ok(())
    }

    fn fail(&self, why: &str) -> ! {
        panic!("seed {}:\n{}\n{why}", self.seed, self.said.join("\n"));
    }
}

fn insert(uow: &UnitOfWork<'_>, kind: Kind, key: &[i32]) -> Result {
    match kind {
        Kind::Board => uow.insert(NewBoard::new(key[0])).map(drop),
        Kind::Member => uow.insert(NewMember::new(key[0])).map(drop),
        Kind::Folder => uow.insert(NewFolder::new(key[0], key[1])).map(drop),
    }
}

impl Counts {
    fn count(&mut self, before: &Cards, after: &Cards) {
        self.deleted += before.keys().filter(|id| !after.contains_key(id)).count();
        for (then, now) in before.iter().filter_map(|(id, then)| Some((then, after.get(id)?))) {
            self.released += (0..5).filter(|at| then[*at].is_some() && now[*at].is_none()).count();
            self.moved += (0..5).filter(|at| now[*at].is_some() && then[*at] != now[*at]).count();
        }
    }
}
