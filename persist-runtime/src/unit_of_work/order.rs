//! The order of a flush: which statement comes before which.
//!
//! 1. versions are checked, so that whoever comes late is told so and nothing else;
//! 2. values of UNIQUE keys that other rows want are parked;
//! 3. rows are deleted, children before parents, except parents that a row leaves only later;
//! 4. rows are inserted, parents before children, and then links;
//! 5. rows are changed; 6. the parents that were left are deleted.

use std::collections::HashMap;

use super::changes::{Changes, Deletion, EndKey, Insertion, LinkRow, Update};
use super::grouped::grouped;
use super::parking::{gives_up, park};
use super::steps::{self, Made, Sort, Step, never_made};
use crate::error::Error;
use crate::image::{Cell, Image};
use crate::memory::Memory;
use crate::model::{Model, Reference};
use crate::row_key::LinkKey;

/// The statements of the changes, in their order; `removals` are deletions by a condition.
pub(crate) fn order<'p>(
    changes: &mut Changes,
    removals: Vec<(&'static Model, Step<'p>)>,
    memory: &Memory,
) -> Result<Vec<Step<'p>>, Error> {
    let late = left_later(changes, memory);
    let parked = park(changes, &late)?;
    let changes = &*changes;
    // Who follows comes after the one that checks the version.
    let inserted = distinct(changes.inserts.iter().map(|row| row.model));
    let deleted = distinct(changes.deletes.iter().map(|row| row.model));
    let is_deleting = !changes.deletes.is_empty() || !removals.is_empty();
    let is_direct = |update: &Update| {
        // Of one that was read elsewhere nobody knows which UNIQUE values it takes over.
        let may_take = update.is_whole
            && (!removals.is_empty()
                || deleted.iter().any(|model| model.qualified == update.model.qualified));
        update.model.versioned && !update.follows && !may_take && !waits(update, &inserted, is_deleting)
    };
    let (first, later): (Vec<&Update>, Vec<&Update>) =
        changes.updates.iter().partition(|update| is_direct(update));
    let of = |is_late: bool| -> Vec<&Deletion> {
        let deletes = changes.deletes.iter().zip(&late).filter(|(_, late)| **late == is_late);
        deletes.map(|(deletion, _)| deletion).collect()
    };

    let mut steps = updates(&first);
    if is_mixed(changes, !parked.is_empty(), !removals.is_empty(), &later) {
        steps.extend(locks(&later, &changes.deletes, !removals.is_empty()));
    }
    steps.extend(parked);
    steps.extend(links(Sort::Unlink, &changes.unlinks, &Made::new())?);
    steps.extend(deletes(&of(false), removals));
    let mut made = Made::new();
    steps.extend(inserts(&changes.inserts, &mut made)?);
    steps.extend(links(Sort::Link, &changes.links, &made)?);
    steps.extend(updates(&later));
    steps.extend(deletes(&of(true), Vec::new()));
    Ok(steps)
}

/// Is there something between the check of a version and the statement that needs it?
fn is_mixed(changes: &Changes, parks: bool, removes: bool, later: &[&Update]) -> bool {
    let updated = later.iter().map(|update| update.model);
    let models = distinct(updated.chain(changes.deletes.iter().map(|deletion| deletion.model)));
    parks
        || removes
        || models.len() > 1
        || !changes.inserts.is_empty()
        || !changes.links.is_empty()
        || !changes.unlinks.is_empty()
        || (!later.is_empty() && !changes.deletes.is_empty())
}

