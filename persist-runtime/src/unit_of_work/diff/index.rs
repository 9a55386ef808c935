//! What a comparison looks things up in; it does not change meanwhile.

use super::result::gone;
use crate::error::Error;
use crate::table::facts::Table;
use crate::table::shape::Relation;
use crate::unit_of_work::pending::{Pending, Saved};
use crate::unit_of_work::relations::is_owning;
use crate::value::row_key::KeyMap;
use crate::write::encoded_row::{Cell, EncodedRow};
use crate::write::identity::RowKey;
use crate::write::identity_map::IdentityMap;
use crate::write::saved_row::SavedRow;

pub(super) struct Index<'p> {
    pub(super) identity_map: &'p IdentityMap,
    /// See [`Pending::named`].
    pub(super) named: &'p KeyMap<RowKey, Option<EncodedRow>>,
    /// What structs change of those rows: their columns as they are going to be, the others absent.
    renamed: KeyMap<RowKey, EncodedRow>,
    /// The rows to be deleted by name, and how many deletions were asked for before each.
    doomed: KeyMap<RowKey, usize>,
    /// To whom rows belong now.
    owners: KeyMap<RowKey, Vec<Holder<'p>>>,
    /// How many structs that hold rows were looked at.
    holders: usize,
}

/// A struct that holds a row.
struct Holder<'p> {
    row: RowKey,
    node: &'p SavedRow,
    relation: Relation,
    /// Which struct of that row it is: several may stand for one.
    number: usize,
}

impl<'p> Index<'p> {
    pub(super) fn new(pending: &'p Pending, identity_map: &'p IdentityMap) -> Self {
        let roots = pending.deleted.iter().enumerate();
        let doomed =
            roots.filter_map(|(place, deleted)| Some((RowKey::of(deleted.nodes.first()?), place))).collect();
        Index {
            identity_map,
            named: &pending.named,
            renamed: KeyMap::default(),
            doomed,
            owners: KeyMap::default(),
            holders: 0,
        }
    }

    /// Is the row to be deleted by name? How many deletions were asked for before it.
    pub(super) fn doomed(&self, key: &RowKey) -> Option<usize> {
        self.doomed.get(key).copied()
    }

    /// Notes to whom the rows of structs belong.
    pub(super) fn own(&mut self, saved: &[&'p Saved]) -> Result<(), Error> {
        if !self.named.is_empty() {
            saved.iter().for_each(|saved| self.rename_below(saved, 0));
        }
        saved.iter().try_for_each(|saved| self.own_below(saved, 0))
    }

    /// What a struct changes of rows to which others come. It goes where the comparison will go.
    fn rename_below(&mut self, saved: &Saved, place: usize) {
        let row = &saved.nodes[place];
        let key = RowKey::of(row);
        let read = self.identity_map.get(&key).and_then(|known| known.as_read(row.model));
        if let Some(read) = read.filter(|_| self.named.contains_key(&key)) {
            let cell = |at| match row.encoded.cell(at) {
                cell if cell != read.encoded.cell(at) => cell,
                _ => Cell::Absent,
            };
            let changed = EncodedRow::of_cells((0..row.encoded.columns()).map(cell));
            let changed =
                self.renamed.get(&key).map_or_else(|| changed.clone(), |known| known.over(&changed));
            self.renamed.insert(key, changed);
        }
        for (relation, places) in &row.relations {
            if !saved.is_detached || is_owning(*relation) {
                places.iter().for_each(|child| self.rename_below(saved, *child));
            }
        }
    }

    /// What a column of a row to which others come is going to be, if a struct changes it.
    pub(super) fn renamed(&self, key: &RowKey, column: usize) -> Cell<'_> {
        self.renamed.get(key).map_or(Cell::Absent, |row| row.cell(column))
    }

