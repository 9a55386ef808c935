//! What the derive knew of a struct when the program was built: the columns it is read from, and the rows
//! that belong to each of its rows. A struct has relations, and a relation leads to a struct, so both are
//! here.

use std::any::Any;

use crate::table::column::{ColumnModel, KeyColumn};
use crate::table::kept::Kept;
use crate::table::link::{Climb, Equal, Link, Orphans, Owned, Tree};

/// The columns of a struct, and its relations.
#[derive(Debug)]
pub struct ShapeModel {
    /// The table for messages, such as `pipelines`.
    pub table: &'static str,
    /// The table in SQL, quoted and qualified where it has to be.
    pub sql_table: &'static str,
    /// The cells of a row, in their order; some may be [derived](ColumnModel::derived).
    pub columns: &'static [&'static ColumnModel],
    /// The relations that are joined, in the order in which they are decoded.
    pub ones: &'static [ToOne],
    /// The relations that have a statement of their own, in the order in which they are decoded.
    pub many: &'static [ToMany],
    /// The SQL of a row with all that is joined to it.
    pub(crate) joined: Kept,
}

/// A relation to at most one row, which is joined.
#[derive(Debug)]
pub struct ToOne {
    /// The columns on this side, quoted, and those of the other side that they are equal to.
    pub on: &'static [Equal],
    /// What must hold of the other side besides; `\0` stands for its table. Empty: nothing.
    pub filter: &'static str,
    /// May the other side be missing?
    pub is_optional: bool,
    /// The columns on this side, as places in its table.
    pub near: &'static [usize],
    /// Those of the other side that they are equal to.
    pub far: &'static [usize],
    /// Set where the other side refers to this one, and so belongs to it.
    pub owned: Option<Owned>,
    /// The struct on the other side.
    pub other: Other,
}

/// A relation to any number of rows, which are read by a statement of their own.
#[derive(Debug)]
pub struct ToMany {
    /// The field for messages, such as `Pipeline.steps`.
    pub field: &'static str,
    /// The columns on this side that the others refer to.
    pub key: &'static [KeyColumn],
    /// How the others refer to them.
    pub link: Link,
    /// The columns on this side that are referred to, as places in its table.
    pub near: &'static [usize],
    /// The columns on the other side: those that refer, or of a link table those that it refers to.
    pub far: &'static [usize],
    /// What must hold of the others; `\0` stands for their table, `l` for the link table. Empty: nothing.
    pub filter: &'static str,
    /// Their order; it ends in their primary key. `\0` stands for their table, `l` for the link table.
    pub order: &'static str,
    /// At most this many for each row of this side.
    pub limit: Option<u32>,
    /// Does an index find the others by the columns that refer?
    pub is_indexed: bool,
    /// Set where the others are of the same struct: all their descendants are read, too.
    pub tree: Option<Tree>,
    /// Set where the others are not those that refer here, but all rows above this one in its tree.
    pub climb: Option<Climb>,
    /// Levels above this row that are read at most.
    pub max_climb: Option<u32>,
    /// What becomes of those that are taken out, and with their parent.
    pub owned: Owned,
    /// Of a link table: are the others inserted with this side, where they are not there?
    pub inserts: bool,
    /// The struct on the other side.
    pub other: Other,
}

/// The struct on the other side of a relation, without its type.
#[derive(Debug, Clone, Copy)]
pub struct Other {
    shape: fn() -> &'static ShapeModel,
    /// What loading knows of the type.
    pub(crate) typed: &'static (dyn Any + Send + Sync),
}

/// A relation, whichever way it is read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Relation {
    One(&'static ToOne),
    Many(&'static ToMany),
}

impl ShapeModel {
    /// A struct whose cells are columns of its table; see the fields.
    pub const fn new(
        table: &'static str,
        sql_table: &'static str,
        columns: &'static [&'static ColumnModel],
        ones: &'static [ToOne],
        many: &'static [ToMany],
    ) -> Self {
        ShapeModel { table, sql_table, columns, ones, many, joined: Kept::new() }
    }

    /// Is a row of it nothing but the row of its table?
    pub(crate) const fn is_plain(&self) -> bool {
        self.ones.is_empty() && self.many.is_empty()
    }
}

impl ToOne {
    /// A relation to at most one row; see the fields.
    pub const fn new(other: Other, on: &'static [Equal], filter: &'static str, is_optional: bool) -> Self {
        ToOne { on, filter, is_optional, near: &[], far: &[], owned: None, other }
    }

    /// The same, with the columns of both sides as places in their tables.
    pub const fn places(self, near: &'static [usize], far: &'static [usize]) -> Self {
        ToOne { near, far, ..self }
    }

    /// The same, whose other side belongs to this one.
    pub const fn owned(self, orphans: Orphans, cascades: bool) -> Self {
        ToOne { owned: Some(Owned { orphans, cascades }), ..self }
    }
}