/// Each struct once.
fn distinct(models: impl Iterator<Item = &'static Model>) -> Vec<&'static Model> {
    let mut distinct: Vec<&'static Model> = Vec::new();
    for model in models {
        if !distinct.iter().rev().any(|known| std::ptr::eq(*known, model)) {
            distinct.push(model);
        }
    }
    distinct
}

/// Does the row have to wait for others: does it refer to one that is inserted, or want a value of a UNIQUE key, or maybe what one
/// that is deleted has?
fn waits(update: &Update, inserted: &[&'static Model], is_deleting: bool) -> bool {
    let writing = &update.model.writing;
    let is_dirty = |columns: &[usize]| columns.iter().any(|column| update.is_dirty(*column));
    writing.references.iter().any(|reference| {
        is_dirty(reference.columns) && inserted.iter().any(|model| model.qualified == reference.table)
    }) || writing.uniques.iter().any(|unique| gives_up(update, unique))
        || is_deleting && is_dirty(writing.unknown)
}

/// The deletions of rows that a row refers to which is changed only later, and of those that such rows refer to.
fn left_later(changes: &Changes, memory: &Memory) -> Vec<bool> {
    let mut late = vec![false; changes.deletes.len()];
    if changes.deletes.is_empty() {
        return late;
    }
    let mut deleted = Deleted { deletes: &changes.deletes, places: HashMap::new(), memory };
    let mut waiting: Vec<usize> = Vec::new();
    for update in &changes.updates {
        let left = |reference: &&Reference| reference.columns.iter().any(|column| update.is_dirty(*column));
        for reference in update.model.writing.references.iter().filter(left) {
            deleted.targets(reference, &update.before, &mut waiting, CLIMB);
        }
    }
    while let Some(place) = waiting.pop() {
        if std::mem::replace(&mut late[place], true) {
            continue;
        }
        let deletion = &changes.deletes[place];
        for reference in deletion.model.writing.references {
            deleted.targets(reference, &deletion.image, &mut waiting, CLIMB);
        }
    }
    late
}

/// Rows above a row that is left behind: as far up a deletion may reach it by ON DELETE CASCADE.
const CLIMB: usize = 64;

/// The rows that are deleted, to be found by what foreign keys refer to.
struct Deleted<'c> {
    deletes: &'c [Deletion],
    places: HashMap<*const Reference, HashMap<LinkKey, usize>>,
    memory: &'c Memory,
}

impl Deleted<'_> {
    /// The places of the deletions of the row that a foreign key refers to, or else of the rows that this one refers to: what is deleted
    /// with its parents is no deletion of its own.
    fn targets(
        &mut self,
        reference: &'static Reference,
        image: &Image,
        found: &mut Vec<usize>,
        climb: usize,
    ) {
        let Some(key) = image.key(reference.columns.iter().copied()) else { return };
        let deletes = self.deletes;
        let places = self.places.entry(reference).or_insert_with(|| targets(reference, deletes));
        if let Some(place) = places.get(&key) {
            return found.push(*place);
        }
        let Some(climb) = climb.checked_sub(1) else { return };
        let memory = self.memory;
        let Some(row) = memory.referred(reference, &key) else { return };
        for above in row.model.writing.references {
            self.targets(above, &row.image, found, climb);
        }
    }
}

fn targets(reference: &Reference, deletes: &[Deletion]) -> HashMap<LinkKey, usize> {
    let target = |(place, deletion): (usize, &Deletion)| {
        let columns = deletion.model.writing.columns;
        let position = |name: &&str| columns.iter().position(|column| column.name == *name);
        let columns: Vec<usize> = reference.target.iter().map(position).collect::<Option<_>>()?;
        let is_there = refers_to(reference, deletion.model);
        Some((deletion.image.key(columns.into_iter())?, place)).filter(|_| is_there)
    };
    deletes.iter().enumerate().filter_map(target).collect()
}

/// Does a foreign key refer to the table?
fn refers_to(reference: &Reference, model: &Model) -> bool {
    reference.table == model.qualified
}

/// Checks the versions of rows that are written later, and keeps them as they are. Where rows are removed by a condition, each one that is
/// changed has to be there before: what is missing afterwards was removed by this flush.
fn locks(later: &[&Update], deletes: &[Deletion], removes: bool) -> Vec<Step<'static>> {
    let updates = later.iter().filter(|update| !update.follows && (removes || update.model.versioned));
    let deletes = deletes.iter().filter(|deletion| deletion.model.versioned);
    let rows = updates
        .map(|update| (update.model, &update.image))
        .chain(deletes.map(|deletion| (deletion.model, &deletion.image)));
    let groups = grouped(rows, |(one, _), (other, _)| std::ptr::eq(*one, *other));
    let mut groups: Vec<_> = groups.into_iter().map(|rows| (rows[0].0, rows)).collect();
    groups.sort_by_key(|(model, _)| model.writing.rank);
    let lock = |(model, rows): (&'static Model, Vec<(&'static Model, &Image)>)| {
        steps::lock(model, rows.into_iter().map(|(_, image)| image.clone()).collect())
    };
    groups.into_iter().flat_map(lock).collect()
}

fn updates(updates: &[&Update]) -> Vec<Step<'static>> {
    let mut groups = grouped(updates.iter().copied(), |one, other| {
        std::ptr::eq(one.model, other.model) && one.follows == other.follows
    });
    groups.sort_by_key(|group| group[0].model.writing.rank);
    groups.into_iter().flat_map(|group| steps::update(&group)).collect()
}

fn deletes<'p>(deletes: &[&Deletion], removals: Vec<(&'static Model, Step<'p>)>) -> Vec<Step<'p>> {
    let groups = grouped(deletes.iter().copied(), |one, other| std::ptr::eq(one.model, other.model));
    let mut ranked: Vec<(u32, Vec<Step<'p>>)> = Vec::new();
    let mut circles: HashMap<u32, Vec<Vec<&Deletion>>> = HashMap::new();
    for group in groups {
        let model = group[0].model;
        if model.writing.is_circular {
            circles.entry(model.writing.rank).or_default().push(group);
        } else {
            ranked.push((model.writing.rank, steps::delete(model, &group)));
        }
    }
    for (rank, groups) in circles {
        let parts: Vec<Step<'static>> = match groups.as_slice() {
            [only] => steps::delete(only[0].model, only),
            several => {
                let parts = several.iter().map(|group| steps::delete_part(group[0].model, group)).collect();
                steps::together(parts).into_iter().collect()
            }
        };
        ranked.push((rank, parts));
    }
    ranked.extend(removals.into_iter().map(|(model, step)| (model.writing.rank, vec![step])));
    ranked.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
    ranked.into_iter().flat_map(|(_, steps)| steps).collect()
}

