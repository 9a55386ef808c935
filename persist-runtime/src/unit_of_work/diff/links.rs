//! Rows of link tables that come and go.

use std::collections::{HashMap, HashSet};

use super::Differ;
use crate::error::Error;
use crate::table::shape::Relation;
use crate::table::shape::ToMany;
use crate::unit_of_work::changes::{End, EndKey, LinkRow, contradiction};
use crate::write::encoded_row::{Cell, EncodedRow};
use crate::write::identity::RowKey;
use crate::write::saved_row::SavedRow;
use crate::write::snapshot::Snapshot;

impl Differ<'_, '_> {
    /// The links of a row that came and went.
    pub(super) fn links(&mut self, row: &SavedRow, rows: &[SavedRow], known: &Snapshot) -> Result<(), Error> {
        for (relation, places) in &row.relations {
            let Relation::Many(many) = relation else { continue };
            if many.link.through.is_none() {
                continue;
            }
            let mut then = counted(known.relation(*relation).into_iter().flatten());
            let now: Vec<RowKey> = places.iter().map(|place| RowKey::of(&rows[*place])).collect();
            for (key, place) in now.iter().zip(places) {
                if let Some(left) = then.get_mut(key).filter(|left| **left > 0) {
                    *left -= 1;
                    continue;
                }
                self.refuse_link_to_deleted(key)?;
                let far = match self.made_at(*place).filter(|_| many.far == key.table().key) {
                    Some(number) => Some(made_end(key, number)),
                    // A copy that was read elsewhere may have an older name.
                    None => self
                        .far_end(many, key)
                        .or_else(|| end(key, many.far, |at| rows[*place].encoded.cell(at))),
                };
                let near = near(many, &RowKey::of(row), &row.encoded);
                self.growing.changes.links.push(link_row(many, near, far)?);
            }
            if self.is_partial() {
                continue;
            }
            let now: HashSet<&RowKey> = now.iter().collect();
            if then.iter().any(|(key, left)| *left > 0 && now.contains(key)) {
                return Err(equal_links(many));
            }
            // What the links refer to may change only after they are gone.
            let before = known.completed(row.model, known.row());
            for key in then.into_keys().filter(|key| !now.contains(key)) {
                let link = self.link_of(many, &RowKey::of(row), &before, key)?;
                self.growing.changes.unlinks.push(link);
            }
        }
        Ok(())
    }

    /// The number of a row of the struct that is looked at, if it is inserted because a link leads to it, and the database
    /// makes its key.
    pub(super) fn made_at(&self, place: usize) -> Option<u32> {
        self.linked_new.iter().find(|(made, _)| *made == place).map(|(_, number)| *number)
    }

    /// A link from a row of a struct to one of which the key is known.
    pub(super) fn link(
        &self,
        relation: &'static ToMany,
        row: &SavedRow,
        far: &RowKey,
    ) -> Result<LinkRow, Error> {
        self.link_of(relation, &RowKey::of(row), &row.encoded, far)
    }

    /// The same to one that is in the same struct, and may be inserted with it.
    pub(super) fn link_to(
        &self,
        relation: &'static ToMany,
        row: &SavedRow,
        (place, far): (usize, &SavedRow),
    ) -> Result<LinkRow, Error> {
        let key = RowKey::of(far);
        self.refuse_link_to_deleted(&key)?;
        let near = near(relation, &RowKey::of(row), &row.encoded);
        let far = match self.made_at(place) {
            Some(number) if relation.far == key.table().key => Some(made_end(&key, number)),
            Some(_) => end(&key, relation.far, |at| far.encoded.cell(at)),
            None => {
                self.far_end(relation, &key).or_else(|| end(&key, relation.far, |at| far.encoded.cell(at)))
            }
        };
        link_row(relation, near, far)
    }

    /// The same from a row that is known.
    pub(super) fn link_of(
        &self,
        relation: &'static ToMany,
        key: &RowKey,
        row: &EncodedRow,
        far: &RowKey,
    ) -> Result<LinkRow, Error> {
        link_row(relation, near(relation, key, row), self.far_end(relation, far))
    }

    fn refuse_link_to_deleted(&self, key: &RowKey) -> Result<(), Error> {
        match self.index.doomed(key) {
            Some(_) => Err(contradiction(key.table(), "deleted and put into a relation")),
            None => Ok(()),
        }
    }

    /// The end at a row of which the key is known, and maybe more.
    fn far_end(&self, relation: &'static ToMany, key: &RowKey) -> Option<End> {
        let (table, cells) = (key.table(), key.cells());
        let known = self.index.identity_map.get(key).map(Snapshot::row);
        end(key, relation.far, |at| match table.key.iter().position(|place| *place == at) {
            Some(place) => Cell::Value(cells[place]),
            None => known.as_ref().map_or(Cell::Absent, |row| row.cell(at)),
        })
    }
}

/// How often each is there: a link table without a UNIQUE key may hold a link several times.
fn counted<'k>(keys: impl Iterator<Item = &'k RowKey>) -> HashMap<&'k RowKey, usize> {
    let mut counted = HashMap::new();
    keys.for_each(|key| *counted.entry(key).or_default() += 1);
    counted
}

fn equal_links(relation: &ToMany) -> Error {
    Error::invalid(format!(
        "one of several equal links was taken out of `{}`: rows of its link table that are the same cannot be told apart; take all of them \
         out, or give the link table a PRIMARY KEY over its two foreign keys in a migration",
        relation.field
    ))
}

fn near(relation: &'static ToMany, key: &RowKey, row: &EncodedRow) -> Option<End> {
    end(key, relation.near, |at| row.cell(at))
}

fn link_row(relation: &'static ToMany, near: Option<End>, far: Option<End>) -> Result<LinkRow, Error> {
    match (near, far) {
        (Some(near), Some(far)) => Ok(LinkRow { relation, near, far }),
        _ => Err(Error::invalid(format!(
            "the links of `{}` cannot be written, because a struct has no field for a column that its link table refers to",
            relation.field
        ))),
    }
}

/// A link between two rows of a struct, of which no more may be known than their keys.
pub(in crate::unit_of_work) fn link_between(
    relation: &'static ToMany,
    near: &SavedRow,
    far: &SavedRow,
) -> Result<LinkRow, Error> {
    let there = |row: &SavedRow, places: &[usize]| {
        let cell = |at| match row.encoded.cell(at) {
            Cell::Absent => Cell::Null,
            cell => cell,
        };
        end(&RowKey::of(row), places, cell)
    };
    link_row(relation, there(near, relation.near), there(far, relation.far))
}

/// The end of a link at a row whose key the database makes.
fn made_end(row: &RowKey, number: u32) -> End {
    End { table: row.table(), key: EndKey::Waits(number), named: None }
}

/// The end of a link at a row with these cells, if all that the link refers to are known.
fn end<'c>(row: &RowKey, places: &[usize], cell: impl Fn(usize) -> Cell<'c>) -> Option<End> {
    let cells: Vec<Cell<'c>> = places.iter().map(|place| cell(*place)).collect();
    let is_known = !cells.is_empty() && !cells.contains(&Cell::Absent);
    // A key that the database will make is not one yet.
    let named = || (*places != *row.table().key && !row.is_blank()).then(|| row.clone());
    let key = || EndKey::Known(EncodedRow::of_cells(cells.iter().copied()));
    is_known.then(|| End { table: row.table(), key: key(), named: named() })
}
