//! The identity map of a unit of work: the rows that it has read and written, each once, whichever structs
//! they are in.

use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};

use crate::session::link::Session;
use crate::table::facts::{Reference, Table, TableId};
use crate::table::shape::Relation;
use crate::value::row_key::{KeyMap, KeySet, LinkKey};
use crate::write::encoded_row::same;
use crate::write::identity::RowKey;
use crate::write::saved_row::SavedRow;
use crate::write::shown_row::changed;
use crate::write::snapshot::{Snapshot, relations};

/// The rows that were read, each once, as they were when they were first read or last written.
#[derive(Default, Clone)]
pub(crate) struct IdentityMap {
    rows: KeyMap<RowKey, Arc<Snapshot>>,
    /// The tables of these rows.
    tables: Vec<TableId>,
    /// The rows that this unit of work has deleted.
    deleted: KeySet<RowKey>,
    /// Structs as they were read, for the case that they are read again; until something is written.
    copies: KeyMap<RowKey, Vec<StructCopy>>,
    /// How often something was written.
    writes: usize,
    /// Which of these writes was the last that brought rows to a table, or took some away.
    stirred: Vec<Stirred>,
    /// Which was the last of which not even the table is known.
    wrote_anything: usize,
    /// The rows of structs that wait to be compared with what is known of them: reading them meanwhile changes nothing of that.
    still: KeySet<RowKey>,
    /// The same for rows that such structs have let go of, with those to which they belonged and by which columns.
    let_go: KeyMap<RowKey, (RowKey, &'static [usize])>,
}

/// A table whose rows came and went.
#[derive(Clone)]
struct Stirred {
    table: &'static str,
    came: usize,
    went: usize,
}

/// What was done to rows of a table, which structs may not show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stir {
    /// Some came: new ones, or ones that were moved here.
    Came,
    /// Some went away: deleted, or moved.
    Went,
    /// Some came or went.
    Moved,
}

/// A struct as it was read. Several structs may be over one row.
type StructCopy = Arc<Mutex<Box<dyn Any + Send>>>;