fn inserts(inserts: &[Insertion], made: &mut Made) -> Result<Vec<Step<'static>>, Error> {
    let mut sorted: Vec<&Insertion> = inserts.iter().collect();
    sorted.sort_by_key(|insertion| (insertion.model.writing.rank, insertion.model.qualified));
    let mut settings = 0;
    let mut steps = Vec::new();
    for level in sorted.chunk_by(|one, other| one.model.writing.rank == other.model.writing.rank) {
        let mut rest: Vec<&Insertion> = level.to_vec();
        let mut of_level: Vec<Inserted> = Vec::new();
        while !rest.is_empty() {
            // Rows that wait for rows of the same level come after those.
            let is_ready =
                |row: &Insertion, made: &Made| row.waits.iter().all(|(_, number)| made.contains_key(number));
            let (ready, later): (Vec<&Insertion>, Vec<&Insertion>) =
                rest.into_iter().partition(|row| is_ready(row, made));
            if ready.is_empty() {
                return Err(never_made());
            }
            for mut group in grouped(ready.into_iter(), |one, other| are_alike(one, other, made)) {
                if group[0].is_upsert {
                    // Everybody locks in the same order.
                    group.sort_by(|one, other| one.key_cells().cmp(other.key_cells()));
                }
                let steps = steps::insert(&group, made, &mut settings)?;
                let model = group[0].model;
                let can_join = !model.writing.is_meddled && steps.iter().all(|step| step.makes.is_empty());
                let refers = group.iter().any(|row| refers_to_level(row));
                of_level.push(Inserted { steps, can_join, refers });
            }
            rest = later;
        }
        steps.extend(joined(of_level));
    }
    Ok(steps)
}

/// Statements that insert rows which are alike.
struct Inserted {
    steps: Vec<Step<'static>>,
    can_join: bool,
    /// Do the rows refer to others of the same level?
    refers: bool,
}

/// Statements of a level. Those whose rows may refer to rows of others come last, and become one where they may refer to each other.
fn joined(groups: Vec<Inserted>) -> Vec<Step<'static>> {
    let (refer, others): (Vec<_>, Vec<_>) = groups.into_iter().partition(|group| group.refers);
    let are_joined = refer.len() > 1 && refer.iter().all(|group| group.can_join);
    let steps = |groups: Vec<Inserted>| -> Vec<Step<'static>> {
        groups.into_iter().flat_map(|group| group.steps).collect()
    };
    let refer = if are_joined { steps::together(steps(refer)).into_iter().collect() } else { steps(refer) };
    steps(others).into_iter().chain(refer).collect()
}

/// Does a row refer to another that may be inserted on the same level?
fn refers_to_level(row: &Insertion) -> bool {
    let is_given = |name: &str| {
        let place = row.model.insert.columns.iter().position(|column| column.name == name);
        place.is_some_and(|place| matches!(row.image.cell(place), Cell::Value(_)))
            || row.waits.iter().any(|(column, _)| Some(*column) == place)
    };
    let writing = &row.model.writing;
    writing.is_circular
        || writing.references.iter().any(|reference| {
            refers_to(reference, row.model)
                && reference.columns.iter().any(|column| is_given(writing.columns[*column].name))
        })
}

/// Can one INSERT write both?
fn are_alike(one: &Insertion, other: &Insertion, made: &Made) -> bool {
    let setting = |number: &u32| made.get(number).map(|(setting, _)| *setting);
    let waits = || one.waits.iter().zip(&other.waits);
    std::ptr::eq(one.model, other.model)
        && one.is_upsert == other.is_upsert
        && one.waits.len() == other.waits.len()
        && one.image.has_same_columns(&other.image)
        && waits().all(|((one, from), (other, to))| one == other && setting(from) == setting(to))
}

fn links(sort: Sort, links: &[LinkRow], made: &Made) -> Result<Vec<Step<'static>>, Error> {
    let setting = |key: &EndKey| match key {
        EndKey::Known(_) => 0,
        EndKey::Waits(number) => made.get(number).map_or(usize::MAX, |(setting, _)| *setting),
    };
    let groups = grouped(links.iter(), |one, other| {
        std::ptr::eq(one.relation, other.relation)
            && setting(&one.near.key) == setting(&other.near.key)
            && setting(&one.far.key) == setting(&other.far.key)
    });
    let mut steps = Vec::new();
    for group in groups {
        steps.extend(steps::links(sort, &group, made)?);
    }
    Ok(steps)
}
