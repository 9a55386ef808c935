//! A unit of work by a seed.

use persist::Sql;
use persist::prelude::*;

use crate::aggregate::{Aggregate, insert};
use crate::asked::Asked;
use crate::counts::Counts;
use crate::domain::Card;
use crate::model::{Outcome, outcome};
use crate::owner::{Key, Kind, Owner, RELATIONS, Relation, keys, reference};
use crate::random::Random;
use crate::tables::{Columns, MAIL, NAME, STATUS, TITLE, Tables, card, new_card, other_case, shown};

pub(crate) type Result<T = ()> = std::result::Result<T, persist::Error>;

pub(crate) struct Unit<'d> {
    pub(crate) db: &'d Database,
    pub(crate) random: Random,
    seed: u64,
    /// What was done, to be read where it was wrong.
    pub(crate) said: Vec<String>,
    /// The number of the next card or code that is new.
    next: i32,
}

impl<'d> Unit<'d> {
    pub(crate) fn new(db: &'d Database, seed: u64) -> Self {
        Unit { db, random: Random::new(seed), seed, said: Vec::new(), next: 0 }
    }

    /// A number that was not there before.
    pub(crate) fn fresh(&mut self) -> i32 {
        self.next += 1;
        self.next
    }

    pub(crate) async fn run(&mut self, counts: &mut Counts) -> Result {
        let mut now = self.fill().await?;
        // What there will be if the unit of work fails.
        let mut start = now.clone();
        let uow = self.db.unit_of_work();
        let rounds = 1 + self.random.below(3);
        for round in 0..rounds {
            let before = now.clone();
            self.said.push(format!("round {round}, codes {:?}", before.codes));
            self.said.extend(before.cards.iter().map(shown));
            let is_mixed = self.random.once_in(3);
            let read = self.read_all(&uow, &before, is_mixed, round == 0).await?;
            // Another session would wait for what was written.
            if round == 0 && self.random.once_in(2) {
                self.meddle(&mut now, is_mixed).await?;
                counts.beside_another += 1;
                start = now.clone();
            }
            let asked = self.ask(&before, &read);
            self.send(&uow, &asked)?;
            let expected = outcome(&asked, &before, &now, &read);
            counts.flushes += 1;
            if let Err(error) = self.flushed(&uow, &expected).await {
                counts.refused(&error, expected);
                let _ = uow.rollback().await;
                return self.compare(&start).await;
            }
            counts.count(&now, &expected.after);
            now = expected.after;
            if round + 1 < rounds {
                // The owners that were deleted are there again in the next round.
                asked.deleted.iter().try_for_each(|owner| self.insert_owner(&uow, &owner.key, &mut now))?;
                uow.flush().await?;
            }
        }
        uow.commit().await?;
        counts.committed += 1;
        self.compare(&now).await
    }

    /// The owners, and some cards.
    async fn fill(&mut self) -> Result<Tables> {
        let empty = "WITH c AS (DELETE FROM cards), b AS (DELETE FROM boards), m AS (DELETE FROM members),
                          f AS (DELETE FROM folders) DELETE FROM areas";
        Sql::unchecked(empty).execute(self.db).await?;
        let (uow, mut tables) = (self.db.unit_of_work(), Tables::default());
        for key in keys() {
            self.insert_owner(&uow, &key, &mut tables)?;
        }
        for _ in 0..self.random.below(13) {
            let (id, columns) = self.new_card(&references(&tables));
            uow.insert(new_card(&(id, columns)))?;
            tables.cards.insert(id, columns);
        }
        uow.commit().await?;
        Ok(tables)
    }

    fn insert_owner(&mut self, uow: &UnitOfWork<'_>, key: &Key, tables: &mut Tables) -> Result {
        let code = self.fresh();
        if key.0 == Kind::Area {
            tables.codes.insert(key.1[0], code);
        }
        insert(uow, key, code)
    }

    pub(crate) fn new_card(&mut self, references: &[Key]) -> (i32, Columns) {
        let id = self.fresh();
        let mut columns = Columns::default();
        columns[3] = Some(1);
        for relation in &RELATIONS {
            if relation.null.is_empty() || self.random.once_in(2) {
                self.refer(&mut columns, relation, references);
            }
        }
        columns[STATUS] = Some(self.random.below(2) as i32);
        columns[TITLE] = Some(0);
        columns[NAME] = Some(2 * id);
        columns[MAIL] = Some(2 * id);
        (id, columns)
    }

