//! Structs that are saved: rows that changed, and rows that came.

use std::sync::Arc;

use crate::error::Error;
use crate::table::column::ColumnModel;
use crate::table::model::Model;
use crate::table::shape::Relation;
use crate::unit_of_work::changes::{cell_of, position};
use crate::unit_of_work::diff::{Differ, Owner};
use crate::unit_of_work::relations::{is_owning, owning_columns};
use crate::unit_of_work::steps::keyed::key_cells;
use crate::write::encoded_row::{EncodedRow, same};
use crate::write::identity_map::{RowKey, Snapshot, relations};
use crate::write::saved_row::SavedRow;

impl Differ<'_> {
    /// The rows of a struct: new ones, and changed ones. Are there any?
    pub(super) fn save(&mut self, nodes: &[SavedRow]) -> Result<bool, Error> {
        let before = self.count();
        self.visit(nodes, 0, None)?;
        Ok(self.count() > before)
    }

    fn visit(&mut self, nodes: &[SavedRow], place: usize, owner: Option<Owner>) -> Result<(), Error> {
        let node = &nodes[place];
        let key = RowKey::of(node);
        if self.doomed.contains_key(&key) {
            return Ok(());
        }
        let mut made = None;
        match (self.identity_map.get(&key), owner) {
            (Some(_), Some(owner)) if self.is_detached && !is_owning(owner.relation) => return Ok(()),
            (Some(row), _) => self.change(nodes, place, owner, row)?,
            (None, Some(owner)) if is_owning(owner.relation) => made = self.add(nodes, place, owner)?,
            // What a link or `belongs_to` leads to is another aggregate: it was read elsewhere.
            (None, Some(_)) => return Ok(()),
            (None, None) if is_written_whole(node) => self.write_whole(node, nodes),
            (None, None) => return Err(gone(node)),
        }
        for (relation, places) in &node.relations {
            for child in places {
                self.visit(nodes, *child, Some(Owner { place, relation: *relation, made }))?;
            }
        }
        Ok(())
    }

    /// A row that is there.
    fn change(
        &mut self,
        nodes: &[SavedRow],
        place: usize,
        owner: Option<Owner>,
        row: &Snapshot,
    ) -> Result<(), Error> {
        let node = &nodes[place];
        if row.has_unknown {
            return Err(Error::invalid(format!(
                "`{}` was saved with new rows whose keys the database has made: `refresh` it before it is saved again",
                node.model.table
            )));
        }
        if !row.has_version(&node.encoded) {
            return Err(gone(node));
        }
        let owner = owner.filter(|owner| is_owning(owner.relation));
        let encoded = match owner {
            Some(owner) => self.owned_image(node, nodes, owner)?,
            None => node.encoded.clone(),
        };
        let columns = &node.model.writing.columns[..node.model.writing.changeable];
        let differs = |(index, column): (usize, &&ColumnModel)| {
            (!same(column.oid, encoded.cell(index), row.encoded.cell(index))).then_some(index)
        };
        let dirty = self.dirty(columns.iter().enumerate().filter_map(differs));
        if let Some(owner) = owner {
            self.leave(nodes[owner.place].model, owner.relation, row, &dirty);
        }
        self.update(node.model, RowKey::of(node), row, encoded, dirty)?;
        self.remember(nodes, place, row)
    }

    /// A row moves: the one that it leaves has changed, too, whether it is saved or not.
    fn leave(&mut self, owner: &'static Model, relation: Relation, row: &Snapshot, dirty: &[usize]) {
        let columns = owning_columns(relation);
        let places: Option<Vec<usize>> = columns.iter().map(|(far, _)| position(row.model, far)).collect();
        let Some(places) = places.filter(|places| places.iter().any(|place| dirty.contains(place))) else {
            return;
        };
        if !columns.iter().map(|(_, near)| *near).eq(owner.key.iter().map(|key| key.name)) {
            return;
        }
        let left = row.encoded.key(places.into_iter()).map(|key| RowKey::new(owner, key));
        if let Some(left) = left.filter(|left| owner.versioned && !self.updates.contains_key(left))
            && let Some(donor) = self.identity_map.get(&left)
        {
            self.push_update(owner, left, donor, donor.encoded.clone(), Arc::default());
        }
    }

    /// What is remembered of a row that has been saved.
    fn remember(&mut self, nodes: &[SavedRow], place: usize, row: &Snapshot) -> Result<(), Error> {
        let node = &nodes[place];
        let now = relations(node, nodes);
        let is_same = now.len() == row.relations.len()
            && now.iter().zip(&row.relations).all(|((_, now), (_, then))| now == then);
        if is_same {
            return Ok(());
        }
        let key = RowKey::of(node);
        self.links(node, nodes, row)?;
        if !self.keeps_snapshots {
            return Ok(());
        }
        let has_unknown = self.has_unknown(node, nodes);
        let mut row = row.clone();
        (row.relations, row.has_unknown) = (now, has_unknown);
        self.changes.snapshots.push((key, row));
        Ok(())
    }

    /// Does a row get others whose keys the database will make?
    pub(super) fn has_unknown(&self, node: &SavedRow, nodes: &[SavedRow]) -> bool {
        let is_unknown = |node: &SavedRow| {
            node.model.writing.made_key && self.identity_map.get(&RowKey::of(node)).is_none()
        };
        let owned = node.relations.iter().filter(|(relation, _)| is_owning(*relation));
        owned.flat_map(|(_, places)| places).any(|place| is_unknown(&nodes[*place]))
    }

    /// A row that was read elsewhere: its version tells whether anything is as it was then.
    fn write_whole(&mut self, node: &SavedRow, nodes: &[SavedRow]) {
        let row = Snapshot::read(node, nodes);
        let dirty = self.dirty(0..node.model.writing.changeable);
        let key = RowKey::of(node);
        self.push_update(node.model, key.clone(), &row, node.encoded.clone(), dirty);
        if let Some(update) = self.changes.updates.last_mut() {
            update.is_whole = true;
        }
        if self.keeps_snapshots {
            self.changes.snapshots.push((key, row));
        }
    }

    /// A row that belongs to another refers to that one, whatever its own columns say.
    pub(super) fn owned_image(
        &mut self,
        node: &SavedRow,
        nodes: &[SavedRow],
        owner: Owner,
    ) -> Result<EncodedRow, Error> {
        let Owner { place, relation, made } = owner;
        let owner = &nodes[place];
        if made.is_some() {
            return Err(Error::invalid(format!(
                "a row of `{}` is moved to a new row of `{}`, whose key the database makes: insert that one first, and flush",
                node.model.table, owner.model.table
            )));
        }
        let mut encoded = node.encoded.clone();
        for (far, near) in owning_columns(relation) {
            let Some(ours) = position(node.model, far) else {
                if self.belonged(node, owner, relation) {
                    continue;
                }
                return Err(not_a_field(node.model, far));
            };
            let Some(value) = cell_of(owner.model, &owner.encoded, near) else { continue };
            if encoded.cell(ours) == value {
                continue;
            }
            if ours >= node.model.writing.changeable {
                return Err(Error::invalid(format!(
                    "a row of `{table}` cannot be moved: its key contains `{far}`; delete it, and insert another",
                    table = node.model.table
                )));
            }
            encoded = encoded.replaced(ours, value);
        }
        Ok(encoded)
    }

    /// Is the row among those that belonged to its owner before? Many may be asked for.
    fn belonged(&mut self, node: &SavedRow, owner: &SavedRow, relation: Relation) -> bool {
        let owner = RowKey::of(owner);
        let Some(row) = self.identity_map.get(&owner) else { return false };
        let sets = self.members.entry(owner).or_insert_with(|| {
            let set =
                |(relation, keys): &(Relation, Vec<RowKey>)| (*relation, keys.iter().cloned().collect());
            row.relations.iter().map(set).collect()
        });
        sets.iter().any(|(found, keys)| found.is(relation) && keys.contains(&RowKey::of(node)))
    }
}

/// Can a row be written without a look at what is there? Nothing but itself is to be compared, and its version is checked.
pub(in crate::unit_of_work) fn is_written_whole(node: &SavedRow) -> bool {
    let is_compared = |relation: &Relation| match relation {
        Relation::Many(_) => true,
        Relation::One(one) => one.owned.is_some(),
    };
    node.model.versioned && !node.relations.iter().any(|(relation, _)| is_compared(relation))
}

/// The row is not there, or has another version.
pub(super) fn gone(node: &SavedRow) -> Error {
    let cells = key_cells(node.model, &node.encoded).zip(node.model.key);
    let key = cells.map(|(cell, column)| (column.oid, cell.unwrap_or_default().into())).collect();
    Error::stale_rows(node.model.table, vec![key])
}

pub(super) fn not_a_field(model: &Model, column: &str) -> Error {
    Error::invalid(format!(
        "a row of `{table}` cannot be added, moved or taken out here, because its struct has no field for `{column}`; \
         give it one, or change `{table}` by itself",
        table = model.table
    ))
}
