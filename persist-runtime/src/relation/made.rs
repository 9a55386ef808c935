//! Relations as the derive writes them down.

use super::groups::Groups;
use crate::entity::Shape;
use crate::shape::{KeyColumn, Link, ToMany, ToOne, Tree};

impl ToOne {
    /// A relation to at most one row of `C`; see the fields.
    pub const fn of<C: Shape>(
        on: &'static [(&'static str, &'static str)],
        filter: &'static str,
        is_optional: bool,
    ) -> Self {
        ToOne { on, filter, is_optional, shape: C::shape }
    }
}

impl ToMany {
    /// A relation to rows of `C`; see the fields.
    pub const fn of<C: Shape>(
        field: &'static str,
        key: &'static [KeyColumn],
        link: Link,
        order: &'static str,
    ) -> Self {
        ToMany {
            field,
            key,
            link,
            filter: "",
            order,
            limit: None,
            tree: None,
            shape: C::shape,
            group: Groups::<C>::boxed,
        }
    }

    /// The same, of which only those rows count for which a condition holds.
    pub const fn filter(self, filter: &'static str) -> Self {
        ToMany { filter, ..self }
    }

    /// The same, with at most this many rows for each row of this side.
    pub const fn limit(self, rows: u32) -> Self {
        ToMany { limit: Some(rows), ..self }
    }

    /// The same, with all descendants: the column of the primary key, and how many levels are read at most.
    pub const fn tree(self, key: &'static str, max_depth: Option<u32>) -> Self {
        ToMany { tree: Some(Tree { key, max_depth }), ..self }
    }
}
