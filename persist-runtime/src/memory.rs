//! What a unit of work remembers of the rows that it has read: its identity map.

use std::any::Any;
use std::collections::HashMap;

use crate::image::{Image, same};
use crate::model::Model;
use crate::row_key::LinkKey;
use crate::walk::{Node, Relation};

/// The rows that were read, each once, as they were when they were first read or last written.
#[derive(Default)]
pub(crate) struct Memory {
    rows: HashMap<RowKey, Remembered>,
}

/// A row of a struct: two structs over one table remember their own columns each.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct RowKey {
    model: usize,
    key: LinkKey,
}

/// A row as the database has it, as far as this unit of work knows.
pub(crate) struct Remembered {
    pub(crate) model: &'static Model,
    pub(crate) image: Image,
    /// The versions that this unit of work has seen or made: what the caller holds may have any of them.
    pub(crate) versions: Vec<Box<[u8]>>,
    pub(crate) relations: Vec<(Relation, Vec<RowKey>)>,
    /// The struct as it was read, until the row is written.
    twin: Option<Box<dyn Any + Send>>,
}
