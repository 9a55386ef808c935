//! Compares what is to be saved with what is remembered.

use std::collections::{HashMap, HashSet};

use super::changes::{
    Changes, Deletion, End, EndKey, Insertion, LinkRow, Update, cell_of, next_version, position,
};
use super::pending::{Pending, Saved};
use super::steps::key_cells;
use crate::draft::{Draft, Far};
use crate::error::Error;
use crate::image::{Cell, Image, Origin, same};
use crate::memory::{self, Memory, Remembered, RowKey, relations};
use crate::model::{ColumnModel, Model};
use crate::shape::{Orphans, ToMany};
use crate::walk::{Node, Relation};

/// The changes that make the database what was told.
pub(crate) fn diff(pending: &Pending, saved: &[&Saved], memory: &Memory) -> Result<Changes, Error> {
    let doomed: HashSet<RowKey> =
        pending.deleted.iter().filter_map(|nodes| nodes.first().map(RowKey::of)).collect();
    let is_kept = |nodes: &&[Node]| nodes.first().is_some_and(|root| !doomed.contains(&RowKey::of(root)));
    let saved: Vec<&[Node]> = saved.iter().map(|saved| saved.nodes.as_slice()).filter(is_kept).collect();
    let mut differ = Differ::new(&saved, doomed.clone(), memory);
    differ.drafts(pending);
    for nodes in &saved {
        differ.save(nodes)?;
    }
    // Whether a row has moved or is missing shows once all structs are known.
    for nodes in &saved {
        differ.miss(nodes);
    }
    for nodes in &pending.deleted {
        differ.delete(nodes)?;
    }
    for nodes in &saved {
        differ.bump(nodes);
    }
    Ok(differ.finish())
}

struct Differ<'p> {
    memory: &'p Memory,
    changes: Changes,
    /// The place of each changed row among the updates.
    updates: HashMap<RowKey, usize>,
    inserted: HashMap<RowKey, u32>,
    deleted: HashSet<RowKey>,
    /// The rows to be deleted by name.
    doomed: HashSet<RowKey>,
    /// To whom rows belong now: the row, and the columns by which they refer to it.
    owners: HashMap<RowKey, Vec<(RowKey, Relation)>>,
    /// Structs something of which was changed.
    changed_roots: HashSet<RowKey>,
    /// The number of the next row that is inserted without a handle.
    next_number: u32,
}

impl<'p> Differ<'p> {
    fn new(saved: &[&[Node]], doomed: HashSet<RowKey>, memory: &'p Memory) -> Self {
        let mut owners: HashMap<RowKey, Vec<(RowKey, Relation)>> = HashMap::new();
        for (nodes, node) in saved.iter().flat_map(|nodes| nodes.iter().map(move |node| (nodes, node))) {
            for (relation, places) in node.relations.iter().filter(|(relation, _)| is_owning(*relation)) {
                for place in places {
                    owners.entry(RowKey::of(&nodes[*place])).or_default().push((RowKey::of(node), *relation));
                }
            }
        }
        Differ {
            memory,
            changes: Changes::default(),
            updates: HashMap::new(),
            inserted: HashMap::new(),
            deleted: HashSet::new(),
            doomed,
            owners,
            changed_roots: HashSet::new(),
            next_number: u32::MAX,
        }
    }

