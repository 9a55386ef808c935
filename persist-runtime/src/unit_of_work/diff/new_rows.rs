//! Rows that are new, told by themselves.

use crate::error::Error;
use crate::table::column::ColumnModel;
use crate::table::shape::ToMany;
use crate::unit_of_work::changes::{Changes, End, EndKey, Insertion, LinkRow};
use crate::unit_of_work::diff::Differ;
use crate::unit_of_work::diff::fresh::KeyPlaces;
use crate::unit_of_work::pending::Pending;
use crate::unit_of_work::relations::relation_columns;
use crate::unit_of_work::steps::inserted::never_made;
use crate::value::row_key::KeyMap;
use crate::write::encoded_row::{Cell, EncodedRow};
use crate::write::identity_map::RowKey;
use crate::write::new_row::{Far, NewRow};

impl Differ<'_> {
    /// New rows.
    pub(super) fn new_rows(&mut self, pending: &Pending) -> Result<(), Error> {
        let insertion = |new_row: &NewRow, is_upsert: bool| Insertion {
            model: new_row.model,
            encoded: new_row.encoded.clone(),
            waits: new_row.waits.clone(),
            number: new_row.number,
            is_upsert,
        };
        let Changes { inserts, forgotten, .. } = &mut self.changes;
        inserts.extend(pending.inserted.new_rows.iter().map(|new_row| insertion(new_row, false)));
        // One statement cannot change a row twice: of several with one key the last counts.
        let mut places: KeyMap<RowKey, usize> = KeyMap::default();
        let mut keys = KeyPlaces::default();
        for new_row in &pending.upserted {
            let key = keys.key(new_row);
            // What was remembered of the row is not what it will be.
            forgotten.extend(key.clone());
            let known = key.map(|key| *places.entry(key).or_insert(inserts.len()));
            match known.and_then(|place| inserts.get_mut(place)) {
                Some(earlier) => *earlier = insertion(new_row, true),
                None => inserts.push(insertion(new_row, true)),
            }
        }
        for link in &pending.inserted.links {
            // The numbers of rows go up.
            let new_rows = &pending.inserted.new_rows;
            let place = new_rows.binary_search_by_key(&link.near, |new_row| new_row.number);
            let near = place.map(|place| &new_rows[place]).map_err(|_| never_made())?;
            let far = match &link.far {
                Far::Key(key) => EndKey::Known(key.clone()),
                Far::Row(number) => EndKey::Waits(*number),
            };
            self.changes.links.push(LinkRow {
                relation: link.relation,
                near: End { model: near.model, key: new_end(near, link.relation)? },
                far: End { model: link.other, key: far },
            });
        }
        Ok(())
    }
}

/// The end of a link at a new row.
fn new_end(new_row: &NewRow, relation: &'static ToMany) -> Result<EndKey, Error> {
    let cell = |column: &&'static ColumnModel| {
        let index = new_row.insert.position(column.name)?;
        Some(new_row.encoded.cell(index)).filter(|cell| *cell != Cell::Absent)
    };
    let columns = relation_columns(new_row.model, relation);
    let cells: Option<Vec<Cell<'_>>> = columns.iter().map(cell).collect();
    match cells {
        Some(cells) => Ok(EndKey::Known(EncodedRow::of_cells(cells.into_iter()))),
        None if columns.iter().map(|column| column.name).eq(new_row.model.key.iter().map(|key| key.name)) => {
            Ok(EndKey::Waits(new_row.number))
        }
        None => Err(Error::invalid(format!(
            "the links of `{}` refer to a column of a new row that has no value yet",
            relation.field
        ))),
    }
}
