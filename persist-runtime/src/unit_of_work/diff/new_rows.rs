//! New rows that were inserted or upserted by themselves.

use super::Differ;
use crate::error::Error;
use crate::table::shape::ToMany;
use crate::unit_of_work::changes::{Changes, End, EndKey, Insertion, LinkRow};
use crate::unit_of_work::pending::Pending;
use crate::unit_of_work::steps::inserted::never_made;
use crate::value::row_key::KeyMap;
use crate::write::encoded_row::{Cell, EncodedRow};
use crate::write::identity::RowKey;
use crate::write::new_row::{Far, NewRow};

impl Differ<'_, '_> {
    /// New rows.
    pub(super) fn new_rows(&mut self, pending: &Pending) -> Result<(), Error> {
        let insertion = |row: &NewRow, is_upsert: bool| Insertion {
            model: row.model,
            encoded: row.encoded.clone(),
            waits: row.waits.clone(),
            number: row.number,
            is_upsert,
        };
        let Changes { inserts, forgotten, links, .. } = &mut self.growing.changes;
        inserts.extend(pending.inserted.new_rows.iter().map(|row| insertion(row, false)));
        // One statement cannot change a row twice: of several with one key the last counts.
        let mut places: KeyMap<RowKey, usize> = KeyMap::default();
        for row in &pending.upserted {
            let key = row.row_key();
            // What was known of the row is not what it will be.
            forgotten.extend(key.clone());
            let known = key.map(|key| *places.entry(key).or_insert(inserts.len()));
            match known.and_then(|place| inserts.get_mut(place)) {
                Some(earlier) => *earlier = insertion(row, true),
                None => inserts.push(insertion(row, true)),
            }
        }
        for link in &pending.inserted.links {
            // The numbers of rows go up.
            let rows = &pending.inserted.new_rows;
            let place = rows.binary_search_by_key(&link.near, |row| row.number);
            let near = place.map(|place| &rows[place]).map_err(|_| never_made())?;
            let far = match &link.far {
                Far::Key(key) => EndKey::Known(key.clone()),
                Far::Row(number) => EndKey::Waits(*number),
            };
            links.push(LinkRow {
                relation: link.relation,
                near: End { table: near.model.table, key: new_end(near, link.relation)?, named: None },
                far: End { table: link.other.table, key: far, named: None },
            });
        }
        Ok(())
    }
}

/// The end of a link at a new row.
fn new_end(row: &NewRow, relation: &'static ToMany) -> Result<EndKey, Error> {
    let cells: Vec<Cell<'_>> = relation.near.iter().map(|place| row.encoded.cell(*place)).collect();
    match cells.contains(&Cell::Absent) {
        false => Ok(EndKey::Known(EncodedRow::of_cells(cells.into_iter()))),
        true if relation.near == row.model.table.key => Ok(EndKey::Waits(row.number)),
        true => Err(Error::invalid(format!(
            "the links of `{}` refer to a column of a new row that has no value yet",
            relation.field
        ))),
    }
}
