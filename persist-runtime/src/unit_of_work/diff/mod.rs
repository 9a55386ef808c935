//! Compares what is to be saved with what is remembered.

pub(crate) mod added;
pub(crate) mod fresh;
pub(crate) mod gone;
pub(crate) mod links;
pub(crate) mod new_rows;
pub(crate) mod saved;

use std::collections::HashMap;
use std::sync::Arc;

use crate::unit_of_work::diff::fresh::Fresh;

use crate::error::Error;
use crate::table::model::Model;
use crate::table::shape::Relation;
use crate::unit_of_work::changes::{Changes, Update, contradiction, next_version};
use crate::unit_of_work::pending::{Pending, Saved};
use crate::unit_of_work::relations::is_owning;
use crate::value::row_key::{KeyMap, KeySet};
use crate::write::encoded_row::{Cell, EncodedRow, same};
use crate::write::identity_map::{IdentityMap, RowKey, Snapshot, version};
use crate::write::saved_row::SavedRow;

/// The changes that make the database what was told. Where nothing follows, nothing `remembers` them.
pub(crate) fn diff(
    pending: &Pending,
    saved: &[&Saved],
    identity_map: &IdentityMap,
    keeps_snapshots: bool,
) -> Result<Changes, Error> {
    let doomed = doomed(pending);
    let kept = kept(saved, &doomed)?;
    let fresh = Fresh::new(pending)?;
    let unread =
        kept.iter().map(|saved| RowKey::of(&saved.nodes[0])).filter(|key| identity_map.get(key).is_none());
    fresh.refuse_saved(unread)?;
    fresh.refuse_deleted(&pending.deleted)?;
    let mut differ = Differ::new(&doomed, identity_map, keeps_snapshots);
    for saved in &kept {
        differ.is_detached = saved.is_detached;
        differ.own(&saved.nodes, 0)?;
    }
    differ.updates.reserve(kept.len());
    differ.changes.updates.reserve(kept.len());
    differ.new_rows(pending)?;
    let mut are_changed = vec![false; kept.len()];
    for (saved, is_changed) in kept.iter().zip(&mut are_changed) {
        differ.is_detached = saved.is_detached;
        *is_changed = differ.save(&saved.nodes)?;
    }
    // Whether a row has moved or is missing shows once all structs are known.
    for (saved, is_changed) in kept.iter().zip(&mut are_changed) {
        *is_changed |= differ.miss(&saved.nodes)?;
    }
    for deleted in &pending.deleted {
        differ.delete(&deleted.nodes)?;
    }
    for (saved, _) in kept.iter().zip(are_changed).filter(|(_, is_changed)| *is_changed) {
        differ.bump(&saved.nodes);
    }
    fresh.refuse_saved(&differ.inserted)?;
    let changes = differ.finish();
    fresh.refuse_saved(changes.updates.iter().map(|update| &update.key))?;
    Ok(changes)
}

/// The structs to be deleted by name, and how many were told before each.
fn doomed(pending: &Pending) -> KeyMap<RowKey, usize> {
    let roots = pending.deleted.iter().enumerate();
    roots.filter_map(|(place, deleted)| Some((RowKey::of(deleted.nodes.first()?), place))).collect()
}

/// The structs that are saved and not deleted afterwards.
fn kept<'s>(saved: &[&'s Saved], doomed: &KeyMap<RowKey, usize>) -> Result<Vec<&'s Saved>, Error> {
    let mut kept = Vec::with_capacity(saved.len());
    for saved in saved {
        let Some(root) = saved.nodes.first() else { continue };
        match doomed.get(&RowKey::of(root)) {
            None => kept.push(*saved),
            Some(place) if *place < saved.behind => {
                return Err(contradiction(root.model, "deleted and then saved"));
            }
            Some(_) => {}
        }
    }
    Ok(kept)
}

