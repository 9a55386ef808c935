//! What a unit of work remembers of the rows that it has read: its identity map.

use std::any::Any;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use crate::session::link::Session;
use crate::table::model::{Model, Reference};
use crate::value::row_key::{KeyMap, KeySet, LinkKey};
use crate::write::encoded_row::{Cell, EncodedRow, same};
use crate::write::saved_row::{Relation, SavedRow};

/// The rows that were read, each once, as they were when they were first read or last written.
#[derive(Default, Clone)]
pub(crate) struct IdentityMap {
    rows: KeyMap<RowKey, Arc<Snapshot>>,
    /// The structs whose rows are remembered.
    models: Vec<&'static Model>,
    /// The rows that this unit of work has deleted.
    deleted: KeySet<RowKey>,
    /// Structs as they were read, for the case that they are read again; until something is written.
    twins: KeyMap<RowKey, Twin>,
}

type Twin = Arc<Mutex<Box<dyn Any + Send>>>;

/// A row of a struct: two structs over one table remember their own columns each.
#[derive(Clone)]
pub(crate) struct RowKey {
    model: &'static Model,
    key: LinkKey,
}

/// A row as the database has it, as far as this unit of work knows.
#[derive(Clone)]
pub(crate) struct Snapshot {
    pub(crate) model: &'static Model,
    pub(crate) encoded: EncodedRow,
    /// The versions before this one that this unit of work has seen or made: what the caller holds may have any of them.
    earlier: Vec<Box<[u8]>>,
    /// The rows that belonged to it.
    pub(crate) relations: Vec<(Relation, Vec<RowKey>)>,
    /// Did the database make something of it that has to be read before it can be written again?
    pub(crate) is_outdated: bool,
    /// Was something added to it whose key nobody knows before it is read?
    pub(crate) has_unknown: bool,
}

impl RowKey {
    pub(crate) fn new(model: &'static Model, key: LinkKey) -> Self {
        RowKey { model, key }
    }

    /// The struct whose row it is.
    pub(crate) fn model(&self) -> &'static Model {
        self.model
    }

    /// The values of the columns of the key.
    pub(crate) fn cells(&self) -> Vec<&[u8]> {
        self.key.cells(self.model.key.len())
    }

    /// Is it what stands in a struct for a key that the database will make: zeros, or nothing?
    pub(crate) fn is_blank(&self) -> bool {
        self.cells().iter().all(|cell| cell.iter().all(|byte| *byte == 0))
    }

    pub(crate) fn of(node: &SavedRow) -> Self {
        RowKey::new(node.model, node.key.clone())
    }

    /// The same row, as another struct over its table has it.
    pub(crate) fn as_of(&self, model: &'static Model) -> Self {
        RowKey::new(model, self.key.clone())
    }
}

impl PartialEq for RowKey {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.model, other.model) && self.key == other.key
    }
}

impl Eq for RowKey {}

impl Hash for RowKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Rows of different structs rarely have the same key.
        self.key.hash(state);
    }
}