    /// None belongs to two rows by the same key, or to one struct twice. It goes where the comparison
    /// will go.
    fn own_below(&mut self, saved: &'p Saved, place: usize) -> Result<(), Error> {
        let rows = &saved.nodes;
        if rows[place].relations.is_empty() {
            return Ok(());
        }
        self.holders += 1;
        let (owner, number) = (RowKey::of(&rows[place]), self.holders);
        for (relation, places) in &rows[place].relations {
            if saved.is_detached && !is_owning(*relation) {
                continue;
            }
            for child in places {
                let row = RowKey::of(&rows[*child]);
                if self.doomed.contains_key(&row) {
                    continue;
                }
                if is_owning(*relation) {
                    let (row_of_owner, node) = (owner.clone(), &rows[place]);
                    let holder = Holder { row: row_of_owner, node, relation: *relation, number };
                    self.hold(&rows[*child], row, holder)?;
                }
                self.own_below(saved, *child)?;
            }
        }
        Ok(())
    }

    fn hold(&mut self, child: &SavedRow, row: RowKey, holder: Holder<'p>) -> Result<(), Error> {
        use crate::table::model::MadeKey;

        // Rows whose keys the database will make have the same key until then.
        let is_known = child.model.made == MadeKey::Given || self.identity_map.get(&row).is_some();
        let holders = self.owners.entry(row.clone()).or_default();
        let is_held = |held: &Holder<'_>| match held.row == holder.row {
            true => held.relation.is(holder.relation) && held.number == holder.number,
            false => held.relation.is_over(holder.relation.far()),
        };
        if is_known && holders.iter().any(is_held) {
            // One of them may only be older than what another transaction has done.
            return Err(match self.identity_map.saw_twice(&row, holder.relation) {
                true => gone(&row),
                false => held_twice(child.model.table),
            });
        }
        let differs = |held: &Holder<'_>| held.differs(&holder, child.model.table);
        if let Some(column) = holders.iter().filter(|_| is_known).find_map(differs) {
            return Err(held_apart(child.model.table, column));
        }
        holders.push(holder);
        Ok(())
    }

    /// Does a foreign key of a row refer to another one now, or to other columns of this one? What holds the row
    /// by another of its keys does not matter.
    pub(super) fn has_moved(&self, key: &RowKey, owner: &RowKey, relation: Relation) -> bool {
        let is_other = |now: &Holder<'_>| now.row != *owner || now.relation.pairs().ne(relation.pairs());
        self.by_key(key, relation).any(is_other)
    }

    /// Does a foreign key of a row refer to any row now, by this relation or by another over the same key?
    pub(super) fn is_held(&self, key: &RowKey, relation: Relation) -> bool {
        self.by_key(key, relation).next().is_some()
    }

    /// What holds a row by the foreign key of a relation: two keys may share a column, such as a tenant.
    fn by_key(&self, key: &RowKey, relation: Relation) -> impl Iterator<Item = &Holder<'p>> {
        let holders = self.owners.get(key).into_iter().flatten();
        holders.filter(move |now| now.relation.is_over(relation.far()))
    }
}

impl Holder<'_> {
    /// A column that is part of the keys of both, and would have two values.
    fn differs(&self, other: &Holder<'_>, table: &Table) -> Option<usize> {
        if self.relation.is_over(other.relation.far()) {
            return None;
        }
        let differs = |column: &usize| {
            let (ours, theirs) = (self.value(*column, table), other.value(*column, table));
            ours != Cell::Absent && theirs != Cell::Absent && ours != theirs
        };
        self.relation.far().iter().copied().find(differs)
    }

    /// What a column of a row that it holds is going to have, as far as bytes tell.
    fn value(&self, column: usize, table: &Table) -> Cell<'_> {
        let near = self.relation.pairs().find(|(far, _)| *far == column).map(|(_, near)| near);
        let owners = self.node.model.table;
        let exact = near.filter(|near| table.columns[column].is_exactly(&owners.columns[*near]));
        exact.map_or(Cell::Absent, |near| self.node.encoded.cell(near))
    }
}

fn held_apart(table: &Table, column: usize) -> Error {
    Error::invalid(format!(
        "structs that are saved hold a row of `{}` by two foreign keys that share `{}`, and differ in it: take it out of one of them",
        table.shown, table.columns[column].name
    ))
}

pub(super) fn held_twice(table: &Table) -> Error {
    Error::invalid(format!(
        "structs that are saved hold a row of `{}` twice: a row belongs to one struct, and two rows have two keys",
        table.shown
    ))
}
