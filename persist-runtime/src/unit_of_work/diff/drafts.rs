//! Rows that are new, told by themselves.

use crate::error::Error;
use crate::table::shape::{ColumnModel, ToMany};
use crate::unit_of_work::changes::{Changes, End, EndKey, Insertion, LinkRow};
use crate::unit_of_work::diff::Differ;
use crate::unit_of_work::diff::fresh::KeyPlaces;
use crate::unit_of_work::pending::Pending;
use crate::unit_of_work::relations::relation_columns;
use crate::unit_of_work::steps::inserted::never_made;
use crate::value::row_key::KeyMap;
use crate::write::encoded_row::{Cell, Image};
use crate::write::identity_map::RowKey;
use crate::write::new_row::{Draft, Far};

impl Differ<'_> {
    /// New rows.
    pub(super) fn drafts(&mut self, pending: &Pending) -> Result<(), Error> {
        let insertion = |draft: &Draft, is_upsert: bool| Insertion {
            model: draft.model,
            image: draft.image.clone(),
            waits: draft.waits.clone(),
            number: draft.number,
            is_upsert,
        };
        let Changes { inserts, forgotten, .. } = &mut self.changes;
        inserts.extend(pending.inserted.drafts.iter().map(|draft| insertion(draft, false)));
        // One statement cannot change a row twice: of several with one key the last counts.
        let mut places: KeyMap<RowKey, usize> = KeyMap::default();
        let mut keys = KeyPlaces::default();
        for draft in &pending.upserted {
            let key = keys.key(draft);
            // What was remembered of the row is not what it will be.
            forgotten.extend(key.clone());
            let known = key.map(|key| *places.entry(key).or_insert(inserts.len()));
            match known.and_then(|place| inserts.get_mut(place)) {
                Some(earlier) => *earlier = insertion(draft, true),
                None => inserts.push(insertion(draft, true)),
            }
        }
        for link in &pending.inserted.links {
            // The numbers of rows go up.
            let drafts = &pending.inserted.drafts;
            let place = drafts.binary_search_by_key(&link.near, |draft| draft.number);
            let near = place.map(|place| &drafts[place]).map_err(|_| never_made())?;
            let far = match &link.far {
                Far::Key(key) => EndKey::Known(key.clone()),
                Far::Row(number) => EndKey::Waits(*number),
            };
            self.changes.links.push(LinkRow {
                relation: link.relation,
                near: End { model: near.model, key: draft_end(near, link.relation)? },
                far: End { model: link.other, key: far },
            });
        }
        Ok(())
    }
}

/// The end of a link at a new row.
fn draft_end(draft: &Draft, relation: &'static ToMany) -> Result<EndKey, Error> {
    let cell = |column: &&'static ColumnModel| {
        let index = draft.insert.position(column.name)?;
        Some(draft.image.cell(index)).filter(|cell| *cell != Cell::Absent)
    };
    let columns = relation_columns(draft.model, relation);
    let cells: Option<Vec<Cell<'_>>> = columns.iter().map(cell).collect();
    match cells {
        Some(cells) => Ok(EndKey::Known(Image::of_cells(cells.into_iter()))),
        None if columns.iter().map(|column| column.name).eq(draft.model.key.iter().map(|key| key.name)) => {
            Ok(EndKey::Waits(draft.number))
        }
        None => Err(Error::invalid(format!(
            "the links of `{}` refer to a column of a new row that has no value yet",
            relation.field
        ))),
    }
}
