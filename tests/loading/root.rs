//! What the property tests need to know of a struct that a load can begin with.

use persist_testkit::Random;
use std::cmp::Reverse;
use std::fmt::Debug;

use persist::Entity;
use persist::query::Query;
use uuid::Uuid;

use crate::data::Data;
use crate::reference::{desc_nulls_last, rows};
use crate::shapes::keys::{Sibling, Slot, Timetable};
use crate::shapes::pipelines::{Limited, Member, Owner, Payer, SharedTag, Whole};
use crate::shapes::trees::{Dependency, Discussed, Shallow, Thread, Tree};

/// A struct that a load can begin with.
pub(crate) trait Root: Entity<Key: Clone + Debug + Sync> + Clone + PartialEq + Debug + Sync {
    /// The key of the row.
    fn key(&self) -> Self::Key;

    /// A key that no row has.
    fn missing(random: &mut Random) -> Self::Key;

    /// One of [`NARROWINGS`] queries, and what it must answer.
    fn narrowed<'q>(query: Query<'q, Self>, data: &Data, which: usize) -> (Query<'q, Self>, Vec<Self>);
}

/// How many queries there are of each struct. The first is of all rows.
pub(crate) const NARROWINGS: usize = 3;

/// `desc`: NULL comes first.
fn desc<T: Ord>(value: Option<T>) -> (bool, Reverse<Option<T>>) {
    (value.is_some(), Reverse(value))
}

/// `asc`: NULL comes last.
fn asc<T: Ord>(value: Option<T>) -> (bool, Option<T>) {
    (value.is_none(), value)
}

impl Root for Whole {
    fn key(&self) -> Uuid {
        self.id
    }

    fn missing(random: &mut Random) -> Uuid {
        random.uuid()
    }

    fn narrowed<'q>(query: Query<'q, Self>, data: &Data, which: usize) -> (Query<'q, Self>, Vec<Self>) {
        let (query, rows) = match which {
            0 => (
                query.order_by(|p| p.owner_id.desc()),
                rows(&data.pipelines, |_| true, |p| (desc(p.owner_id), p.id)),
            ),
            1 => (
                query.filter(|p| p.is_active.eq(true)).order_by(|p| (p.category_id.asc(), p.name.desc())),
                rows(&data.pipelines, |p| p.is_active, |p| (asc(p.category_id), Reverse(data.rank(&p.name)))),
            ),
            _ => (
                query.filter(|p| p.owner_id.is_null()).order_by(|p| p.is_active.asc()),
                rows(&data.pipelines, |p| p.owner_id.is_none(), |p| (p.is_active, p.id)),
            ),
        };
        (query, rows.into_iter().map(|row| data.whole(row)).collect())
    }
}

impl Root for Limited {
    fn key(&self) -> Uuid {
        self.id
    }

    fn missing(random: &mut Random) -> Uuid {
        random.uuid()
    }

    fn narrowed<'q>(query: Query<'q, Self>, data: &Data, which: usize) -> (Query<'q, Self>, Vec<Self>) {
        let (query, rows) = match which {
            0 => (
                query.order_by(|p| p.name.desc()),
                rows(&data.pipelines, |_| true, |p| Reverse(data.rank(&p.name))),
            ),
            1 => (
                query.filter(|p| p.name.ne("a") & p.name.ne("")).limit(1_000),
                rows(&data.pipelines, |p| p.name != "a" && !p.name.is_empty(), |p| p.id),
            ),
            _ => (
                query.filter(|p| p.name.in_(["NULL", "a,b", "\\"])).order_by(|p| p.id.desc()),
                rows(
                    &data.pipelines,
                    |p| ["NULL", "a,b", "\\"].contains(&p.name.as_str()),
                    |p| Reverse(p.id),
                ),
            ),
        };
        (query, rows.into_iter().map(|row| data.limited(row)).collect())
    }
}

impl Root for Discussed {
    fn key(&self) -> Uuid {
        self.id
    }

    fn missing(random: &mut Random) -> Uuid {
        random.uuid()
    }

