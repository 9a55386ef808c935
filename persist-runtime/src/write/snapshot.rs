//! What a unit of work knows of one row.

use crate::table::model::Model;
use crate::table::shape::Relation;
use crate::value::row_key::KeySet;
use crate::write::encoded_row::{Cell, EncodedRow};
use crate::write::identity::RowKey;
use crate::write::saved_row::SavedRow;
use crate::write::shown_row::ShownRow;

/// A row as the database has it, as far as this unit of work knows.
#[derive(Clone)]
pub(crate) struct Snapshot {
    /// What the struct has that was read or written last.
    latest: AsRead,
    /// What other structs over the table have, the latest first.
    others: Vec<AsRead>,
    /// The rows that belonged to it, by each relation of these structs.
    pub(crate) relations: Vec<(Relation, Vec<RowKey>)>,
    /// How often something had been written when it was read last with all these relations.
    pub(crate) read_after: usize,
}

/// A row as one struct has read it, or as it was when that was written: what differs from it was changed in
/// the struct.
#[derive(Clone)]
pub(crate) struct AsRead {
    pub(crate) model: &'static Model,
    /// The columns of the table that the struct writes.
    pub(crate) encoded: EncodedRow,
    /// The versions before this one that this unit of work has seen or made: what the caller holds may have
    /// any of them.
    earlier: Vec<Box<[u8]>>,
    /// Did the database make something of it that has to be read before it can be written again?
    pub(crate) is_outdated: bool,
    /// The rows of views that the struct shows.
    pub(crate) shown: Vec<ShownRow>,
    /// Was something added to it whose key is not known before it is read?
    pub(crate) has_unknown: bool,
}

impl Snapshot {
    /// A row of a struct that was read.
    pub(crate) fn read(row: &SavedRow, rows: &[SavedRow]) -> Self {
        let latest = AsRead { shown: row.shown.clone(), ..AsRead::new(row.model, row.encoded.clone()) };
        Snapshot { latest, others: Vec::new(), relations: relations(row, rows), read_after: 0 }
    }

    /// What this struct has read of it.
    pub(crate) fn as_read(&self, model: &Model) -> Option<&AsRead> {
        self.all().find(|read| std::ptr::eq(read.model, model))
    }

    /// What is known of its columns; of those that several structs have, what was read or written last.
    pub(crate) fn row(&self) -> EncodedRow {
        self.others.iter().fold(self.latest.encoded.clone(), |row, older| row.over(&older.encoded))
    }

    /// The row of a struct, with what is known of the columns that only other structs have.
    pub(crate) fn completed(&self, model: &Model, encoded: EncodedRow) -> EncodedRow {
        match std::ptr::eq(self.latest.model, model) && self.others.is_empty() {
            true => encoded,
            false => encoded.over(&self.row()),
        }
    }

    /// The version column, if a struct has it.
    pub(crate) fn version_at(&self) -> Option<usize> {
        self.all().find_map(|read| read.model.version)
    }

    /// The rows that belonged to it by a relation.
    pub(crate) fn relation(&self, relation: Relation) -> Option<&Vec<RowKey>> {
        self.relations.iter().find(|(known, _)| known.is(relation)).map(|(_, keys)| keys)
    }

    /// It was read again.
    pub(crate) fn learn(&mut self, fresh: Snapshot) {
        let Snapshot { latest: mut read, others: _, relations, read_after } = fresh;
        self.learn_relations(relations, read_after);
        if let Some(before) = self.as_read(read.model)
            && before.has_version(&read.encoded)
        {
            // The caller may hold an earlier version that only this unit of work has changed.
            read.earlier.clone_from(&before.earlier);
            read.keep(before.version());
        }
        self.set(read);
    }

    /// It was read again, to see which rows belong to it now.
    pub(crate) fn learn_relations(&mut self, relations: Vec<(Relation, Vec<RowKey>)>, read_after: usize) {
        // A struct that does not show a relation says nothing about it.
        if self.relations.iter().all(|(known, _)| relations.iter().any(|(read, _)| read.is(*known))) {
            self.read_after = read_after;
        }
        self.relate(relations);
    }

    /// Is what this struct has read of it as it was then, so that what differs was changed in the struct?
    pub(crate) fn is_settled(&self, model: &Model) -> bool {
        self.as_read(model).is_some_and(|read| !read.is_outdated)
    }

    /// This struct has these rows of its relations.
    pub(crate) fn relate(&mut self, relations: Vec<(Relation, Vec<RowKey>)>) {
        for (relation, keys) in relations {
            match self.relations.iter_mut().find(|(known, _)| known.is(relation)) {
                Some((_, known)) => *known = keys,
                None => self.relations.push((relation, keys)),
            }
        }
    }

