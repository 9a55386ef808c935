//! Rows of link tables that come and go.

use std::collections::HashSet;

use crate::error::Error;
use crate::table::column::ColumnModel;
use crate::table::model::Model;
use crate::table::shape::Relation;
use crate::table::shape::ToMany;
use crate::unit_of_work::changes::{End, EndKey, LinkRow, cell_of};
use crate::unit_of_work::diff::Differ;
use crate::unit_of_work::relations::{far_columns, relation_columns};
use crate::write::encoded_row::{Cell, EncodedRow};
use crate::write::identity_map::{RowKey, Snapshot};
use crate::write::saved_row::SavedRow;

impl Differ<'_> {
    /// The links of a row that came and went.
    pub(super) fn links(&mut self, node: &SavedRow, nodes: &[SavedRow], row: &Snapshot) -> Result<(), Error> {
        for (relation, places) in &node.relations {
            let Relation::Many(many) = relation else { continue };
            if many.link.through.is_none() {
                continue;
            }
            let then = row.relations.iter().find(|(found, _)| found.is(*relation));
            let then: HashSet<&RowKey> = then.into_iter().flat_map(|(_, keys)| keys).collect();
            let now: Vec<RowKey> = places.iter().map(|place| RowKey::of(&nodes[*place])).collect();
            for (key, place) in now.iter().zip(places).filter(|(key, _)| !then.contains(*key)) {
                let other = &nodes[*place];
                let far = end(key.model(), far_columns(key.model(), many), |name| {
                    cell_of(other.model, &other.encoded, name)
                });
                self.changes.links.push(link_row(many, node.model, &node.encoded, far)?);
            }
            let now: HashSet<&RowKey> = now.iter().collect();
            for key in then.into_iter().filter(|key| !now.contains(key)) {
                self.changes.unlinks.push(link_row(many, node.model, &node.encoded, far_end(many, key))?);
            }
        }
        Ok(())
    }
}

/// A link from a row of a struct.
pub(super) fn link_row(
    relation: &'static ToMany,
    model: &'static Model,
    encoded: &EncodedRow,
    far: Option<End>,
) -> Result<LinkRow, Error> {
    let columns =
        Some(relation_columns(model, relation)).filter(|columns| columns.len() == relation.key.len());
    let near = columns.and_then(|columns| end(model, columns, |name| cell_of(model, encoded, name)));
    match (near, far) {
        (Some(near), Some(far)) => Ok(LinkRow { relation, near, far }),
        _ => Err(Error::invalid(format!(
            "the links of `{}` cannot be written, because a struct has no field for a column that its link table refers to",
            relation.field
        ))),
    }
}

/// The other end of a link, of which the key is known.
pub(super) fn far_end(relation: &'static ToMany, key: &RowKey) -> Option<End> {
    let model = key.model();
    let cells = key.cells();
    end(model, far_columns(model, relation), |name| {
        let place = model.key.iter().position(|column| column.name == name)?;
        Some(Cell::Value(cells[place]))
    })
}

/// The end of a link at a row with these cells.
pub(super) fn end<'c>(
    model: &'static Model,
    columns: Vec<&'static ColumnModel>,
    cell: impl Fn(&str) -> Option<Cell<'c>>,
) -> Option<End> {
    let cells: Option<Vec<Cell<'c>>> = columns.iter().map(|column| cell(column.name)).collect();
    let cells = cells.filter(|cells| !cells.is_empty())?;
    Some(End { model, key: EndKey::Known(EncodedRow::of_cells(cells.into_iter())) })
}