    fn narrowed<'q>(query: Query<'q, Self>, data: &Data, which: usize) -> (Query<'q, Self>, Vec<Self>) {
        let (query, rows) = match which {
            0 => (
                query.order_by(|p| p.name.desc()),
                rows(&data.pipelines, |_| true, |p| Reverse(data.rank(&p.name))),
            ),
            1 => (
                query.filter(|p| p.name.ne("a") & p.name.ne("")).limit(1_000),
                rows(&data.pipelines, |p| p.name != "a" && !p.name.is_empty(), |p| p.id),
            ),
            _ => (
                query.filter(|p| p.name.in_(["NULL", "a,b", "\\"])).order_by(|p| p.id.desc()),
                rows(
                    &data.pipelines,
                    |p| ["NULL", "a,b", "\\"].contains(&p.name.as_str()),
                    |p| Reverse(p.id),
                ),
            ),
        };
        (query, rows.into_iter().map(|row| data.discussed(row)).collect())
    }
}

impl Root for Timetable {
    fn key(&self) -> Uuid {
        self.id
    }

    fn missing(random: &mut Random) -> Uuid {
        random.uuid()
    }

    fn narrowed<'q>(query: Query<'q, Self>, data: &Data, which: usize) -> (Query<'q, Self>, Vec<Self>) {
        let (query, rows) = match which {
            0 => (
                query.order_by(|p| p.name.desc()),
                rows(&data.pipelines, |_| true, |p| Reverse(data.rank(&p.name))),
            ),
            1 => (
                query.filter(|p| p.name.ne("a") & p.name.ne("")).limit(1_000),
                rows(&data.pipelines, |p| p.name != "a" && !p.name.is_empty(), |p| p.id),
            ),
            _ => (
                query.filter(|p| p.name.in_(["NULL", "a,b", "\\"])).order_by(|p| p.id.desc()),
                rows(
                    &data.pipelines,
                    |p| ["NULL", "a,b", "\\"].contains(&p.name.as_str()),
                    |p| Reverse(p.id),
                ),
            ),
        };
        (query, rows.into_iter().map(|row| data.timetable(row)).collect())
    }
}

impl Root for Owner {
    fn key(&self) -> Uuid {
        self.id
    }

    fn missing(random: &mut Random) -> Uuid {
        random.uuid()
    }

    fn narrowed<'q>(query: Query<'q, Self>, data: &Data, which: usize) -> (Query<'q, Self>, Vec<Self>) {
        let (query, rows) = match which {
            0 => (
                query.order_by(|u| u.display_name.asc()),
                rows(&data.users, |_| true, |u| (data.rank(&u.display_name), u.id)),
            ),
            1 => (
                query.filter(|u| u.display_name.ne("a")).order_by(|u| u.email.desc()),
                rows(&data.users, |u| u.display_name != "a", |u| Reverse(data.rank(&u.email))),
            ),
            _ => (
                query.filter(|u| u.email.ne("u0@example.org")).limit(1_000),
                rows(&data.users, |u| u.email != "u0@example.org", |u| u.id),
            ),
        };
        (query, rows.into_iter().map(|row| data.owner(row)).collect())
    }
}

impl Root for Member {
    fn key(&self) -> Uuid {
        self.id
    }

    fn missing(random: &mut Random) -> Uuid {
        random.uuid()
    }

    fn narrowed<'q>(query: Query<'q, Self>, data: &Data, which: usize) -> (Query<'q, Self>, Vec<Self>) {
        let (query, rows) = match which {
            0 => (
                query.order_by(|u| u.display_name.asc()),
                rows(&data.users, |_| true, |u| (data.rank(&u.display_name), u.id)),
            ),
            1 => (
                query.filter(|u| u.display_name.ne("a")).order_by(|u| u.email.desc()),
                rows(&data.users, |u| u.display_name != "a", |u| Reverse(data.rank(&u.email))),
            ),
            _ => (
                query.filter(|u| u.email.ne("u0@example.org")).limit(1_000),
                rows(&data.users, |u| u.email != "u0@example.org", |u| u.id),
            ),
        };
        (query, rows.into_iter().map(|row| data.member(row)).collect())
    }
}