    /// Does a row belong to it by a relation over these columns of that row?
    pub(crate) fn owns(&self, row: &RowKey, by: &[usize]) -> bool {
        self.relations.iter().any(|(relation, rows)| relation.is_over(by) && rows.contains(row))
    }

    /// These rows belong to it by these columns no more.
    pub(crate) fn disown(&mut self, rows: &KeySet<RowKey>, by: &[usize]) {
        for (_, owned) in self.relations.iter_mut().filter(|(relation, _)| relation.is_over(by)) {
            owned.retain(|key| !rows.contains(key));
        }
    }

    /// The database has changed these columns with those of the row to which they refer.
    pub(crate) fn follow(&mut self, now: &EncodedRow, by: &[usize]) {
        for read in std::iter::once(&mut self.latest).chain(&mut self.others) {
            for at in by.iter().filter(|at| now.cell(**at) != Cell::Absent) {
                if read.encoded.cell(*at) != Cell::Absent {
                    read.encoded = read.encoded.replaced(*at, now.cell(*at));
                }
            }
        }
    }

    /// The row was written as this struct has it.
    pub(crate) fn renew(&mut self, model: &'static Model, encoded: EncodedRow) {
        let mut read = match self.as_read(model) {
            Some(before) => {
                let mut read = AsRead { encoded, ..before.clone() };
                read.keep(before.version());
                read
            }
            None => AsRead::new(model, encoded),
        };
        read.model = model;
        self.set(read);
    }

    /// What this struct has of it, to be changed.
    pub(crate) fn as_read_mut(&mut self, model: &Model) -> Option<&mut AsRead> {
        let mut all = std::iter::once(&mut self.latest).chain(&mut self.others);
        all.find(|read| std::ptr::eq(read.model, model))
    }

    /// The row got its version by this struct: the others know it, too.
    pub(crate) fn advance_others(&mut self, model: &Model) {
        let version = self.as_read(model).and_then(AsRead::version).map(Box::<[u8]>::from);
        let Some(version) = version else { return };
        let all = std::iter::once(&mut self.latest).chain(&mut self.others);
        for other in all.filter(|other| !std::ptr::eq(other.model, model)) {
            let Some(at) = other.model.version else { continue };
            let before = other.version().map(Box::<[u8]>::from);
            other.encoded = other.encoded.replaced(at, Cell::Value(&version));
            other.keep(before.as_deref());
        }
    }

    /// What each struct has of it, the latest first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &AsRead> {
        std::iter::once(&self.latest).chain(&self.others)
    }

    /// Keeps what a struct has read last.
    fn set(&mut self, read: AsRead) {
        let model = read.model;
        let before = std::mem::replace(&mut self.latest, read);
        if !std::ptr::eq(before.model, model) {
            self.others.retain(|other| !std::ptr::eq(other.model, model));
            self.others.insert(0, before);
        }
    }
}

impl AsRead {
    /// A row that was read for the first time, or of which a struct has these columns.
    pub(crate) fn new(model: &'static Model, encoded: EncodedRow) -> Self {
        AsRead {
            model,
            encoded,
            earlier: Vec::new(),
            shown: Vec::new(),
            is_outdated: false,
            has_unknown: false,
        }
    }

    /// Has the caller read this version of the row?
    pub(crate) fn has_version(&self, encoded: &EncodedRow) -> bool {
        let (Some(theirs), Some(ours)) = (version(self.model, encoded), self.version()) else { return true };
        theirs == ours || self.earlier.iter().any(|earlier| **earlier == *theirs)
    }

    pub(crate) fn version(&self) -> Option<&[u8]> {
        version(self.model, &self.encoded)
    }

    /// Keeps a version that is not that of the row any more.
    fn keep(&mut self, earlier: Option<&[u8]>) {
        let earlier = earlier.filter(|earlier| self.version() != Some(earlier)).map(Box::from);
        self.earlier.extend(earlier);
    }
}

/// The rows that belong to a row.
pub(crate) fn relations(row: &SavedRow, rows: &[SavedRow]) -> Vec<(Relation, Vec<RowKey>)> {
    let keys = |places: &[usize]| places.iter().map(|place| RowKey::of(&rows[*place])).collect();
    row.relations.iter().map(|(relation, places)| (*relation, keys(places))).collect()
}

/// The version of a row of this struct, if it has one.
pub(crate) fn version<'i>(model: &Model, encoded: &'i EncodedRow) -> Option<&'i [u8]> {
    match encoded.cell(model.version?) {
        Cell::Value(version) => Some(version),
        Cell::Absent | Cell::Null => None,
    }
}
