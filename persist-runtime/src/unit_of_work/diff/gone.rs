//! Rows that are taken out of a struct, or deleted.

use crate::error::Error;
use crate::table::link::Orphans;
use crate::table::shape::Relation;
use crate::unit_of_work::changes::{Deletion, position};
use crate::unit_of_work::diff::added::refuse_part;
use crate::unit_of_work::diff::links::{far_end, link_row};
use crate::unit_of_work::diff::saved::{gone, not_a_field};
use crate::unit_of_work::diff::{Differ, Holder};
use crate::unit_of_work::relations::{goes_along, is_owning, owning_columns};
use crate::value::row_key::KeySet;
use crate::write::encoded_row::Cell;
use crate::write::identity_map::{RowKey, Snapshot};
use crate::write::saved_row::SavedRow;

impl Differ<'_> {
    /// Rows that do not belong to a struct any more. Are there any?
    pub(super) fn miss(&mut self, nodes: &[SavedRow]) -> Result<bool, Error> {
        let before = self.count();
        for node in nodes {
            let owner = RowKey::of(node);
            let Some(row) = self.identity_map.get(&owner) else { continue };
            for (relation, then) in row.relations.iter().filter(|(relation, _)| is_owning(*relation)) {
                let now = node.relations.iter().find(|(found, _)| found.is(*relation));
                let places = now.map_or(&[][..], |(_, places)| places);
                let now: KeySet<RowKey> = places.iter().map(|place| RowKey::of(&nodes[*place])).collect();
                for key in then.iter().filter(|key| !now.contains(key)) {
                    refuse_part(*relation)?;
                    self.touches += 1;
                    if !self.has_moved(key, &owner, *relation) {
                        self.orphan(key, *relation)?;
                    }
                }
            }
        }
        Ok(self.count() > before)
    }

    /// Does a row belong to somebody else now?
    fn has_moved(&self, key: &RowKey, owner: &RowKey, relation: Relation) -> bool {
        self.owners.get(key).is_some_and(|owners| {
            let is_other =
                |now: &Holder| now.row != *owner || owning_columns(now.relation) != owning_columns(relation);
            owners.iter().any(is_other)
        })
    }

    pub(super) fn orphan(&mut self, key: &RowKey, relation: Relation) -> Result<(), Error> {
        let Some(row) = self.identity_map.get(key) else { return Ok(()) };
        match orphans(relation) {
            Orphans::Delete => self.delete_row(key, row),
            Orphans::Null => self.release(key, row, relation),
        }
    }

    /// A row stays, and refers to nobody.
    fn release(&mut self, key: &RowKey, row: &Snapshot, relation: Relation) -> Result<(), Error> {
        let mut encoded = match self.updates.get(key) {
            Some(place) => self.changes.updates[*place].encoded.clone(),
            None => row.encoded.clone(),
        };
        let mut dirty = Vec::new();
        for (far, _) in owning_columns(relation) {
            let ours = position(row.model, far).ok_or_else(|| not_a_field(row.model, far))?;
            encoded = encoded.replaced(ours, Cell::Null);
            dirty.push(ours);
        }
        dirty.sort_unstable();
        self.update(row.model, key.clone(), row, encoded, dirty.into())
    }

    pub(super) fn delete(&mut self, nodes: &[SavedRow]) -> Result<(), Error> {
        let Some(root) = nodes.first() else { return Ok(()) };
        let key = RowKey::of(root);
        match self.identity_map.get(&key) {
            Some(row) if !row.has_version(&root.encoded) => Err(gone(root)),
            Some(row) => self.delete_row(&key, row),
            None => self.delete_nodes(nodes, 0),
        }
    }

    /// Deletes a row that is remembered, and what belongs to it and does not go with it by itself.
    fn delete_row(&mut self, key: &RowKey, row: &Snapshot) -> Result<(), Error> {
        if !self.deleted.insert(key.clone()) {
            return Ok(());
        }
        self.changes.buried.push(key.clone());
        self.below(key, row)?;
        self.changes.deletes.push(Deletion { model: row.model, encoded: row.encoded.clone() });
        Ok(())
    }

    /// What becomes of the rows below one that is deleted.
    fn below(&mut self, key: &RowKey, row: &Snapshot) -> Result<(), Error> {
        for (relation, keys) in &row.relations {
            for child in keys {
                if goes_along(*relation) {
                    // It is deleted by the database, but what is below it may not be.
                    if let Some(found) = self.identity_map.get(child).filter(|_| is_owning(*relation))
                        && !self.has_moved(child, key, *relation)
                    {
                        self.changes.buried.push(child.clone());
                        self.below(child, found)?;
                    }
                } else if let Relation::Many(many) = relation
                    && many.link.through.is_some()
                {
                    let link = link_row(many, row.model, &row.encoded, far_end(many, child))?;
                    self.changes.unlinks.push(link);
                } else if is_owning(*relation) && !self.has_moved(child, key, *relation) {
                    self.orphan(child, *relation)?;
                }
            }
        }
        Ok(())
    }

    /// The same for a struct that was read elsewhere.
    fn delete_nodes(&mut self, nodes: &[SavedRow], place: usize) -> Result<(), Error> {
        let node = &nodes[place];
        let key = RowKey::of(node);
        if !self.deleted.insert(key.clone()) {
            return Ok(());
        }
        self.nodes_below(nodes, place)?;
        self.changes.deletes.push(Deletion { model: node.model, encoded: node.encoded.clone() });
        Ok(())
    }

    fn nodes_below(&mut self, nodes: &[SavedRow], place: usize) -> Result<(), Error> {
        let node = &nodes[place];
        let key = RowKey::of(node);
        for (relation, places) in &node.relations {
            for child in places {
                let far = RowKey::of(&nodes[*child]);
                match relation {
                    Relation::Many(many) if many.link.through.is_some() => {
                        if !goes_along(*relation) {
                            let link = link_row(many, node.model, &node.encoded, far_end(many, &far))?;
                            self.changes.unlinks.push(link);
                        }
                    }
                    _ if !is_owning(*relation) || self.has_moved(&far, &key, *relation) => {}
                    _ if goes_along(*relation) => self.nodes_below(nodes, *child)?,
                    _ if orphans(*relation) == Orphans::Delete => self.delete_nodes(nodes, *child)?,
                    _ => self.release(&far, &Snapshot::read(&nodes[*child], nodes), *relation)?,
                }
            }
        }
        Ok(())
    }
}

/// What becomes of rows that are taken out of a relation.
fn orphans(relation: Relation) -> Orphans {
    match relation {
        Relation::Many(many) => many.owned.orphans,
        Relation::One(one) => one.owned.map_or(Orphans::Null, |owned| owned.orphans),
    }
}