impl Root for Payer {
    fn key(&self) -> Uuid {
        self.id
    }

    fn missing(random: &mut Random) -> Uuid {
        random.uuid()
    }

    fn narrowed<'q>(query: Query<'q, Self>, data: &Data, which: usize) -> (Query<'q, Self>, Vec<Self>) {
        let (query, rows) = match which {
            0 => (
                query.order_by(|a| a.number.desc()),
                rows(&data.accounts, |_| true, |a| Reverse(data.rank(&a.number))),
            ),
            1 => (
                query.filter(|a| a.number.ne("NULL")).order_by(|a| a.owner_id.asc()),
                rows(&data.accounts, |a| a.number != "NULL", |a| a.owner_id),
            ),
            _ => (
                query.filter(|a| a.number.ne("a")).limit(1_000),
                rows(&data.accounts, |a| a.number != "a", |a| a.id),
            ),
        };
        (query, rows.into_iter().map(|row| data.payer(row)).collect())
    }
}

impl Root for SharedTag {
    fn key(&self) -> Uuid {
        self.id
    }

    fn missing(random: &mut Random) -> Uuid {
        random.uuid()
    }

    fn narrowed<'q>(query: Query<'q, Self>, data: &Data, which: usize) -> (Query<'q, Self>, Vec<Self>) {
        let (query, rows) = match which {
            0 => (query.order_by(|t| t.name.asc()), rows(&data.tags, |_| true, |t| data.rank(&t.name))),
            1 => (
                query.filter(|t| t.name.ne("a")).order_by(|t| t.id.desc()),
                rows(&data.tags, |t| t.name != "a", |t| Reverse(t.id)),
            ),
            _ => (
                query.filter(|t| t.name.ne("NULL")).limit(1_000),
                rows(&data.tags, |t| t.name != "NULL", |t| t.id),
            ),
        };
        (query, rows.into_iter().map(|row| data.shared_tag(row)).collect())
    }
}

impl Root for Tree {
    fn key(&self) -> Uuid {
        self.id
    }

    fn missing(random: &mut Random) -> Uuid {
        random.uuid()
    }

    fn narrowed<'q>(query: Query<'q, Self>, data: &Data, which: usize) -> (Query<'q, Self>, Vec<Self>) {
        let (query, rows) = match which {
            0 => (
                query.order_by(|c| (c.position.desc(), c.name.asc())),
                rows(&data.categories, |_| true, |c| (Reverse(c.position), data.rank(&c.name), c.id)),
            ),
            1 => (
                query.filter(|c| c.parent_id.is_null()).order_by(|c| c.name.desc()),
                rows(&data.categories, |c| c.parent_id.is_none(), |c| (Reverse(data.rank(&c.name)), c.id)),
            ),
            _ => (
                query.filter(|c| c.position.gt(0)).order_by(|c| c.parent_id.desc().nulls_last()),
                rows(&data.categories, |c| c.position > 0, |c| (desc_nulls_last(c.parent_id), c.id)),
            ),
        };
        (query, rows.into_iter().map(|row| data.tree(row)).collect())
    }
}

impl Root for Shallow {
    fn key(&self) -> Uuid {
        self.id
    }

    fn missing(random: &mut Random) -> Uuid {
        random.uuid()
    }

    fn narrowed<'q>(query: Query<'q, Self>, data: &Data, which: usize) -> (Query<'q, Self>, Vec<Self>) {
        let (query, rows) = match which {
            0 => (
                query.order_by(|c| c.name.asc()),
                rows(&data.categories, |_| true, |c| (data.rank(&c.name), c.id)),
            ),
            1 => (
                query.filter(|c| c.parent_id.is_not_null()).limit(1_000),
                rows(&data.categories, |c| c.parent_id.is_some(), |c| c.id),
            ),
            _ => (
                query.order_by(|c| c.parent_id.asc().nulls_first()),
                rows(&data.categories, |_| true, |c| (c.parent_id, c.id)),
            ),
        };
        (query, rows.into_iter().map(|row| data.shallow(row)).collect())
    }
}

