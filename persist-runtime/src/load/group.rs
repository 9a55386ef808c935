//! Rows that wait, grouped by the key of the row that they belong to.

use std::any::Any;

use tokio_postgres::Row;

use crate::error::Error;

/// The rows of one relation.
pub(crate) trait Group: Any + Send {
    /// Takes a row as it arrives.
    fn accept(&mut self, row: Row) -> Result<(), Error>;

    /// The relations of these rows.
    fn below(&mut self) -> &mut Loaded;

    /// The typed group.
    fn as_any(&mut self) -> &mut dyn Any;
}

/// What was read for the relations of one struct, in the order in which they are decoded.
#[derive(Default)]
pub(crate) struct Loaded {
    pub(crate) groups: Vec<Box<dyn Group>>,
}

/// How rows are grouped.
pub(crate) struct Grouping {
    /// The index of the first cell of their link key; the cells before it are the row itself.
    pub(crate) link_at: usize,
    /// The cells of the link key.
    pub(crate) link_width: usize,
    /// When they are decoded.
    pub(crate) decoding: Decoding,
    /// Their own relations.
    pub(crate) below: Loaded,
}

/// When grouped rows are decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decoding {
    /// As they arrive: each belongs to one row, and what belongs to it is there.
    AtOnce,
    /// When a row asks for them: several rows may ask for the same.
    OnDemand,
    /// When the first row of a tree asks for its descendants; the relation at this index leads from one to
    /// the next.
    Tree(usize),
}

impl Loaded {
    /// The group at the end of a path of indices.
    pub(crate) fn at(&mut self, path: &[usize]) -> &mut dyn Group {
        match path {
            [last] => self.groups[*last].as_mut(),
            [first, rest @ ..] => self.groups[*first].below().at(rest),
            [] => unreachable!("a path to a relation is never empty"),
        }
    }
}
