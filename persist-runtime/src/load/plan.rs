//! The statements of a load, and the lists in which they are kept.

use std::sync::OnceLock;

use crate::table::finder::Finder;
use crate::table::shape::ShapeModel;
use crate::wire::statement::Statement;

/// The statements of a load, in the order in which they are sent.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) statements: Vec<Planned>,
    pub(crate) isolation: Isolation,
    /// Are rows read before those that belong to them, and hand their keys over?
    pub(crate) hands_over: bool,
    /// May several rows ask for the same children?
    pub(crate) repeats: bool,
    /// Are the rows locked? Then they are read as they are now, whatever was read before.
    pub(crate) locks: bool,
    /// Does the statement that reads the rows write them?
    pub(crate) writes: bool,
}

/// One statement of a load.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) statement: Statement,
    /// Where its rows belong; empty for the rows that the load begins with.
    pub(crate) path: Vec<usize>,
}

/// The transaction around a load outside of a unit of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// One statement needs none.
    None,
    /// All statements see the same rows.
    Snapshot,
    /// Rows are locked.
    Locking,
}

/// The plans by which rows are found: by one value for each column, or by an array for each; where all
/// statements see the same rows, or where not.
#[derive(Debug, Default)]
pub(crate) struct Plans([[ByShape; 2]; 2]);

/// The plans for one struct after another, in the order in which they were first asked for: first the entity
/// itself, mostly.
#[derive(Debug, Default)]
pub(crate) struct ByShape(OnceLock<Box<Entry>>);

#[derive(Debug)]
struct Entry {
    shape: &'static ShapeModel,
    plan: Plan,
    next: ByShape,
}

impl Plans {
    /// Those that are kept with a finder.
    pub(crate) fn of(finder: &Finder) -> &Plans {
        finder.plans.get_or_init(Plans::default)
    }

    /// Those of one kind.
    pub(crate) fn kind(&self, arrays: bool, sees_changes: bool) -> &ByShape {
        &self.0[usize::from(arrays)][usize::from(sees_changes)]
    }
}

impl ByShape {
    /// The plan for a struct, made at the first use.
    pub(crate) fn get(&self, shape: &'static ShapeModel, make: impl FnOnce() -> Plan) -> &Plan {
        let mut make = Some(make);
        let entry = self.0.get_or_init(|| match make.take() {
            Some(make) => Box::new(Entry { shape, plan: make(), next: ByShape::default() }),
            None => unreachable!("a plan is made once"),
        });
        match make {
            Some(make) if !std::ptr::eq(entry.shape, shape) => entry.next.get(shape, make),
            Some(_) | None => &entry.plan,
        }
    }
}