struct Differ<'p> {
    identity_map: &'p IdentityMap,
    keeps_snapshots: bool,
    changes: Changes,
    /// The place of each changed row among the updates.
    updates: KeyMap<RowKey, usize>,
    /// The new rows whose keys are known.
    inserted: KeySet<RowKey>,
    deleted: KeySet<RowKey>,
    /// The rows to be deleted by name.
    doomed: &'p KeyMap<RowKey, usize>,
    /// To whom rows belong now.
    owners: KeyMap<RowKey, Vec<Holder>>,
    /// How many structs that hold rows were looked at.
    holders: usize,
    /// The rows that belonged to rows before, as far as somebody asked for them.
    members: KeyMap<RowKey, Vec<(Relation, KeySet<RowKey>)>>,
    /// Was the struct that is looked at read elsewhere?
    is_detached: bool,
    /// Counts changes of rows, and rows that went somewhere else.
    touches: usize,
    /// The number of the next row that is inserted without a handle.
    next_number: u32,
    /// The columns in which the last row differed that did.
    last_dirty: Arc<[usize]>,
    /// Those of the row that is looked at.
    scratch: Vec<usize>,
}

/// A struct that holds a row.
struct Holder {
    row: RowKey,
    relation: Relation,
    /// Which struct of that row it is: several may stand for one.
    number: usize,
}

/// To whom a row belongs that is looked at.
#[derive(Clone, Copy)]
struct Owner {
    /// Its place among the rows of the struct.
    place: usize,
    relation: Relation,
    /// Its number, if it is a new row whose key the database will make.
    made: Option<u32>,
}

impl<'p> Differ<'p> {
    fn new(doomed: &'p KeyMap<RowKey, usize>, identity_map: &'p IdentityMap, keeps_snapshots: bool) -> Self {
        Differ {
            identity_map,
            keeps_snapshots,
            changes: Changes::default(),
            updates: KeyMap::default(),
            inserted: KeySet::default(),
            deleted: KeySet::default(),
            doomed,
            owners: KeyMap::default(),
            holders: 0,
            members: KeyMap::default(),
            is_detached: false,
            touches: 0,
            next_number: u32::MAX,
            last_dirty: Arc::default(),
            scratch: Vec::new(),
        }
    }

    /// Notes to whom the rows of a struct belong: none belongs to two rows by the same relation, or to one struct twice. It goes where
    /// [`visit`](Self::visit) will go.
    fn own(&mut self, nodes: &[SavedRow], place: usize) -> Result<(), Error> {
        if nodes[place].relations.is_empty() {
            return Ok(());
        }
        self.holders += 1;
        let (owner, number) = (RowKey::of(&nodes[place]), self.holders);
        for (relation, places) in &nodes[place].relations {
            if self.is_detached && !is_owning(*relation) {
                continue;
            }
            for child in places {
                let (row, writing) = (RowKey::of(&nodes[*child]), &nodes[*child].model.writing);
                if self.doomed.contains_key(&row) {
                    continue;
                }
                if is_owning(*relation) {
                    // Rows whose keys the database will make have the same key until then.
                    let is_known =
                        !(writing.made_key || writing.made_in_part) || self.identity_map.get(&row).is_some();
                    let holders = self.owners.entry(row.clone()).or_default();
                    let is_held = |held: &Holder| {
                        held.relation.is(*relation) && (held.row != owner || held.number == number)
                    };
                    if is_known
                        && holders.iter().any(is_held)
                        && !self.identity_map.saw_twice(&row, *relation)
                    {
                        return Err(held_twice(nodes[*child].model));
                    }
                    holders.push(Holder { row: owner.clone(), relation: *relation, number });
                }
                self.own(nodes, *child)?;
            }
        }
        Ok(())
    }

    /// Something of a struct has changed; its version counts the changes of all that belongs to it.
    fn bump(&mut self, nodes: &[SavedRow]) {
        let Some(root) = nodes.first() else { return };
        let key = RowKey::of(root);
        if root.model.versioned
            && !self.updates.contains_key(&key)
            && let Some(row) = self.identity_map.get(&key)
        {
            self.push_update(root.model, key, row, row.encoded.clone(), Arc::default());
        }
    }

    fn update(
        &mut self,
        model: &'static Model,
        key: RowKey,
        row: &Snapshot,
        encoded: EncodedRow,
        dirty: Arc<[usize]>,
    ) -> Result<(), Error> {
        if dirty.is_empty() {
            return Ok(());
        }
        self.touches += 1;
        let Some(place) = self.updates.get(&key) else {
            let version = model.versioned.then(|| model.writing.columns.len() - 1);
            let encoded = match version {
                Some(at) => encoded.replaced(at, row.encoded.cell(at)),
                None => encoded,
            };
            self.push_update(model, key, row, encoded, dirty);
            return Ok(());
        };
        let update = &mut self.changes.updates[*place];
        for &index in &*dirty {
            let column = model.writing.columns[index];
            if !update.is_dirty(index) {
                update.encoded = update.encoded.replaced(index, encoded.cell(index));
                update.add_dirty(index);
            } else if !same(column.oid, update.encoded.cell(index), encoded.cell(index)) {
                return Err(Error::invalid(format!(
                    "a row of `{}` is saved twice, with different values of `{}`",
                    model.table, column.name
                )));
            }
        }
        Ok(())
    }

