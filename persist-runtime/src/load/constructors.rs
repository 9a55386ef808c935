//! Relations as the derive writes them down.

use crate::entity::traits::Shape;
use crate::load::group::{Group, Grouping};
use crate::load::groups::Groups;
use crate::table::shape::{KeyColumn, Link, Orphans, Owned, ShapeModel, ToMany, ToOne, Tree};

/// The struct on the other side of a relation, without its type.
#[derive(Clone, Copy)]
pub struct Other {
    shape: fn() -> &'static ShapeModel,
    group: fn(Grouping) -> Box<dyn Group>,
}

impl Other {
    /// The struct `C`.
    pub const fn of<C: Shape>() -> Self {
        Other { shape: C::shape, group: Groups::<C>::boxed }
    }
}

impl ToOne {
    /// A relation to at most one row; see the fields.
    pub const fn new(
        other: Other,
        on: &'static [(&'static str, &'static str)],
        filter: &'static str,
        is_optional: bool,
    ) -> Self {
        ToOne { on, filter, is_optional, near: &[], far: &[], owned: None, shape: other.shape }
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
            owned: Owned { orphans: Orphans::Delete, cascades: true },
            shape: other.shape,
            group: other.group,
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
    /// The same, of which those that are taken out stay, and refer to nobody.
    pub const fn keeps_orphans(self) -> Self {
        ToMany { owned: Owned { orphans: Orphans::Null, ..self.owned }, ..self }
    }

    /// The same, which the database does not delete with their parent.
    pub const fn uncascaded(self) -> Self {
        ToMany { owned: Owned { cascades: false, ..self.owned }, ..self }
    }
}