    /// New rows.
    fn drafts(&mut self, pending: &Pending) {
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

    /// The rows of a struct: new ones, and changed ones.
    fn save(&mut self, nodes: &[Node]) -> Result<(), Error> {
        let before = self.count();
        self.visit(nodes, 0, None)?;
        self.note(nodes, before);
        Ok(())
    }

    fn visit(&mut self, nodes: &[Node], place: usize, owner: Option<(usize, Relation)>) -> Result<(), Error> {
        let node = &nodes[place];
        let key = RowKey::of(node);
        if self.doomed.contains(&key) {
            return Ok(());
        }
        match (self.memory.get(&key), owner) {
            (Some(row), _) => self.change(nodes, place, owner, row)?,
            (None, Some(owner)) if is_owning(owner.1) => self.add(nodes, place, owner)?,
            // What a link or `belongs_to` leads to is another aggregate: it was read elsewhere.
            (None, Some(_)) => return Ok(()),
            (None, None) if is_written_whole(node) => self.write_whole(node, nodes),
            (None, None) => return Err(gone(node)),
        }
        for (relation, places) in &node.relations {
            for child in places {
                self.visit(nodes, *child, Some((place, *relation)))?;
            }
        }
        Ok(())
    }

    /// A row that is there.
    fn change(
        &mut self,
        nodes: &[Node],
        place: usize,
        owner: Option<(usize, Relation)>,
        row: &Remembered,
    ) -> Result<(), Error> {
        let node = &nodes[place];
        if row.has_unknown {
            return Err(Error::invalid(format!(
                "`{}` was saved with new rows whose keys the database has made: `refresh` it before it is saved again",
                node.model.table
            )));
        }
        if !row.has_version(&node.image) {
            return Err(gone(node));
        }
        let image = match owner {
            Some((owner, relation)) if is_owning(relation) => {
                self.owned_image(node, &nodes[owner], relation)?
            }
            Some(_) | None => node.image.clone(),
        };
        let columns = &node.model.writing.columns[..node.model.writing.changeable];
        let differs = |(index, column): (usize, &&ColumnModel)| {
            (!same(column.oid, image.cell(index), row.image.cell(index))).then_some(index)
        };
        let dirty: Vec<usize> = columns.iter().enumerate().filter_map(differs).collect();
        self.update(node.model, RowKey::of(node), row, &image, dirty)?;
        self.remember(nodes, place, row);
        Ok(())
    }

    /// What is remembered of a row that has been saved.
    fn remember(&mut self, nodes: &[Node], place: usize, row: &Remembered) {
        let node = &nodes[place];
        let now = relations(node, nodes);
        let is_same = now.len() == row.relations.len()
            && now.iter().zip(&row.relations).all(|((_, now), (_, then))| now == then);
        if is_same {
            return;
        }
        let key = RowKey::of(node);
        self.links(node, nodes, row);
        self.changes.touched.insert(key.clone());
        let has_unknown = self.has_unknown(node, nodes);
        self.changes.remembered.push((
            key,
            Remembered {
                model: node.model,
                image: row.image.clone(),
                versions: row.versions.clone(),
                relations: now,
                is_written: true,
                is_outdated: row.is_outdated,
                has_unknown,
            },
        ));
    }

    /// Does a row get others whose keys the database will make?
    fn has_unknown(&self, node: &Node, nodes: &[Node]) -> bool {
        let is_unknown =
            |node: &Node| node.model.writing.made_key && self.memory.get(&RowKey::of(node)).is_none();
        let owned = node.relations.iter().filter(|(relation, _)| is_owning(*relation));
        owned.flat_map(|(_, places)| places).any(|place| is_unknown(&nodes[*place]))
    }

    /// The links of a row that came and went.
    fn links(&mut self, node: &Node, nodes: &[Node], row: &Remembered) {
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

    /// A row that was read elsewhere: its version tells whether anything is as it was then.
    fn write_whole(&mut self, node: &Node, nodes: &[Node]) {
        let mut row = Remembered::read(node, nodes);
        row.is_written = true;
        let dirty = (0..node.model.writing.changeable).collect();
        let key = RowKey::of(node);
        self.push_update(node.model, key.clone(), &row, node.image.clone(), dirty);
        self.changes.remembered.push((key, row));
    }

    /// A row that is new.
    fn add(&mut self, nodes: &[Node], place: usize, owner: (usize, Relation)) -> Result<(), Error> {
        let node = &nodes[place];
        let key = RowKey::of(node);
        if self.inserted.contains_key(&key) && !node.model.writing.made_key {
            return Ok(());
        }
        let owner_node = &nodes[owner.0];
        let (insert, writing) = (&node.model.insert, &node.model.writing);
        let pairs = owning_columns(owner.1);
        let made_owner =
            self.inserted.get(&RowKey::of(owner_node)).copied().filter(|_| owner_node.model.writing.made_key);
        let mut waits = Vec::new();
        let mut cells = Vec::with_capacity(insert.columns.len());
        for (index, column) in insert.columns.iter().enumerate() {
            let ours = writing.columns.iter().position(|ours| ours.name == column.name);
            let is_made = writing.made_key && ours.is_some_and(|ours| ours >= writing.changeable);
            let referred = pairs.iter().find(|(far, _)| *far == column.name);
            cells.push(match (referred, ours) {
                (Some((_, near)), _) => match made_owner {
                    Some(number) if is_key(owner_node.model, near) => {
                        waits.push((index, number));
                        Cell::Absent
                    }
                    _ => cell_of(owner_node.model, &owner_node.image, near)
                        .ok_or_else(|| not_a_field(owner_node, near))?,
                },
                (None, Some(ours)) if !is_made => node.image.cell(ours),
                (None, _) => Cell::Absent,
            });
        }
        if let Some((far, _)) =
            pairs.iter().find(|(far, _)| insert.columns.iter().all(|ours| ours.name != *far))
        {
            return Err(not_a_field(node, far));
        }
        let image = Image::with(insert.columns, &(), |index| Origin::Known(cells[index]))?;
        self.next_number -= 1;
        let number = self.next_number;
        self.inserted.insert(key.clone(), number);
        if !writing.made_key {
            let mut row = Remembered::read(node, nodes);
            if made_owner.is_none() {
                row.image = self.owned_image(node, owner_node, owner.1)?;
            }
            row.is_outdated |= made_owner.is_some();
            row.is_written = true;
            row.is_outdated |= node.model.versioned;
            row.has_unknown = self.has_unknown(node, nodes);
            self.changes.remembered.push((key.clone(), row));
        }
        self.changes.touched.extend([key, RowKey::of(owner_node)]);
        self.changes.inserts.push(Insertion { model: node.model, image, waits, number, is_upsert: false });
        for (relation, places) in &node.relations {
            let Relation::Many(relation) = relation else { continue };
            if relation.link.through.is_some() {
                for other in places.iter().map(|place| &nodes[*place]) {
                    let mut link = link_row(relation, node.model, &node.image, other.model, &other.image);
                    if let (Some(link), true) = (&mut link, writing.made_key) {
                        link.near.key = EndKey::Waits(number);
                    }
                    self.changes.links.extend(link);
                }
            }
        }
        Ok(())
    }

    /// A row that belongs to another refers to that one, whatever its own columns say.
    fn owned_image(&self, node: &Node, owner: &Node, relation: Relation) -> Result<Image, Error> {
        if owner.model.writing.made_key && self.inserted.contains_key(&RowKey::of(owner)) {
            return Err(Error::invalid(format!(
                "a row of `{}` is moved to a new row of `{}`, whose key the database makes: insert that one first, and flush",
                node.model.table, owner.model.table
            )));
        }
        let mut image = node.image.clone();
        for (far, near) in owning_columns(relation) {
            let Some(ours) = position(node.model, far) else {
                let belongs = self.memory.get(&RowKey::of(owner)).is_some_and(|row| {
                    row.relations
                        .iter()
                        .any(|(found, keys)| found.is(relation) && keys.contains(&RowKey::of(node)))
                });
                if belongs {
                    continue;
                }
                return Err(not_a_field(node, far));
            };
            let Some(value) = cell_of(owner.model, &owner.image, near) else { continue };
            if image.cell(ours) != value {
                image = image.replaced(ours, value);
            }
        }
        Ok(image)
    }

    /// Rows that do not belong to a struct any more.
    fn miss(&mut self, nodes: &[Node]) {
        let before = self.count();
        for node in nodes {
            let owner = RowKey::of(node);
            let Some(row) = self.memory.get(&owner) else { continue };
            for (relation, then) in row.relations.iter().filter(|(relation, _)| is_owning(*relation)) {
                let now = node.relations.iter().find(|(found, _)| found.is(*relation));
                let is_there = |key: &RowKey| {
                    now.is_some_and(|(_, places)| {
                        places.iter().any(|place| RowKey::of(&nodes[*place]) == *key)
                    })
                };
                for key in then.iter().filter(|key| !is_there(key)) {
                    if !self.has_moved(key, &owner, *relation) {
                        self.orphan(key, *relation);
                    }
                }
            }
        }
        self.note(nodes, before);
    }

    /// Does a row belong to somebody else now?
    fn has_moved(&self, key: &RowKey, owner: &RowKey, relation: Relation) -> bool {
        self.owners.get(key).is_some_and(|owners| {
            owners.iter().any(|(now, by)| now != owner || owning_columns(*by) != owning_columns(relation))
        })
    }

    fn orphan(&mut self, key: &RowKey, relation: Relation) {
        let Some(row) = self.memory.get(key) else { return };
        let orphans = match relation {
            Relation::Many(many) => many.owned.orphans,
            Relation::One(one) => one.owned.map_or(Orphans::Null, |owned| owned.orphans),
        };
        match orphans {
            Orphans::Delete => self.delete_row(key, row),
            Orphans::Null => self.release(key, row, relation),
        }
    }

    /// A row stays, and refers to nobody.
    fn release(&mut self, key: &RowKey, row: &Remembered, relation: Relation) {
        let mut image = match self.updates.get(key) {
            Some(place) => self.changes.updates[*place].image.clone(),
            None => row.image.clone(),
        };
        let mut dirty = Vec::new();
        for (far, _) in owning_columns(relation) {
            let Some(ours) = position(row.model, far) else { continue };
            image = image.replaced(ours, Cell::Null);
            dirty.push(ours);
        }
        dirty.sort_unstable();
        // Both say NULL: nothing can contradict.
        let _ = self.update(row.model, key.clone(), row, &image, dirty);
    }

    fn delete(&mut self, nodes: &[Node]) -> Result<(), Error> {
        let Some(root) = nodes.first() else { return Ok(()) };
        let key = RowKey::of(root);
        match self.memory.get(&key) {
            Some(row) if !row.has_version(&root.image) => Err(gone(root)),
            Some(row) => {
                self.delete_row(&key, row);
                Ok(())
            }
            None => {
                self.delete_nodes(nodes, 0);
                Ok(())
            }
        }
    }

    /// Deletes a row that is remembered, and what belongs to it and does not go with it by itself.
    fn delete_row(&mut self, key: &RowKey, row: &Remembered) {
        if !self.deleted.insert(key.clone()) {
            return;
        }
        self.changes.touched.insert(key.clone());
        self.changes.forgotten.push(key.clone());
        for (relation, keys) in &row.relations {
            if goes_along(*relation) {
                continue;
            }
            for child in keys {
                let Some(found) = self.memory.get(child) else { continue };
                if let Relation::Many(many) = relation
                    && many.link.through.is_some()
                {
                    let link = link_row(many, row.model, &row.image, found.model, &found.image);
                    self.changes.unlinks.extend(link);
                } else if is_owning(*relation) && !self.has_moved(child, key, *relation) {
                    self.orphan(child, *relation);
                }
            }
        }
        self.changes.deletes.push(Deletion { model: row.model, image: row.image.clone() });
    }

    /// The same for a struct that was read elsewhere.
    fn delete_nodes(&mut self, nodes: &[Node], place: usize) {
        let node = &nodes[place];
        if !self.deleted.insert(RowKey::of(node)) {
            return;
        }
        for (relation, places) in node.relations.iter().filter(|(relation, _)| !goes_along(*relation)) {
            for child in places {
                let other = &nodes[*child];
                match relation {
                    Relation::Many(many) if many.link.through.is_some() => {
                        let link = link_row(many, node.model, &node.image, other.model, &other.image);
                        self.changes.unlinks.extend(link);
                    }
                    _ if is_owning(*relation) => self.delete_nodes(nodes, *child),
                    _ => {}
                }
            }
        }
        self.changes.touched.insert(RowKey::of(node));
        self.changes.deletes.push(Deletion { model: node.model, image: node.image.clone() });
    }

    /// The version of a struct counts the changes of all that belongs to it.
    fn bump(&mut self, nodes: &[Node]) {
        let Some(root) = nodes.first() else { return };
        let key = RowKey::of(root);
        if root.model.versioned
            && self.changed_roots.contains(&key)
            && !self.updates.contains_key(&key)
            && let Some(row) = self.memory.get(&key)
        {
            self.push_update(root.model, key, row, row.image.clone(), Vec::new());
        }
    }

    fn update(
        &mut self,
        model: &'static Model,
        key: RowKey,
        row: &Remembered,
        image: &Image,
        dirty: Vec<usize>,
    ) -> Result<(), Error> {
        if dirty.is_empty() {
            return Ok(());
        }
        let Some(place) = self.updates.get(&key) else {
            let version = model.versioned.then(|| model.writing.columns.len() - 1);
            let image = version.map_or_else(|| image.clone(), |at| image.replaced(at, row.image.cell(at)));
            self.push_update(model, key, row, image, dirty);
            return Ok(());
        };
        let update = &mut self.changes.updates[*place];
        for index in dirty {
            let column = model.writing.columns[index];
            if !update.is_dirty(index) {
                update.image = update.image.replaced(index, image.cell(index));
                update.dirty.push(index);
                update.dirty.sort_unstable();
            } else if !same(column.oid, update.image.cell(index), image.cell(index)) {
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
        row: &Remembered,
        image: Image,
        dirty: Vec<usize>,
    ) {
        self.updates.insert(key.clone(), self.changes.updates.len());
        self.changes.touched.insert(key.clone());
        self.changes.updates.push(Update { model, key, image, before: row.image.clone(), dirty });
    }

    fn count(&self) -> usize {
        let Changes { inserts, updates, deletes, unlinks, links, .. } = &self.changes;
        inserts.len() + updates.len() + deletes.len() + unlinks.len() + links.len()
    }

    fn note(&mut self, nodes: &[Node], before: usize) {
        if let (Some(root), true) = (nodes.first(), self.count() > before) {
            self.changed_roots.insert(RowKey::of(root));
        }
    }

    fn finish(mut self) -> Changes {
        let deleted = &self.deleted;
        self.changes.updates.retain(|update| !deleted.contains(&update.key));
        self.changes.remembered.retain(|(key, _)| !deleted.contains(key));
        self.remember_updates();
        self.changes
    }

    /// What is remembered of the rows that are changed.
    fn remember_updates(&mut self) {
        let Changes { updates, remembered, .. } = &mut self.changes;
        let mut places: HashMap<RowKey, usize> =
            remembered.iter().enumerate().map(|(place, (key, _))| (key.clone(), place)).collect();
        for update in updates {
            let known = self.memory.get(&update.key);
            let place = *places.entry(update.key.clone()).or_insert_with(|| {
                let row = known.unwrap_or_else(|| unreachable!("a changed row is remembered"));
                let row = Remembered {
                    model: row.model,
                    image: row.image.clone(),
                    versions: row.versions.clone(),
                    relations: row.relations.clone(),
                    is_written: true,
                    is_outdated: row.is_outdated,
                    has_unknown: row.has_unknown,
                };
                remembered.push((update.key.clone(), row));
                remembered.len() - 1
            });
            let row = &mut remembered[place].1;
            row.image = update.image.clone();
            if let Some(version) = memory::version(row.model, &update.image)
                && let Some(next) = next_version(&version)
            {
                row.image = update.image.replaced(row.model.writing.columns.len() - 1, Cell::Value(&next));
                row.versions.push(next.into());
            }
        }
    }
}

/// Can a row be written without a look at what is there? Nothing but itself is to be compared, and its version is checked.
pub(crate) fn is_written_whole(node: &Node) -> bool {
    let is_compared = |relation: &Relation| match relation {
        Relation::Many(_) => true,
        Relation::One(one) => one.owned.is_some(),
    };
    node.model.versioned && !node.relations.iter().any(|(relation, _)| is_compared(relation))
}

/// Do the rows on the other side belong to this one, because they refer to it?
fn is_owning(relation: Relation) -> bool {
    match relation {
        Relation::Many(many) => many.link.through.is_none(),
        Relation::One(one) => one.owned.is_some(),
    }
}

/// Does the database delete the rows on the other side, or the links to them, with this one?
fn goes_along(relation: Relation) -> bool {
    match relation {
        Relation::Many(many) => many.owned.cascades,
        Relation::One(one) => one.owned.is_none_or(|owned| owned.cascades),
    }
}

/// The columns by which rows refer to the one that they belong to, and the columns there.
fn owning_columns(relation: Relation) -> Vec<(&'static str, &'static str)> {
    match relation {
        Relation::Many(many) => {
            let near = many.key.iter().map(|column| column.name);
            many.link.columns.iter().map(|(far, _)| *far).zip(near).collect()
        }
        Relation::One(one) => one.on.iter().map(|(near, far)| (*far, *near)).collect(),
    }
}

/// The columns of this side that a relation refers to.
pub(crate) fn relation_columns(
    model: &'static Model,
    relation: &'static ToMany,
) -> Vec<&'static ColumnModel> {
    let column = |name: &str| position(model, name).map(|index| model.writing.columns[index]);
    relation.key.iter().filter_map(|key| column(key.name)).collect()
}

/// The columns of the other side that a link table refers to.
pub(crate) fn far_columns(model: &'static Model, relation: &'static ToMany) -> Vec<&'static ColumnModel> {
    let column = |name: &str| position(model, name).map(|index| model.writing.columns[index]);
    let on = relation.link.through.map_or(&[][..], |through| through.on);
    on.iter().filter_map(|(_, far)| column(far)).collect()
}

fn link_row(
    relation: &'static ToMany,
    near: &'static Model,
    near_image: &Image,
    far: &'static Model,
    far_image: &Image,
) -> Option<LinkRow> {
    let ends = |model: &'static Model, image: &Image, columns: &[&'static ColumnModel]| {
        let cells = columns.iter().map(|column| cell_of(model, image, column.name)).collect::<Option<_>>()?;
        Some(End { model, key: EndKey::Known(image_of(columns, cells)?) })
    };
    Some(LinkRow {
        relation,
        near: ends(near, near_image, &relation_columns(near, relation))?,
        far: ends(far, far_image, &far_columns(far, relation))?,
    })
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
    cells.and_then(|cells| image_of(&columns, cells)).map_or(EndKey::Waits(draft.number), EndKey::Known)
}

fn image_of(columns: &[&ColumnModel], cells: Vec<Cell<'_>>) -> Option<Image> {
    Image::with(columns, &(), |index| Origin::Known(cells[index])).ok()
}

fn is_key(model: &'static Model, column: &str) -> bool {
    model.key.iter().map(|key| key.name).eq([column])
}

/// The row is not there, or has another version.
fn gone(node: &Node) -> Error {
    let cells = key_cells(node.model, &node.image).zip(node.model.key);
    let key = cells.map(|(cell, column)| (column.oid, cell.unwrap_or_default().into())).collect();
    Error::stale_rows(node.model.table, vec![key])
}

fn not_a_field(node: &Node, column: &str) -> Error {
    Error::invalid(format!(
        "a row of `{table}` cannot be added, moved or taken out here, because its struct has no field for `{column}`; \
         give it one, or change `{table}` by itself",
        table = node.model.table
    ))
}
