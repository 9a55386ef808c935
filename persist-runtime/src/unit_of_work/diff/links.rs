//! Rows of link tables that come and go.

use super::Differ;
use crate::image::Image;
use crate::memory::{Remembered, RowKey};
use crate::model::Model;
use crate::shape::{ColumnModel, ToMany};
use crate::unit_of_work::changes::{End, EndKey, LinkRow, cell_of};
use crate::unit_of_work::relations::{far_columns, relation_columns};
use crate::walk::{Node, Relation};

impl Differ<'_> {
    /// The links of a row that came and went.
    pub(super) fn links(&mut self, node: &Node, nodes: &[Node], row: &Remembered) {
        for (relation, places) in &node.relations {
            let Relation::Many(relation) = relation else { continue };
            if relation.link.through.is_none() {
                continue;
            }
            let then: &[RowKey] = row
                .relations
                .iter()
                .find(|(found, _)| found.is(Relation::Many(relation)))
                .map_or(&[], |(_, keys)| keys);
            for other in places.iter().map(|place| &nodes[*place]) {
                if !then.contains(&RowKey::of(other)) {
                    let link = link_row(relation, node.model, &node.image, other.model, &other.image);
                    self.changes.links.extend(link);
                }
            }
            for gone in
                then.iter().filter(|key| !places.iter().any(|place| RowKey::of(&nodes[*place]) == **key))
            {
                let Some(other) = self.memory.get(gone) else { continue };
                let link = link_row(relation, node.model, &node.image, other.model, &other.image);
                self.changes.unlinks.extend(link);
            }
        }
    }
}

pub(super) fn link_row(
    relation: &'static ToMany,
    near: &'static Model,
    near_image: &Image,
    far: &'static Model,
    far_image: &Image,
) -> Option<LinkRow> {
    let ends = |model: &'static Model, image: &Image, columns: &[&'static ColumnModel]| {
        let cells =
            columns.iter().map(|column| cell_of(model, image, column.name)).collect::<Option<Vec<_>>>()?;
        Some(End { model, key: EndKey::Known(Image::of_cells(cells)) })
    };
    Some(LinkRow {
        relation,
        near: ends(near, near_image, &relation_columns(near, relation))?,
        far: ends(far, far_image, &far_columns(far, relation))?,
    })
}