impl Root for Thread {
    fn key(&self) -> i64 {
        self.id
    }

    fn missing(random: &mut Random) -> i64 {
        random.bits() as i64
    }

    fn narrowed<'q>(query: Query<'q, Self>, data: &Data, which: usize) -> (Query<'q, Self>, Vec<Self>) {
        let (query, rows) = match which {
            0 => (
                query.order_by(|c| c.written_at.asc()),
                rows(&data.comments, |_| true, |c| (c.written_at, c.id)),
            ),
            1 => (
                query.filter(|c| c.reply_to.is_null()).limit(1_000),
                rows(&data.comments, |c| c.reply_to.is_none(), |c| c.id),
            ),
            _ => (
                query.filter(|c| c.is_hidden.eq(false)).order_by(|c| c.author_id.desc()),
                rows(&data.comments, |c| !c.is_hidden, |c| (desc(c.author_id), c.id)),
            ),
        };
        (query, rows.into_iter().map(|row| data.thread(row)).collect())
    }
}

impl Root for Dependency {
    fn key(&self) -> Uuid {
        self.id
    }

    fn missing(random: &mut Random) -> Uuid {
        random.uuid()
    }

    fn narrowed<'q>(query: Query<'q, Self>, data: &Data, which: usize) -> (Query<'q, Self>, Vec<Self>) {
        let (query, rows) = match which {
            0 => (
                query.order_by(|s| s.name.asc()),
                rows(&data.steps, |_| true, |s| (data.rank(&s.name), s.id)),
            ),
            1 => (
                query.filter(|s| s.depends_on.is_null()).limit(1_000),
                rows(&data.steps, |s| s.depends_on.is_none(), |s| s.id),
            ),
            _ => (
                query.filter(|s| s.name.ne("a")).order_by(|s| s.depends_on.asc()),
                rows(&data.steps, |s| s.name != "a", |s| (asc(s.depends_on), s.id)),
            ),
        };
        (query, rows.into_iter().map(|row| data.dependency(row)).collect())
    }
}

impl Root for Slot {
    fn key(&self) -> (Uuid, i16) {
        (self.pipeline_id, self.slot)
    }

    fn missing(random: &mut Random) -> (Uuid, i16) {
        (random.uuid(), 1)
    }

    fn narrowed<'q>(query: Query<'q, Self>, data: &Data, which: usize) -> (Query<'q, Self>, Vec<Self>) {
        let (query, rows) = match which {
            0 => (
                query.order_by(|s| s.slot.desc()),
                rows(&data.schedules, |_| true, |s| (Reverse(s.slot), s.pipeline_id)),
            ),
            1 => (
                query.filter(|s| s.is_enabled.eq(true)).order_by(|s| s.pipeline_id.desc()),
                rows(&data.schedules, |s| s.is_enabled, |s| (Reverse(s.pipeline_id), s.slot)),
            ),
            _ => (
                query.filter(|s| s.slot.lt(2)).limit(1_000),
                rows(&data.schedules, |s| s.slot < 2, |s| (s.pipeline_id, s.slot)),
            ),
        };
        (query, rows.into_iter().map(|row| data.slot(row)).collect())
    }
}

impl Root for Sibling {
    fn key(&self) -> Uuid {
        self.id
    }

    fn missing(random: &mut Random) -> Uuid {
        random.uuid()
    }

    fn narrowed<'q>(query: Query<'q, Self>, data: &Data, which: usize) -> (Query<'q, Self>, Vec<Self>) {
        let (query, rows) = match which {
            0 => (
                query.order_by(|r| r.due_at.desc()),
                rows(&data.runs, |_| true, |r| (Reverse(r.due_at), r.id)),
            ),
            1 => (
                query.filter(|r| r.slot.ge(1)).order_by(|r| r.slot.asc()),
                rows(&data.runs, |r| r.slot >= 1, |r| (r.slot, r.id)),
            ),
            _ => (query.filter(|r| r.slot.eq(0)).limit(1_000), rows(&data.runs, |r| r.slot == 0, |r| r.id)),
        };
        (query, rows.into_iter().map(|row| data.sibling(row)).collect())
    }
}