impl IdentityMap {
    /// The identity map of the unit of work that a session belongs to.
    pub(crate) fn of<'a>(session: &Session<'a>) -> Option<&'a Mutex<IdentityMap>> {
        session.kept()?.downcast_ref()
    }

    /// Rows are written without naming their keys: structs that are read again may differ.
    pub(crate) fn wrote_unknown_rows(session: &Session<'_>) {
        if let Some(identity_map) = IdentityMap::of(session) {
            identity_map.lock().unwrap_or_else(PoisonError::into_inner).drop_twins();
        }
    }

    pub(crate) fn get(&self, key: &RowKey) -> Option<&Snapshot> {
        self.rows.get(key).map(|row| &**row)
    }

    /// Did the row belong to two others, because somebody moved it between the two reads? Whoever writes them is told by their versions.
    pub(crate) fn saw_twice(&self, key: &RowKey, relation: Relation) -> bool {
        let holds = |row: &&Arc<Snapshot>| {
            row.relations.iter().any(|(by, keys)| by.is(relation) && keys.contains(key))
        };
        self.rows.values().filter(holds).count() > 1
    }

    /// Takes the rows of a struct that the caller gets to see.
    pub(crate) fn learn(&mut self, nodes: &[SavedRow]) {
        for node in nodes {
            let key = RowKey::of(node);
            let mut row = Snapshot::read(node, nodes);
            if let Some(before) = self.rows.get(&key).filter(|before| !before.is_outdated)
                && before.has_version(&row.encoded)
            {
                // The caller may hold an earlier version that only this unit of work has changed.
                row.earlier.clone_from(&before.earlier);
                row.keep(before.version());
            }
            self.put(key, row);
        }
    }

    /// Is any of these rows, or what belongs to it, not as it is remembered, although this unit of work did not write it?
    pub(crate) fn differs(&self, nodes: &[SavedRow]) -> bool {
        nodes.iter().any(|node| {
            let Some(row) = self.get(&RowKey::of(node)) else { return true };
            let columns = node.model.writing.columns.iter().enumerate();
            let is_same = |(index, column): (usize, &&crate::table::shape::ColumnModel)| {
                same(column.oid, row.encoded.cell(index), node.encoded.cell(index))
            };
            let relations = relations(node, nodes);
            !columns.into_iter().all(is_same)
                || relations.len() != row.relations.len()
                || relations.iter().zip(&row.relations).any(|((_, now), (_, then))| now != then)
        })
    }

    /// The struct as it was read first; `None` where something was written since, or it could not be kept.
    pub(crate) fn twin<V: 'static>(&self, key: &RowKey, copy: impl FnOnce(&V) -> Option<V>) -> Option<V> {
        let twin = self.twins.get(key)?;
        let value = twin.lock().unwrap_or_else(PoisonError::into_inner);
        copy(value.downcast_ref()?)
    }

    pub(crate) fn keep_twin<V: Send + 'static>(&mut self, root: RowKey, value: V) {
        self.twins.insert(root, Arc::new(Mutex::new(Box::new(value))));
    }

    /// A row was written, or will be new.
    pub(crate) fn put(&mut self, key: RowKey, row: Snapshot) {
        if !self.models.iter().any(|known| std::ptr::eq(*known, row.model)) {
            self.models.push(row.model);
        }
        self.deleted.remove(&key);
        self.rows.insert(key, Arc::new(row));
    }

    /// A row will not be as it is remembered by any struct.
    pub(crate) fn forget(&mut self, key: &RowKey) {
        for model in self.models.iter().filter(|model| model.qualified == key.model.qualified) {
            self.rows.remove(&key.as_of(model));
        }
    }

    /// A row was deleted: a struct that still holds it is an old one.
    pub(crate) fn bury(&mut self, key: RowKey) {
        self.forget(&key);
        self.deleted.insert(key);
    }

    /// Has this unit of work deleted the row?
    pub(crate) fn has_deleted(&self, key: &RowKey) -> bool {
        self.deleted.contains(key)
    }

    /// The row that a foreign key refers to by the primary key, as any struct remembers it.
    pub(crate) fn referred(&self, reference: &Reference, key: &LinkKey) -> Option<&Snapshot> {
        let models = self.models.iter().filter(|model| model.qualified == reference.table);
        let by_key = |model: &&&'static Model| {
            model.key.iter().map(|column| column.name).eq(reference.target.iter().copied())
        };
        let mut rows = models.filter(by_key).map(|model| self.get(&RowKey::new(model, key.clone())));
        rows.find_map(|row| row)
    }

    /// Something was written: structs may not be as they were read any more, whichever rows of theirs it was.
    pub(crate) fn drop_twins(&mut self) {
        self.twins.clear();
    }

    /// A row got this version by one struct over its table: the others know it, too.
    pub(crate) fn advance_others(&mut self, key: &RowKey, version: &[u8]) {
        let model = key.model;
        let others = self.models.iter().filter(|other| {
            !std::ptr::eq(**other, model) && other.qualified == model.qualified && other.versioned
        });
        for other in others {
            let Some(row) = self.rows.get_mut(&key.as_of(other)) else { continue };
            let encoded = row.encoded.replaced(other.writing.columns.len() - 1, Cell::Value(version));
            Arc::make_mut(row).renew(encoded);
        }
    }
}

impl Snapshot {
    pub(crate) fn read(node: &SavedRow, nodes: &[SavedRow]) -> Self {
        Snapshot {
            model: node.model,
            encoded: node.encoded.clone(),
            earlier: Vec::new(),
            relations: relations(node, nodes),
            is_outdated: false,
            has_unknown: false,
        }
    }

    /// Has the caller read this version of the row?
    pub(crate) fn has_version(&self, encoded: &EncodedRow) -> bool {
        let Some(version) = version(self.model, encoded) else { return true };
        self.version() == Some(version) || self.earlier.iter().any(|earlier| **earlier == *version)
    }

    /// The row is written.
    pub(crate) fn renew(&mut self, encoded: EncodedRow) {
        let before = std::mem::replace(&mut self.encoded, encoded);
        self.keep(version(self.model, &before));
    }

    /// Keeps a version that is not that of the row any more.
    fn keep(&mut self, earlier: Option<&[u8]>) {
        let earlier = earlier.filter(|earlier| self.version() != Some(earlier)).map(Box::from);
        self.earlier.extend(earlier);
    }

    fn version(&self) -> Option<&[u8]> {
        version(self.model, &self.encoded)
    }
}

/// The rows that belong to a row.
pub(crate) fn relations(node: &SavedRow, nodes: &[SavedRow]) -> Vec<(Relation, Vec<RowKey>)> {
    let keys = |places: &[usize]| places.iter().map(|place| RowKey::of(&nodes[*place])).collect();
    node.relations.iter().map(|(relation, places)| (*relation, keys(places))).collect()
}

/// The version of a row, if it has one.
pub(crate) fn version<'i>(model: &'static Model, encoded: &'i EncodedRow) -> Option<&'i [u8]> {
    if !model.versioned {
        return None;
    }
    match encoded.cell(model.writing.columns.len() - 1) {
        Cell::Value(version) => Some(version),
        Cell::Absent | Cell::Null => None,
    }
}