    /// The card refers to some owner by a relation.
    pub(crate) fn refer(&mut self, columns: &mut Columns, relation: &Relation, references: &[Key]) {
        let owners: Vec<&Key> = references.iter().filter(|(kind, _)| *kind == relation.owner).collect();
        let (_, cells) = *self.random.of(&owners);
        relation.columns.iter().zip(cells).for_each(|(column, cell)| columns[*column] = Some(*cell));
    }

    /// A word in one case or the other.
    pub(crate) fn in_some_case(&mut self, word: Option<i32>) -> Option<i32> {
        if self.random.once_in(3) { word.map(other_case) } else { word }
    }

    /// Reads all owners; at first some by another session, or all.
    async fn read_all(
        &mut self,
        uow: &UnitOfWork<'_>,
        tables: &Tables,
        is_mixed: bool,
        is_first: bool,
    ) -> Result<Vec<Owner>> {
        let are_detached = !is_mixed && self.random.once_in(3) && is_first;
        let mut read = Vec::new();
        for key in keys() {
            let is_detached = are_detached || is_mixed && is_first && self.random.once_in(3);
            let owner = Owner::new(key, tables, is_detached);
            self.read(uow, &owner).await?;
            read.push(owner);
        }
        Ok(read)
    }

    /// Reads an owner, which must be what the model says.
    async fn read(&self, uow: &UnitOfWork<'_>, owner: &Owner) -> Result {
        let mut found = Aggregate::from(owner);
        match owner.is_detached {
            true => found.read_elsewhere(self.db).await?,
            // As it is now, and not as it was read in an earlier round.
            false => found.refresh(uow).await?,
        }
        if found != Aggregate::from(owner) {
            self.fail(&format!("read {found:?}, and not {owner:?}"));
        }
        Ok(())
    }

    /// Flushes; an error is one that is expected.
    async fn flushed(&self, uow: &UnitOfWork<'_>, expected: &Outcome) -> Result {
        let found = uow.flush().await;
        let is_right = match &found {
            Ok(()) => expected.refusals.is_empty(),
            Err(error) => expected.refusals.union(&expected.allowed).any(|refusal| refusal.is(error)),
        };
        if is_right { found } else { self.fail(&format!("expected {expected:?}, but: {found:?}")) }
    }

    fn send(&mut self, uow: &UnitOfWork<'_>, asked: &Asked) -> Result {
        let Asked { saved, replacing, deleted, cards, deleted_cards, new_areas } = asked;
        self.said.extend(saved.iter().map(|owner| format!("save {owner:?}")));
        self.said.extend(deleted.iter().map(|owner| format!("delete {owner:?}")));
        self.said.extend(cards.iter().map(|card| format!("save card {}", shown(card))));
        self.said.extend(deleted_cards.iter().map(|card| format!("delete card {}", shown(card))));
        self.said.push(format!("replacing {replacing:?}, new areas {new_areas:?}"));
        for (area, code) in new_areas {
            insert(uow, &(Kind::Area, vec![*area]), *code)?;
        }
        let cards_first = self.random.once_in(2);
        let save_cards = || cards.iter().try_for_each(|(id, columns)| uow.save(&card(&(*id, *columns))));
        if cards_first {
            save_cards()?;
        }
        for owner in saved {
            match replacing.contains(&owner.key) {
                true => Aggregate::from(owner).replace(uow)?,
                false => Aggregate::from(owner).save(uow)?,
            }
        }
        deleted.iter().try_for_each(|owner| Aggregate::from(owner).delete(uow))?;
        for (id, columns) in deleted_cards {
            uow.delete::<Card>(&card(&(*id, *columns)))?;
        }
        if !cards_first {
            save_cards()?;
        }
        self.said.push(uow.plan().map_or_else(|error| error.to_string(), |plan| plan.to_string()));
        Ok(())
    }

    async fn compare(&self, expected: &Tables) -> Result {
        let found = Tables::read(self.db).await?;
        if found != *expected {
            let show = |tables: &Tables| {
                let lines: Vec<String> = tables.cards.iter().map(shown).collect();
                format!("{:?}\n{}", tables.codes, lines.join("\n"))
            };
            self.fail(&format!("stored\n{}\nand not\n{}", show(&found), show(expected)));
        }
        Ok(())
    }

    fn fail(&self, why: &str) -> ! {
        panic!("seed {}:\n{}\n{why}", self.seed, self.said.join("\n"));
    }
}

/// What cards can refer to.
pub(crate) fn references(tables: &Tables) -> Vec<Key> {
    keys().into_iter().map(|key| (key.0, reference(&key, tables))).collect()
}