impl ToMany {
    /// A relation to any number of rows; see the fields.
    pub const fn new(
        other: Other,
        field: &'static str,
        key: &'static [KeyColumn],
        link: Link,
        order: &'static str,
    ) -> Self {
        ToMany {
            field,
            key,
            link,
            near: &[],
            far: &[],
            filter: "",
            order,
            limit: None,
            is_indexed: true,
            tree: None,
            climb: None,
            max_climb: None,
            owned: Owned { orphans: Orphans::Delete, cascades: true },
            inserts: false,
            other,
        }
    }

    /// The same, with the columns of both sides as places in their tables.
    pub const fn places(self, near: &'static [usize], far: &'static [usize]) -> Self {
        ToMany { near, far, ..self }
    }

    /// The same, of which only those rows count for which a condition holds.
    pub const fn filter(self, filter: &'static str) -> Self {
        ToMany { filter, ..self }
    }

    /// The same, with at most this many rows for each row of this side.
    pub const fn limit(self, rows: u32) -> Self {
        ToMany { limit: Some(rows), ..self }
    }

    /// The same, without an index over the columns that refer.
    pub const fn unindexed(self) -> Self {
        ToMany { is_indexed: false, ..self }
    }

    /// The same, with all descendants, and how many levels are read at most.
    pub const fn tree(self, max_depth: Option<u32>) -> Self {
        ToMany { tree: Some(Tree { max_depth }), ..self }
    }

    /// The same, with the rows above this one in place of those that refer here, and how many levels of them are read
    /// at most.
    pub const fn climb(self, climb: Climb, max_depth: Option<u32>) -> Self {
        ToMany { climb: Some(climb), max_climb: max_depth, ..self }
    }

    /// The same, of which those that are taken out stay, with NULL in these of the columns that refer.
    pub const fn keeps_orphans(self, columns: &'static [usize]) -> Self {
        ToMany { owned: Owned { orphans: Orphans::Null(columns), ..self.owned }, ..self }
    }

    /// The same, which the database does not delete with their parent.
    pub const fn uncascaded(self) -> Self {
        ToMany { owned: Owned { cascades: false, ..self.owned }, ..self }
    }

    /// The same by a link table, whose other side is inserted with this one.
    pub const fn inserting(self) -> Self {
        ToMany { inserts: true, ..self }
    }
}

impl Other {
    /// A struct, and what loading knows of its type.
    pub(crate) const fn new(
        shape: fn() -> &'static ShapeModel,
        typed: &'static (dyn Any + Send + Sync),
    ) -> Self {
        Other { shape, typed }
    }

    /// Its columns and relations.
    pub(crate) fn shape(&self) -> &'static ShapeModel {
        (self.shape)()
    }
}

impl Relation {
    /// Columns of the other side, each with the one of this side that it is equal to, as places in their
    /// tables. Of a link table those of both sides that it refers to.
    pub(crate) fn pairs(self) -> impl Iterator<Item = (usize, usize)> + Clone {
        let (far, near) = match self {
            Relation::One(one) => (one.far, one.near),
            Relation::Many(many) => (many.far, many.near),
        };
        far.iter().copied().zip(near.iter().copied())
    }

    /// The column of this side to which this one of the other side is equal.
    #[inline]
    pub(crate) fn near_of(self, column: usize) -> Option<usize> {
        let (far, near) = match self {
            Relation::One(one) => (one.far, one.near),
            Relation::Many(many) => (many.far, many.near),
        };
        far.iter().position(|far| *far == column).and_then(|at| near.get(at).copied())
    }

    /// The struct on the other side.
    pub(crate) fn other(self) -> &'static ShapeModel {
        match self {
            Relation::One(one) => one.other.shape(),
            Relation::Many(many) => many.other.shape(),
        }
    }

    /// The columns of the other side: of rows that belong to this side, their foreign key.
    pub(crate) fn far(self) -> &'static [usize] {
        match self {
            Relation::One(one) => one.far,
            Relation::Many(many) => many.far,
        }
    }

    /// Do rows of the other side refer to this one by these columns, in any order?
    pub(crate) fn is_over(self, columns: &[usize]) -> bool {
        let (far, has_link) = match self {
            Relation::One(one) => (one.far, one.owned.is_none()),
            Relation::Many(many) => (many.far, many.link.through.is_some() || many.climb.is_some()),
        };
        !has_link && far.len() == columns.len() && far.iter().all(|column| columns.contains(column))
    }

    /// Are the rows on the other side those of others, to which this one refers, or which are above it in a tree?
    pub(crate) fn is_of_others(self) -> bool {
        match self {
            Relation::One(one) => one.owned.is_none(),
            Relation::Many(many) => many.climb.is_some(),
        }
    }

    /// Are they the same?
    pub(crate) fn is(self, other: Relation) -> bool {
        match (self, other) {
            (Relation::One(one), Relation::One(other)) => std::ptr::eq(one, other),
            (Relation::Many(one), Relation::Many(other)) => std::ptr::eq(one, other),
            (Relation::One(_), Relation::Many(_)) | (Relation::Many(_), Relation::One(_)) => false,
        }
    }
}
