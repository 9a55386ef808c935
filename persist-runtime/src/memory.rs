//! What a unit of work remembers of the rows that it has read: its identity map.

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use crate::image::{Cell, Image, same};
use crate::model::Model;
use crate::row_key::LinkKey;
use crate::walk::{Node, Relation};

/// The rows that were read, each once, as they were when they were first read or last written.
#[derive(Default, Clone)]
pub(crate) struct Memory {
    rows: HashMap<RowKey, Arc<Remembered>>,
    twins: HashMap<RowKey, Arc<Twin>>,
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
    /// The rows that belonged to it.
    pub(crate) relations: Vec<(Relation, Vec<RowKey>)>,
    /// Was it written since it was read?
    pub(crate) is_written: bool,
    /// Did the database make something of it that has to be read before it can be written again?
    pub(crate) is_outdated: bool,
    /// Was something added to it whose key nobody knows before it is read?
    pub(crate) has_unknown: bool,
}

/// A struct as it was read, for the case that it is read again.
struct Twin {
    /// All rows that it holds.
    rows: HashSet<RowKey>,
    value: Mutex<Box<dyn Any + Send>>,
}

impl RowKey {
    pub(crate) fn new(model: &'static Model, key: LinkKey) -> Self {
        RowKey { model: std::ptr::from_ref(model).addr(), key }
    }

    pub(crate) fn of(node: &Node) -> Self {
        RowKey::new(node.model, node.key.clone())
    }
}

impl Memory {
    pub(crate) fn get(&self, key: &RowKey) -> Option<&Remembered> {
        self.rows.get(key).map(|row| &**row)
    }

    /// Takes the rows of a struct that was read. What is remembered of a row stays, unless it was written since.
    pub(crate) fn learn(&mut self, nodes: &[Node], replaces: bool) {
        for node in nodes {
            let key = RowKey::of(node);
            let stays = !replaces && self.rows.get(&key).is_some_and(|row| !row.is_written);
            if !stays {
                self.rows.insert(key, Arc::new(Remembered::read(node, nodes)));
            }
        }
    }

    /// Is any of these rows, or what belongs to it, not as it is remembered, although this unit of work did not write it?
    pub(crate) fn differs(&self, nodes: &[Node]) -> bool {
        nodes.iter().any(|node| {
            let Some(row) = self.get(&RowKey::of(node)) else { return true };
            let columns = node.model.writing.columns.iter().enumerate();
            let is_same = |(index, column): (usize, &&crate::model::ColumnModel)| {
                same(column.oid, row.image.cell(index), node.image.cell(index))
            };
            let relations = relations(node, nodes);
            !columns.into_iter().all(is_same)
                || relations.len() != row.relations.len()
                || relations.iter().zip(&row.relations).any(|((_, now), (_, then))| now != then)
        })
    }

    /// The struct as it was read first; `None` where one of its rows was written since, or it could not be kept.
    pub(crate) fn twin<V: 'static>(&self, key: &RowKey, copy: impl FnOnce(&V) -> Option<V>) -> Option<V> {
        let twin = self.twins.get(key)?;
        let value = twin.value.lock().unwrap_or_else(PoisonError::into_inner);
        copy(value.downcast_ref()?)
    }

    pub(crate) fn keep_twin<V: Send + 'static>(&mut self, nodes: &[Node], value: V) {
        let Some(root) = nodes.first() else { return };
        let rows = nodes.iter().map(RowKey::of).collect();
        self.twins.insert(RowKey::of(root), Arc::new(Twin { rows, value: Mutex::new(Box::new(value)) }));
    }

    /// A row was written, or will be new.
    pub(crate) fn put(&mut self, key: RowKey, row: Remembered) {
        self.rows.insert(key, Arc::new(row));
    }

    /// A row was deleted.
    pub(crate) fn forget(&mut self, key: &RowKey) {
        self.rows.remove(key);
    }

    /// Structs that hold one of these rows are not as they were read any more.
    pub(crate) fn drop_twins(&mut self, written: &HashSet<RowKey>) {
        self.twins.retain(|_, twin| twin.rows.is_disjoint(written));
    }

    /// Rows were written that nobody knows by their keys.
    pub(crate) fn drop_all_twins(&mut self) {
        self.twins.clear();
    }
}

impl Remembered {
    pub(crate) fn read(node: &Node, nodes: &[Node]) -> Self {
        Remembered {
            model: node.model,
            image: node.image.clone(),
            versions: version(node.model, &node.image).into_iter().collect(),
            relations: relations(node, nodes),
            is_written: false,
            is_outdated: false,
            has_unknown: false,
        }
    }

    /// Has the caller read this version of the row?
    pub(crate) fn has_version(&self, image: &Image) -> bool {
        version(self.model, image).is_none_or(|version| self.versions.contains(&version))
    }
}

/// The rows that belong to a row.
pub(crate) fn relations(node: &Node, nodes: &[Node]) -> Vec<(Relation, Vec<RowKey>)> {
    let keys = |places: &[usize]| places.iter().map(|place| RowKey::of(&nodes[*place])).collect();
    node.relations.iter().map(|(relation, places)| (*relation, keys(places))).collect()
}

/// The version of a row, if it has one.
pub(crate) fn version(model: &'static Model, image: &Image) -> Option<Box<[u8]>> {
    if !model.versioned {
        return None;
    }
    match image.cell(model.writing.columns.len() - 1) {
        Cell::Value(version) => Some(version.into()),
        Cell::Absent | Cell::Null => None,
    }
}
