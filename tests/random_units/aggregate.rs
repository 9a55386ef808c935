//! An owner as a struct.

use persist::prelude::*;

use crate::domain::{Area, Board, Card, Folder, Member, NewArea, NewBoard, NewFolder, NewMember};
use crate::owner::{Key, Kind, Owner};
use crate::tables::{card, code};

type Result<T = ()> = std::result::Result<T, persist::Error>;

#[derive(Debug, PartialEq)]
pub(crate) enum Aggregate {
    Board(Board),
    Member(Member),
    Folder(Folder),
    Area(Area),
}

macro_rules! each {
    ($aggregate:expr, $owner:ident => $call:expr) => {
        match $aggregate {
            Aggregate::Board($owner) => $call,
            Aggregate::Member($owner) => $call,
            Aggregate::Folder($owner) => $call,
            Aggregate::Area($owner) => $call,
        }
    };
}

impl Aggregate {
    pub(crate) async fn refresh(&mut self, uow: &UnitOfWork<'_>) -> Result {
        each!(self, owner => uow.refresh(owner).await)
    }

    /// The same as another session reads it.
    pub(crate) async fn read_elsewhere(&mut self, db: &Database) -> Result {
        match self {
            Aggregate::Board(board) => *board = db.repository::<Board>().get(board.id).await?,
            Aggregate::Member(member) => *member = db.repository::<Member>().get(member.id).await?,
            Aggregate::Folder(folder) => {
                *folder = db.repository::<Folder>().get((folder.tenant, folder.id)).await?;
            }
            Aggregate::Area(area) => *area = db.repository::<Area>().get(area.id).await?,
        }
        Ok(())
    }

    pub(crate) fn save(&self, uow: &UnitOfWork<'_>) -> Result {
        each!(self, owner => uow.save(owner))
    }

    pub(crate) fn replace(&self, uow: &UnitOfWork<'_>) -> Result {
        each!(self, owner => uow.replace(owner))
    }

    pub(crate) fn delete(&self, uow: &UnitOfWork<'_>) -> Result {
        each!(self, owner => uow.delete(owner))
    }
}

impl From<&Owner> for Aggregate {
    fn from(owner: &Owner) -> Self {
        let cards = |place: usize| -> Vec<Card> { owner.lists[&place].iter().map(card).collect() };
        let (kind, key) = &owner.key;
        let id = key[0];
        match kind {
            Kind::Board => Aggregate::Board(Board { id, todo: cards(0), done: cards(1) }),
            Kind::Member => Aggregate::Member(Member { id, owned: cards(2), reviewed: cards(3) }),
            Kind::Folder => Aggregate::Folder(Folder { tenant: id, id: key[1], cards: cards(4) }),
            Kind::Area => {
                let code = code(owner.refers[0]);
                Aggregate::Area(Area { id, code, cards: cards(5), visited: cards(6) })
            }
        }
    }
}

/// An owner without cards; `number` is the code of an area.
pub(crate) fn insert(uow: &UnitOfWork<'_>, (kind, key): &Key, number: i32) -> Result {
    match kind {
        Kind::Board => uow.insert(NewBoard::new(key[0])).map(drop),
        Kind::Member => uow.insert(NewMember::new(key[0])).map(drop),
        Kind::Folder => uow.insert(NewFolder::new(key[0], key[1])).map(drop),
        Kind::Area => uow.insert(NewArea::new(key[0], code(number))).map(drop),
    }
}
