//! What relations keep of the types that loading makes of their rows.

use crate::load::group::{Group, Grouping};
use crate::load::groups::Groups;
use crate::load::shape::Shape;
use crate::table::shape::{Other, ToMany};

/// How the rows of a struct are grouped, without its type.
struct Grouper(fn(Grouping) -> Box<dyn Group>);

impl Other {
    /// The struct `C`.
    pub const fn of<C: Shape>() -> Self {
        Other::new(C::shape, const { &Grouper(Groups::<C>::boxed) })
    }
}

/// A place for the rows of a relation.
pub(crate) fn group(relation: &ToMany, grouping: Grouping) -> Box<dyn Group> {
    match relation.other.typed.downcast_ref::<Grouper>() {
        Some(Grouper(boxed)) => boxed(grouping),
        None => unreachable!("`Other::of` is the only constructor of the other side of `{}`", relation.field),
    }
}
