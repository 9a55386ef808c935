//! Rows that came to a struct that is saved.

use crate::error::Error;
use crate::table::model::Model;
use crate::table::shape::Relation;
use crate::unit_of_work::changes::{EndKey, Insertion, cell_of};
use crate::unit_of_work::diff::links::{far_end, link_row};
use crate::unit_of_work::diff::saved::not_a_field;
use crate::unit_of_work::diff::{Differ, Owner};
use crate::unit_of_work::relations::owning_columns;
use crate::write::encoded_row::{Cell, EncodedRow};
use crate::write::identity_map::{RowKey, Snapshot};
use crate::write::saved_row::SavedRow;

impl Differ<'_> {
    /// A row that is new; answers its number if the database will make its key.
    pub(super) fn add(
        &mut self,
        nodes: &[SavedRow],
        place: usize,
        owner: Owner,
    ) -> Result<Option<u32>, Error> {
        let node = &nodes[place];
        let key = RowKey::of(node);
        let is_made = node.model.writing.made_key;
        if self.inserted.contains(&key) {
            return Ok(None);
        }
        self.refuse_addition(node, &key, owner.relation)?;
        let (encoded, waits) = referring(node, (&nodes[owner.place], owner.relation), owner.made)?;
        self.next_number -= 1;
        let number = self.next_number;
        if !is_made {
            self.inserted.insert(key.clone());
        }
        if !is_made && self.keeps_snapshots {
            let mut row = Snapshot::read(node, nodes);
            if owner.made.is_none() {
                row.encoded = self.owned_image(node, nodes, owner)?;
            }
            row.is_outdated = owner.made.is_some() || node.model.versioned;
            row.has_unknown = self.has_unknown(node, nodes);
            self.changes.snapshots.push((key, row));
        }
        self.changes.inserts.push(Insertion { model: node.model, encoded, waits, number, is_upsert: false });
        self.link_new(node, nodes, number)?;
        Ok(is_made.then_some(number))
    }

    /// The links of a new row.
    fn link_new(&mut self, node: &SavedRow, nodes: &[SavedRow], number: u32) -> Result<(), Error> {
        for (relation, places) in &node.relations {
            let Relation::Many(many) = relation else { continue };
            if many.link.through.is_none() {
                continue;
            }
            for other in places.iter().map(|place| &nodes[*place]) {
                let mut link = link_row(many, node.model, &node.encoded, far_end(many, &RowKey::of(other)))?;
                if node.model.writing.made_key {
                    link.near.key = EndKey::Waits(number);
                }
                self.changes.links.push(link);
            }
        }
        Ok(())
    }

    /// Rows that cannot be added to a struct.
    fn refuse_addition(&self, node: &SavedRow, key: &RowKey, relation: Relation) -> Result<(), Error> {
        refuse_part(relation)?;
        if node.model.writing.made_in_part {
            return Err(made_in_part(node.model));
        }
        if node.model.writing.made_key && !key.is_blank() {
            return Err(Error::invalid(format!(
                "a struct that is saved holds a row of `{table}` that this unit of work has not read: if it is there, read it here before, so \
                 that it can be moved; if it was deleted meanwhile, read the struct again; if it is new, leave its key 0, nil or empty, \
                 because the database makes it",
                table = node.model.table
            )));
        }
        if self.identity_map.has_deleted(key) {
            return Err(Error::invalid(format!(
                "a row of `{}` that this unit of work has deleted is saved with a struct that still holds it: take it out there, too",
                node.model.table
            )));
        }
        Ok(())
    }
}

/// The columns of a new row, and those that wait for the key of the row that it belongs to, if the database makes that.
fn referring(
    node: &SavedRow,
    (owner, relation): (&SavedRow, Relation),
    made_owner: Option<u32>,
) -> Result<(EncodedRow, Vec<(usize, u32)>), Error> {
    let (insert, writing) = (&node.model.insert, &node.model.writing);
    let pairs = owning_columns(relation);
    if let Some((far, _)) = pairs.iter().find(|(far, _)| insert.columns.iter().all(|ours| ours.name != *far))
    {
        return Err(not_a_field(node.model, far));
    }
    let mut waits = Vec::new();
    let mut cells = Vec::with_capacity(insert.columns.len());
    for (index, column) in insert.columns.iter().enumerate() {
        let ours = writing.columns.iter().position(|ours| ours.name == column.name);
        let is_made = writing.made_key && ours.is_some_and(|ours| ours >= writing.changeable);
        let referred = pairs.iter().find(|(far, _)| *far == column.name);
        cells.push(match (referred, ours) {
            (Some((_, near)), _) => match made_owner {
                Some(number) if is_key(owner.model, near) => {
                    waits.push((index, number));
                    Cell::Absent
                }
                _ => cell_of(owner.model, &owner.encoded, near)
                    .ok_or_else(|| not_a_field(owner.model, near))?,
            },
            (None, Some(ours)) if !is_made => node.encoded.cell(ours),
            (None, _) => Cell::Absent,
        });
    }
    Ok((EncodedRow::of_cells(cells.into_iter()), waits))
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

fn is_key(model: &'static Model, column: &str) -> bool {
    model.key.iter().map(|key| key.name).eq([column])
}

fn made_in_part(model: &Model) -> Error {
    Error::invalid(format!(
        "a row was added to a struct that is saved, but the primary key of `{table}` has several columns, of which the database makes \
         one: insert the row by the repository of `{table}`, and `refresh` the struct",
        table = model.table
    ))
}
