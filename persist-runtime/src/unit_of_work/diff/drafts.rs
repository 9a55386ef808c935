//! Rows that are new, told by themselves.

use std::collections::HashMap;

use super::Differ;
use crate::draft::{Draft, Far};
use crate::image::{Cell, Image};
use crate::memory::RowKey;
use crate::shape::{ColumnModel, ToMany};
use crate::unit_of_work::changes::{End, EndKey, Insertion, LinkRow};
use crate::unit_of_work::pending::Pending;
use crate::unit_of_work::relations::relation_columns;

impl Differ<'_> {
    /// New rows.
    pub(super) fn drafts(&mut self, pending: &Pending) {
        let insertion = |draft: &Draft, is_upsert: bool| Insertion {
            model: draft.model,
            image: draft.image.clone(),
            waits: draft.waits.clone(),
            number: draft.number,
            is_upsert,
        };
        let inserts = &mut self.changes.inserts;
        inserts.extend(pending.inserted.drafts.iter().map(|draft| insertion(draft, false)));
        // One statement cannot change a row twice: of several with one key the last counts.
        let mut places: HashMap<RowKey, usize> = HashMap::new();
        for draft in &pending.upserted {
            let known = draft_key(draft).map(|key| *places.entry(key).or_insert(inserts.len()));
            match known.and_then(|place| inserts.get_mut(place)) {
                Some(earlier) => *earlier = insertion(draft, true),
                None => inserts.push(insertion(draft, true)),
            }
        }
        for link in &pending.inserted.links {
            // The numbers of rows go up.
            let drafts = &pending.inserted.drafts;
            let place = drafts.binary_search_by_key(&link.near, |draft| draft.number);
            let Some(near) = place.ok().map(|place| &drafts[place]) else { continue };
            let far = match &link.far {
                Far::Key(key) => EndKey::Known(key.clone()),
                Far::Row(number) => EndKey::Waits(*number),
            };
            self.changes.links.push(LinkRow {
                relation: link.relation,
                near: End { model: near.model, key: draft_end(near, link.relation) },
                far: End { model: link.other, key: far },
            });
        }
    }
}

/// The primary key of a new row, if it has a value.
fn draft_key(draft: &Draft) -> Option<RowKey> {
    let position =
        |key: &&'static ColumnModel| draft.insert.columns.iter().position(|ours| ours.name == key.name);
    let columns: Vec<usize> = draft.model.key.iter().map(position).collect::<Option<_>>()?;
    Some(RowKey::new(draft.model, draft.image.key(columns.into_iter())?))
}

/// The end of a link at a new row.
fn draft_end(draft: &Draft, relation: &'static ToMany) -> EndKey {
    let cell = |column: &ColumnModel| {
        let index = draft.insert.columns.iter().position(|ours| ours.name == column.name)?;
        Some(draft.image.cell(index)).filter(|cell| *cell != Cell::Absent)
    };
    let columns = relation_columns(draft.model, relation);
    let cells: Option<Vec<Cell<'_>>> = columns.iter().map(|column| cell(column)).collect();
    cells.map_or(EndKey::Waits(draft.number), |cells| EndKey::Known(Image::of_cells(cells)))
}
