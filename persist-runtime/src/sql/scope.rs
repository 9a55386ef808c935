//! Where a table stands in a query.

use std::sync::atomic::{AtomicU32, Ordering};

/// A table in a query. What is written for it is the alias `t0`, `t1`, … of its level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope(u32);

/// A table as the other parts of a statement name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alias {
    /// `t0`, `t1`, …, by its level; `s1`, `s2`, … where it is joined for the order.
    Scope(Scope),
    /// `j1`, `j2`, …: a row that is joined to that of `t0`.
    Joined(usize),
    /// `l`: the link table of a relation.
    Link,
    /// `a`: a table whose rows become one value.
    Aggregated,
}

impl Alias {
    /// The table that the statement is about: `t0`.
    pub(crate) const ROOT: Alias = Alias::Scope(Scope::ROOT);
}

impl Scope {
    /// The table that the query is about.
    pub(crate) const ROOT: Scope = Scope(0);

    /// The row that was offered, in an upsert whose row is there: `excluded`.
    pub(crate) const OFFERED: Scope = Scope(u32::MAX);

    /// The row as it was before a change: `old`.
    pub(crate) const OLD: Scope = Scope(u32::MAX - 1);

    /// The row as it is after a change: `new`.
    pub(crate) const NEW: Scope = Scope(u32::MAX - 2);

    /// A table that no condition names yet: the other side of a relation, each time that it is asked for.
    ///
    /// Tables differ by themselves, not by their level: conditions on two relations of one row may be nested
    /// in each other, and then both tables are seen at once.
    pub(crate) fn fresh() -> Scope {
        static LAST: AtomicU32 = AtomicU32::new(0);
        // Should the numbers ever begin anew, those of queries that are made at the same time are far apart.
        Scope(LAST.fetch_add(1, Ordering::Relaxed).wrapping_add(1).clamp(1, u32::MAX - 3))
    }
}
