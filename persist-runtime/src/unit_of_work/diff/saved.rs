//! Structs that are saved: rows that changed, and rows that came.

use std::sync::Arc;

use super::Differ;
use super::links::{far_end, link_row};
use crate::error::Error;
use crate::image::{Cell, Image, same};
use crate::memory::{Remembered, RowKey, relations};
use crate::model::Model;
use crate::shape::ColumnModel;
use crate::unit_of_work::changes::{EndKey, Insertion, cell_of, position};
use crate::unit_of_work::relations::{is_owning, owning_columns};
use crate::unit_of_work::steps::key_cells;
use crate::walk::{Node, Relation};

impl Differ<'_> {
    /// The rows of a struct: new ones, and changed ones. Are there any?
    pub(super) fn save(&mut self, nodes: &[Node]) -> Result<bool, Error> {
        let before = self.touches;
        self.visit(nodes, 0, None)?;
        Ok(self.has_changed(before))
    }

    fn visit(&mut self, nodes: &[Node], place: usize, owner: Option<(usize, Relation)>) -> Result<(), Error> {
        let node = &nodes[place];
        let key = RowKey::of(node);
        if self.doomed.contains(&key) {
            return Ok(());
        }
        match (self.memory.get(&key), owner) {
            (Some(_), Some((_, relation))) if self.is_elsewhere && !is_owning(relation) => return Ok(()),
            (Some(row), _) => self.change(nodes, place, owner, row)?,
            (None, Some(owner)) if is_owning(owner.1) => self.add(nodes, place, owner)?,
            // What a link or `belongs_to` leads to is another aggregate: it was read elsewhere.
            (None, Some(_)) => return Ok(()),
            (None, None) if is_written_whole(node) => self.write_whole(node, nodes),
            (None, None) => return Err(gone(node)),
        }
        for (relation, places) in &node.relations {
            for child in places {
                self.visit(nodes, *child, Some((place, *relation)))?;
            }
        }
        Ok(())
    }

    /// A row that is there.
    fn change(
        &mut self,
        nodes: &[Node],
        place: usize,
        owner: Option<(usize, Relation)>,
        row: &Remembered,
    ) -> Result<(), Error> {
        let node = &nodes[place];
        if row.has_unknown {
            return Err(Error::invalid(format!(
                "`{}` was saved with new rows whose keys the database has made: `refresh` it before it is saved again",
                node.model.table
            )));
        }
        if !row.has_version(&node.image) {
            return Err(gone(node));
        }
        let image = match owner {
            Some((owner, relation)) if is_owning(relation) => {
                self.owned_image(node, &nodes[owner], relation)?
            }
            Some(_) | None => node.image.clone(),
        };
        let columns = &node.model.writing.columns[..node.model.writing.changeable];
        let differs = |(index, column): (usize, &&ColumnModel)| {
            (!same(column.oid, image.cell(index), row.image.cell(index))).then_some(index)
        };
        let dirty = self.dirty(columns.iter().enumerate().filter_map(differs));
        if let Some((owner, relation)) = owner.filter(|(_, relation)| is_owning(*relation)) {
            self.leave(nodes[owner].model, relation, row, &dirty);
        }
        self.update(node.model, RowKey::of(node), row, image, dirty)?;
        self.remember(nodes, place, row)
    }

    /// A row moves: the one that it leaves has changed, too, whether it is saved or not.
    fn leave(&mut self, owner: &'static Model, relation: Relation, row: &Remembered, dirty: &[usize]) {
        let columns = owning_columns(relation);
        let places: Option<Vec<usize>> = columns.iter().map(|(far, _)| position(row.model, far)).collect();
        let Some(places) = places.filter(|places| places.iter().any(|place| dirty.contains(place))) else {
            return;
        };
        if !columns.iter().map(|(_, near)| *near).eq(owner.key.iter().map(|key| key.name)) {
            return;
        }
        let left = row.image.key(places.into_iter()).map(|key| RowKey::new(owner, key));
        if let Some(left) = left.filter(|left| owner.versioned && !self.updates.contains_key(left))
            && let Some(donor) = self.memory.get(&left)
        {
            self.push_update(owner, left, donor, donor.image.clone(), Arc::default());
        }
    }

    /// What is remembered of a row that has been saved.
    fn remember(&mut self, nodes: &[Node], place: usize, row: &Remembered) -> Result<(), Error> {
        let node = &nodes[place];
        let now = relations(node, nodes);
        let is_same = now.len() == row.relations.len()
            && now.iter().zip(&row.relations).all(|((_, now), (_, then))| now == then);
        if is_same {
            return Ok(());
        }
        let key = RowKey::of(node);
        self.links(node, nodes, row)?;
        if !self.remembers {
            return Ok(());
        }
        let has_unknown = self.has_unknown(node, nodes);
        let mut row = row.clone();
        (row.relations, row.has_unknown) = (now, has_unknown);
        self.changes.remembered.push((key, row));
        Ok(())
    }

    /// Does a row get others whose keys the database will make?
    fn has_unknown(&self, node: &Node, nodes: &[Node]) -> bool {
        let is_unknown =
            |node: &Node| node.model.writing.made_key && self.memory.get(&RowKey::of(node)).is_none();
        let owned = node.relations.iter().filter(|(relation, _)| is_owning(*relation));
        owned.flat_map(|(_, places)| places).any(|place| is_unknown(&nodes[*place]))
    }

    /// A row that was read elsewhere: its version tells whether anything is as it was then.
    fn write_whole(&mut self, node: &Node, nodes: &[Node]) {
        let row = Remembered::read(node, nodes);
        let dirty = self.dirty(0..node.model.writing.changeable);
        let key = RowKey::of(node);
        self.push_update(node.model, key.clone(), &row, node.image.clone(), dirty);
        if let Some(update) = self.changes.updates.last_mut() {
            update.is_whole = true;
        }
        if self.remembers {
            self.changes.remembered.push((key, row));
        }
    }

    /// A row that is new.
    fn add(&mut self, nodes: &[Node], place: usize, owner: (usize, Relation)) -> Result<(), Error> {
        let node = &nodes[place];
        let key = RowKey::of(node);
        if self.inserted.contains_key(&key) && !node.model.writing.made_key {
            return Ok(());
        }
        self.refuse_addition(node, &key, owner.1)?;
        let owner_node = &nodes[owner.0];
        let (insert, writing) = (&node.model.insert, &node.model.writing);
        let pairs = owning_columns(owner.1);
        let made_owner =
            self.inserted.get(&RowKey::of(owner_node)).copied().filter(|_| owner_node.model.writing.made_key);
        let mut waits = Vec::new();
        let mut cells = Vec::with_capacity(insert.columns.len());
        for (index, column) in insert.columns.iter().enumerate() {
            let ours = writing.columns.iter().position(|ours| ours.name == column.name);
            let is_made = writing.made_key && ours.is_some_and(|ours| ours >= writing.changeable);
            let referred = pairs.iter().find(|(far, _)| *far == column.name);
            cells.push(match (referred, ours) {
                (Some((_, near)), _) => match made_owner {
                    Some(number) if is_key(owner_node.model, near) => {
                        waits.push((index, number));
                        Cell::Absent
                    }
                    _ => cell_of(owner_node.model, &owner_node.image, near)
                        .ok_or_else(|| not_a_field(owner_node.model, near))?,
                },
                (None, Some(ours)) if !is_made => node.image.cell(ours),
                (None, _) => Cell::Absent,
            });
        }
        if let Some((far, _)) =
            pairs.iter().find(|(far, _)| insert.columns.iter().all(|ours| ours.name != *far))
        {
            return Err(not_a_field(node.model, far));
        }
        let image = Image::of_cells(cells.into_iter());
        self.next_number -= 1;
        let number = self.next_number;
        self.inserted.insert(key.clone(), number);
        if !writing.made_key && self.remembers {
            let mut row = Remembered::read(node, nodes);
            if made_owner.is_none() {
                row.image = self.owned_image(node, owner_node, owner.1)?;
            }
            row.is_outdated = made_owner.is_some() || node.model.versioned;
            row.has_unknown = self.has_unknown(node, nodes);
            self.changes.remembered.push((key, row));
        }
        self.changes.inserts.push(Insertion { model: node.model, image, waits, number, is_upsert: false });
        for (relation, places) in &node.relations {
            let Relation::Many(many) = relation else { continue };
            if many.link.through.is_none() {
                continue;
            }
            for other in places.iter().map(|place| &nodes[*place]) {
                let mut link = link_row(many, node.model, &node.image, far_end(many, &RowKey::of(other)))?;
                if writing.made_key {
                    link.near.key = EndKey::Waits(number);
                }
                self.changes.links.push(link);
            }
        }
        Ok(())
    }

    /// Rows that cannot be added to a struct.
    fn refuse_addition(&self, node: &Node, key: &RowKey, relation: Relation) -> Result<(), Error> {
        refuse_part(relation)?;
        if node.model.writing.made_in_part {
            return Err(made_in_part(node.model));
        }
        if self.memory.has_deleted(key) {
            return Err(Error::invalid(format!(
                "a row of `{}` that this unit of work has deleted is saved with a struct that still holds it: take it out there, too",
                node.model.table
            )));
        }
        Ok(())
    }

    /// A row that belongs to another refers to that one, whatever its own columns say.
    fn owned_image(&self, node: &Node, owner: &Node, relation: Relation) -> Result<Image, Error> {
        if owner.model.writing.made_key && self.inserted.contains_key(&RowKey::of(owner)) {
            return Err(Error::invalid(format!(
                "a row of `{}` is moved to a new row of `{}`, whose key the database makes: insert that one first, and flush",
                node.model.table, owner.model.table
            )));
        }
        let mut image = node.image.clone();
        for (far, near) in owning_columns(relation) {
            let Some(ours) = position(node.model, far) else {
                let belongs = self.memory.get(&RowKey::of(owner)).is_some_and(|row| {
                    row.relations
                        .iter()
                        .any(|(found, keys)| found.is(relation) && keys.contains(&RowKey::of(node)))
                });
                if belongs {
                    continue;
                }
                return Err(not_a_field(node.model, far));
            };
            let Some(value) = cell_of(owner.model, &owner.image, near) else { continue };
            if image.cell(ours) == value {
                continue;
            }
            if ours >= node.model.writing.changeable {
                return Err(Error::invalid(format!(
                    "a row of `{table}` cannot be moved: its key contains `{far}`; delete it, and insert another",
                    table = node.model.table
                )));
            }
            image = image.replaced(ours, value);
        }
        Ok(image)
    }
}

