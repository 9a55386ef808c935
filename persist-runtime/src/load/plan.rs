//! The statements of a load, and where those that were made are kept.

use std::sync::OnceLock;

use crate::table::shape::{ColumnModel, ShapeModel};
use crate::wire::statement::Statement;

/// The statements of a load, in the order in which they are sent.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) statements: Vec<Planned>,
    pub(crate) bracket: Bracket,
    /// Are rows read before those that belong to them, and hand their keys over?
    pub(crate) hands_over: bool,
    /// May several rows ask for the same children?
    pub(crate) repeats: bool,
    /// Are the rows locked? Then they are read as they are now, whatever was read before.
    pub(crate) locks: bool,
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
pub(crate) enum Bracket {
    /// One statement needs none.
    None,
    /// All statements see the same rows.
    Snapshot,
    /// Rows are locked.
    Locking,
}

/// The columns by which rows are found, and the statements made for it.
#[derive(Debug)]
pub struct Finder {
    pub(crate) columns: &'static [&'static ColumnModel],
    /// By one value for each column, or by an array for each; where all statements see the same rows, or where not.
    made: [[Made; 2]; 2],
}

/// The plans for one struct after another, in the order in which they were first asked for: first the entity itself, mostly.
#[derive(Debug)]
pub(crate) struct Made(OnceLock<Box<MadePlan>>);

#[derive(Debug)]
struct MadePlan {
    shape: &'static ShapeModel,
    plan: Plan,
    next: Made,
}

impl Finder {
    /// Finds rows by these columns.
    pub const fn by(columns: &'static [&'static ColumnModel]) -> Finder {
        Finder { columns, made: [const { [const { Made(OnceLock::new()) }; 2] }; 2] }
    }

    /// The plans made so far.
    pub(crate) fn made(&self, arrays: bool, sees_changes: bool) -> &Made {
        &self.made[usize::from(arrays)][usize::from(sees_changes)]
    }
}

impl Made {
    /// The plan for a struct, made at the first use.
    pub(crate) fn get(&self, shape: &'static ShapeModel, make: impl FnOnce() -> Plan) -> &Plan {
        let mut make = Some(make);
        let made = self.0.get_or_init(|| match make.take() {
            Some(make) => Box::new(MadePlan { shape, plan: make(), next: Made(OnceLock::new()) }),
            None => unreachable!("a plan is made once"),
        });
        match make {
            Some(make) if !std::ptr::eq(made.shape, shape) => made.next.get(shape, make),
            Some(_) | None => &made.plan,
        }
    }
}