impl IdentityMap {
    /// The identity map of the unit of work that a session belongs to.
    pub(crate) fn of<'a>(session: &Session<'a>) -> Option<&'a Mutex<IdentityMap>> {
        session.kept()?.downcast_ref()
    }

    /// Rows are written without naming their keys: structs that are read again may differ.
    pub(crate) fn wrote_unknown_rows(session: &Session<'_>, table: Option<&'static Table>) {
        let Some(identity_map) = IdentityMap::of(session) else { return };
        let mut identity_map = identity_map.lock().unwrap_or_else(PoisonError::into_inner);
        identity_map.drop_copies();
        match table {
            Some(table) => identity_map.stir(table, Stir::Moved),
            None => identity_map.wrote_anything = identity_map.writes,
        }
    }

    /// The same of rows that are deleted.
    pub(crate) fn deleted_unknown_rows(session: &Session<'_>, table: &'static Table) {
        let Some(identity_map) = IdentityMap::of(session) else { return };
        let mut identity_map = identity_map.lock().unwrap_or_else(PoisonError::into_inner);
        identity_map.drop_copies();
        identity_map.stir(table, Stir::Went);
        identity_map.stir_below(vec![table.id()]);
    }

    /// Rows of a table came, or went, by the write that was counted last.
    pub(crate) fn stir(&mut self, table: &'static Table, stir: Stir) {
        let now = self.writes;
        let known = self.stirred.iter().position(|known| known.table == table.sql);
        let place = known.unwrap_or_else(|| {
            self.stirred.push(Stirred { table: table.sql, came: 0, went: 0 });
            self.stirred.len() - 1
        });
        let known = &mut self.stirred[place];
        if stir != Stir::Went {
            known.came = now;
        }
        if stir != Stir::Came {
            known.went = now;
        }
    }

    /// Rows of these tables were deleted: the database deletes what refers to them, or has it refer to nothing.
    pub(crate) fn stir_below(&mut self, mut gone: Vec<TableId>) {
        let mut next = 0;
        while let Some(above) = gone.get(next).copied() {
            let refers = |table: &TableId| table.facts().references.iter().any(|to| to.is_to(above.facts()));
            let below: Vec<TableId> = self.tables.iter().copied().filter(refers).collect();
            for table in below {
                if !gone.contains(&table) {
                    self.stir(table.facts(), Stir::Went);
                    gone.push(table);
                }
            }
            next += 1;
        }
    }

    /// Did rows of any table go away?
    pub(crate) fn has_lost_any(&self) -> bool {
        self.wrote_anything > 0 || self.stirred.iter().any(|stirred| stirred.went > 0)
    }

    /// Did rows of any table come or go?
    pub(crate) fn has_stirred(&self) -> bool {
        self.wrote_anything > 0 || !self.stirred.is_empty()
    }

    /// What is known of the columns of these rows stays as it is while others are read.
    pub(crate) fn hold_still(&mut self, rows: KeySet<RowKey>) {
        self.still = rows;
    }

    /// Rows are read that structs have let go of, to learn what is below them and whether the values changed by which they
    /// belong where they did. All else that is known of them, and of the rows that are held still, stays as it is.
    pub(crate) fn look_below(&mut self, let_go: KeyMap<RowKey, (RowKey, &'static [usize])>) {
        // What is read meanwhile is not what the caller has seen.
        self.copies.clear();
        self.let_go = let_go;
    }

    /// A row does not belong to another one any more by these columns.
    pub(crate) fn disown(&mut self, owner: &RowKey, row: &RowKey, by: &[usize]) {
        if let Some(known) = self.rows.get_mut(owner) {
            Arc::make_mut(known).disown(&std::iter::once(row.clone()).collect(), by);
        }
    }

    /// Rows that were let go of follow the values of those to which they belong.
    fn follow(&mut self, rows: &[SavedRow]) {
        for owner in rows.iter().filter(|row| !row.relations.is_empty()) {
            let key = RowKey::of(owner);
            for child in owner.relations.iter().flat_map(|(_, places)| places).map(|place| &rows[*place]) {
                let child_key = RowKey::of(child);
                let Some((of, by)) = self.let_go.get(&child_key) else { continue };
                if *of == key
                    && let Some(known) = self.rows.get_mut(&child_key)
                {
                    Arc::make_mut(known).follow(&child.encoded, by);
                }
            }
        }
    }

    /// Did rows go away since this one was read, which may have belonged to it by this relation?
    pub(crate) fn may_have_lost(&self, row: &Snapshot, relation: Relation) -> bool {
        let mut stirred = self.stirred_in(relation);
        self.wrote_anything > row.read_after || stirred.any(|stirred| stirred.went > row.read_after)
    }

    /// Did rows come or go since this one was read, which may belong to it by this relation?
    pub(crate) fn may_have_changed(&self, row: &Snapshot, relation: Relation) -> bool {
        let mut stirred = self.stirred_in(relation);
        self.wrote_anything > row.read_after
            || stirred.any(|stirred| stirred.came.max(stirred.went) > row.read_after)
    }

    fn stirred_in(&self, relation: Relation) -> impl Iterator<Item = &Stirred> {
        let table = (!self.stirred.is_empty()).then(|| relation.other().sql_table);
        self.stirred.iter().filter(move |stirred| Some(stirred.table) == table)
    }

    /// The row, if any struct has read it.
    pub(crate) fn get(&self, key: &RowKey) -> Option<&Snapshot> {
        self.rows.get(key).map(|row| &**row)
    }

    /// The row as this struct has read it.
    pub(crate) fn knows(&self, row: &SavedRow) -> bool {
        self.get(&RowKey::of(row)).is_some_and(|known| known.as_read(row.model).is_some())
    }

    /// Did the row belong to two others by one key, because another transaction moved it between the two reads?
    pub(crate) fn saw_twice(&self, key: &RowKey, relation: Relation) -> bool {
        let holds = |row: &&Arc<Snapshot>| row.owns(key, relation.far());
        self.rows.values().filter(holds).count() > 1
    }

    /// Takes the rows of a struct that the caller gets to see.
    pub(crate) fn learn(&mut self, rows: &[SavedRow]) {
        self.learn_each(rows, rows.iter());
    }

    /// The same of some of them.
    pub(crate) fn learn_some(&mut self, rows: &[SavedRow], places: &[usize]) {
        self.learn_each(rows, places.iter().map(|place| &rows[*place]));
    }

    fn learn_each<'r>(&mut self, rows: &[SavedRow], each: impl Iterator<Item = &'r SavedRow>) {
        for row in each {
            let key = RowKey::of(row);
            let mut fresh = Snapshot::read(row, rows);
            fresh.read_after = self.writes;
            match self.rows.get_mut(&key) {
                Some(known) if self.let_go.contains_key(&key) => {
                    Arc::make_mut(known).learn_relations(fresh.relations, fresh.read_after);
                }
                Some(known)
                    if !self.let_go.is_empty()
                        && self.still.contains(&key)
                        && known.is_settled(row.model) => {}
                Some(known) if self.still.contains(&key) && known.is_settled(row.model) => {
                    Arc::make_mut(known).learn_relations(fresh.relations, fresh.read_after);
                }
                Some(known) => Arc::make_mut(known).learn(fresh),
                None => self.put(key, fresh),
            }
        }
        if !self.let_go.is_empty() {
            self.follow(rows);
        }
    }

    /// The first of these rows was written by the caller at once: other structs over it know its version,
    /// too.
    pub(crate) fn advance_others(&mut self, rows: &[SavedRow]) {
        let Some(root) = rows.first() else { return };
        if let Some(known) = self.rows.get_mut(&RowKey::of(root)) {
            Arc::make_mut(known).advance_others(root.model);
        }
    }

    /// Is any of these rows, or what belongs to it, not as it was read, although this unit of work did not
    /// write it?
    pub(crate) fn differs(&self, rows: &[SavedRow]) -> bool {
        rows.iter().any(|row| {
            let Some(known) = self.get(&RowKey::of(row)) else { return true };
            let Some(read) = known.as_read(row.model) else { return true };
            let is_same = |place: &usize| {
                let oid = row.model.table.columns[*place].oid;
                same(oid, read.encoded.cell(*place), row.encoded.cell(*place))
            };
            !row.model.places.iter().all(is_same)
                || changed(&read.shown, &row.shown).is_some()
                || relations(row, rows).iter().any(|(relation, now)| known.relation(*relation) != Some(now))
        })
    }

    /// The struct as it was read first; `None` where something was written since, or it could not be kept.
    pub(crate) fn copy<V: 'static>(&self, key: &RowKey, copy: impl FnOnce(&V) -> Option<V>) -> Option<V> {
        for kept in self.copies.get(key)? {
            let value = kept.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(value) = value.downcast_ref() {
                return copy(value);
            }
        }
        None
    }

    pub(crate) fn keep_copy<V: Send + 'static>(&mut self, root: RowKey, value: V) {
        let kept = self.copies.entry(root).or_default();
        kept.retain(|other| !other.lock().unwrap_or_else(PoisonError::into_inner).is::<V>());
        kept.push(Arc::new(Mutex::new(Box::new(value))));
    }

    /// Something was written: structs may not be as they were read any more, whichever rows of theirs it was.
    pub(crate) fn drop_copies(&mut self) {
        self.copies.clear();
        self.writes += 1;
    }

    /// Was nothing written between the two, so that the later one only knows more?
    pub(crate) fn only_read_since(&self, earlier: &IdentityMap) -> bool {
        self.writes == earlier.writes
    }

    /// A row was written, or will be new.
    pub(crate) fn put(&mut self, key: RowKey, row: Snapshot) {
        if self.tables.last() != Some(&key.id()) && !self.tables.contains(&key.id()) {
            self.tables.push(key.id());
        }
        self.deleted.remove(&key);
        self.rows.insert(key, Arc::new(row));
    }

    /// A row will not be as it was read by any struct.
    pub(crate) fn forget(&mut self, key: &RowKey) {
        self.rows.remove(key);
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

    /// The tables of the rows that are known.
    pub(crate) fn tables(&self) -> &[TableId] {
        &self.tables
    }

    /// The rows to which another one belonged by a foreign key, which had this value: by what they showed where bytes do
    /// not find them.
    pub(crate) fn owners(&self, row: &RowKey, reference: &Reference, key: &LinkKey) -> Vec<RowKey> {
        let mut owners = Vec::new();
        for other in self.tables.iter().filter(|other| reference.is_to(other.facts())) {
            if reference.target == other.facts().key && reference.is_exact(row.table(), other.facts()) {
                owners.push(RowKey::new(*other, key.clone()));
            } else {
                let rows = self.rows.iter().filter(|(owner, _)| owner.id() == *other);
                let owns = rows.filter(|(_, known)| known.owns(row, reference.columns));
                owners.extend(owns.map(|(owner, _)| owner.clone()));
            }
        }
        owners
    }

    /// The row that a foreign key refers to by the primary key.
    pub(crate) fn referred(&self, reference: &Reference, key: &LinkKey) -> Option<(RowKey, &Snapshot)> {
        let is_target =
            |table: &&TableId| reference.is_to(table.facts()) && reference.target == table.facts().key;
        let key = RowKey::new(*self.tables.iter().find(is_target)?, key.clone());
        let row = self.rows.get(&key)?;
        Some((key, row))
    }
}