/// A relation that is cut by a `limit` shows a part of its rows: nobody knows whether a row is missing or only not shown.
pub(super) fn refuse_part(relation: Relation) -> Result<(), Error> {
    match relation {
        Relation::Many(many) if many.limit.is_some() => Err(Error::invalid(format!(
            "`{}` holds a part of its rows (`limit`): add rows by `insert`, and take them away by `delete`",
            many.field
        ))),
        Relation::Many(_) | Relation::One(_) => Ok(()),
    }
}

/// Can a row be written without a look at what is there? Nothing but itself is to be compared, and its version is checked.
pub(in crate::unit_of_work) fn is_written_whole(node: &Node) -> bool {
    let is_compared = |relation: &Relation| match relation {
        Relation::Many(_) => true,
        Relation::One(one) => one.owned.is_some(),
    };
    node.model.versioned && !node.relations.iter().any(|(relation, _)| is_compared(relation))
}

fn is_key(model: &'static Model, column: &str) -> bool {
    model.key.iter().map(|key| key.name).eq([column])
}

/// The row is not there, or has another version.
pub(super) fn gone(node: &Node) -> Error {
    let cells = key_cells(node.model, &node.image).zip(node.model.key);
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

fn made_in_part(model: &Model) -> Error {
    Error::invalid(format!(
        "a row was added to a struct that is saved, but the primary key of `{table}` has several columns, of which the database makes \
         one: insert the row by the repository of `{table}`, and `refresh` the struct",
        table = model.table
    ))
}