    fn push_update(
        &mut self,
        model: &'static Model,
        key: RowKey,
        row: &Snapshot,
        encoded: EncodedRow,
        dirty: Arc<[usize]>,
    ) {
        self.updates.insert(key.clone(), self.changes.updates.len());
        self.changes.updates.push(Update {
            model,
            key,
            encoded,
            before: row.encoded.clone(),
            dirty,
            follows: false,
            is_whole: false,
        });
    }

    /// Columns, shared with the last row that differed if that was in the same.
    fn dirty(&mut self, columns: impl Iterator<Item = usize>) -> Arc<[usize]> {
        self.scratch.clear();
        self.scratch.extend(columns);
        if self.scratch.is_empty() {
            return Arc::default();
        }
        if *self.scratch != *self.last_dirty {
            self.last_dirty = self.scratch.as_slice().into();
        }
        Arc::clone(&self.last_dirty)
    }

    /// Counts what is different. It only grows.
    fn count(&self) -> usize {
        let Changes { inserts, deletes, unlinks, links, .. } = &self.changes;
        self.touches + inserts.len() + deletes.len() + unlinks.len() + links.len()
    }

    fn finish(mut self) -> Changes {
        let deleted = &self.deleted;
        self.changes.updates.retain(|update| !deleted.contains(&update.key));
        self.changes.snapshots.retain(|(key, _)| !deleted.contains(key));
        self.follow();
        if self.keeps_snapshots {
            self.remember_updates();
        }
        self.changes
    }

    /// Of several structs over one row only one counts its version up: the first that has one.
    fn follow(&mut self) {
        let updates = &mut self.changes.updates;
        if !updates.windows(2).any(|pair| !std::ptr::eq(pair[0].model, pair[1].model)) {
            return;
        }
        // The first struct over a table stands for all of them.
        let mut tables: HashMap<&'static str, &'static Model> = HashMap::new();
        let mut leaders: KeyMap<RowKey, usize> = KeyMap::default();
        for place in 0..updates.len() {
            let model = updates[place].model;
            let row = updates[place].key.as_of(tables.entry(model.qualified).or_insert(model));
            let Some(leader) = leaders.get(&row).copied() else {
                leaders.insert(row, place);
                continue;
            };
            let leads = model.versioned && !updates[leader].model.versioned;
            updates[if leads { leader } else { place }].follows = true;
            if leads {
                leaders.insert(row, place);
            }
        }
        // There is nothing left of one that would only count the version up.
        updates.retain(|update| !update.follows || !update.dirty.is_empty());
    }

    /// What is remembered of the rows that are changed.
    fn remember_updates(&mut self) {
        let Changes { updates, snapshots, .. } = &mut self.changes;
        let mut places: KeyMap<RowKey, usize> =
            snapshots.iter().enumerate().map(|(place, (key, _))| (key.clone(), place)).collect();
        for update in updates {
            let place = match (places.get(&update.key), self.identity_map.get(&update.key)) {
                (Some(place), _) => *place,
                (None, Some(row)) => {
                    places.insert(update.key.clone(), snapshots.len());
                    snapshots.push((update.key.clone(), row.clone()));
                    snapshots.len() - 1
                }
                (None, None) => continue,
            };
            let row = &mut snapshots[place].1;
            let next = version(row.model, &update.encoded).and_then(next_version);
            row.renew(match next {
                Some(next) => {
                    update.encoded.replaced(row.model.writing.columns.len() - 1, Cell::Value(&next))
                }
                None => update.encoded.clone(),
            });
        }
    }
}

fn held_twice(model: &Model) -> Error {
    Error::invalid(format!(
        "structs that are saved hold a row of `{}` twice: a row belongs to one struct, and two rows have two keys",
        model.table
    ))
}
