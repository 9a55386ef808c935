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
use super::steps::{self, Made, Sort, Step};
use crate::error::Error;
use crate::image::Image;
use crate::model::{Model, Reference};
use crate::row_key::LinkKey;

/// The statements of the changes, in their order; `removals` are deletions by a condition.
pub(crate) fn order<'p>(
    changes: &mut Changes,
    removals: Vec<(&'static Model, Step<'p>)>,
) -> Result<Vec<Step<'p>>, Error> {
    let late = left_later(changes);
    let parked = park(changes, &late)?;
    let changes = &*changes;
    // Who follows comes after the one that checks the version.
    let inserted = distinct(changes.inserts.iter().map(|row| row.model));
    let is_direct = |update: &Update| update.model.versioned && !update.follows && !waits(update, &inserted);
    let (first, later): (Vec<&Update>, Vec<&Update>) =
        changes.updates.iter().partition(|update| is_direct(update));
    let of = |is_late: bool| -> Vec<&Deletion> {
        let deletes = changes.deletes.iter().zip(&late).filter(|(_, late)| **late == is_late);
        deletes.map(|(deletion, _)| deletion).collect()
    };

    let mut steps = updates(&first);
    if is_mixed(changes, !parked.is_empty(), !removals.is_empty(), &later) {
        steps.extend(locks(&later, &changes.deletes));
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

/// Does the row have to wait for others: does it refer to one that is inserted, or want a value of a UNIQUE key?
fn waits(update: &Update, inserted: &[&'static Model]) -> bool {
    let writing = &update.model.writing;
    let is_dirty = |columns: &[usize]| columns.iter().any(|column| update.is_dirty(*column));
    writing.references.iter().any(|reference| {
        is_dirty(reference.columns) && inserted.iter().any(|model| model.qualified == reference.table)
    }) || writing.uniques.iter().any(|unique| gives_up(update, unique))
}

/// The deletions of rows that a row refers to which is changed only later, and of those that such rows refer to.
fn left_later(changes: &Changes) -> Vec<bool> {
    let mut late = vec![false; changes.deletes.len()];
    if changes.deletes.is_empty() {
        return late;
    }
    let mut deleted = Deleted { deletes: &changes.deletes, places: HashMap::new() };
    let mut waiting: Vec<usize> = Vec::new();
    for update in &changes.updates {
        let left = |reference: &&Reference| reference.columns.iter().any(|column| update.is_dirty(*column));
        for reference in update.model.writing.references.iter().filter(left) {
            waiting.extend(deleted.target(reference, &update.before));
        }
    }
    while let Some(place) = waiting.pop() {
        if std::mem::replace(&mut late[place], true) {
            continue;
        }
        let deletion = &changes.deletes[place];
        for reference in deletion.model.writing.references {
            waiting.extend(deleted.target(reference, &deletion.image));
        }
    }
    late
}

/// The rows that are deleted, to be found by what foreign keys refer to.
struct Deleted<'c> {
    deletes: &'c [Deletion],
    places: HashMap<*const Reference, HashMap<LinkKey, usize>>,
}

impl Deleted<'_> {
    /// The place of the deletion of the row that a foreign key refers to.
    fn target(&mut self, reference: &'static Reference, image: &Image) -> Option<usize> {
        let key = image.key(reference.columns.iter().copied())?;
        let deletes = self.deletes;
        let places = self.places.entry(reference).or_insert_with(|| targets(reference, deletes));
        places.get(&key).copied()
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

/// Checks the versions of rows that are written later, and keeps them as they are.
fn locks(later: &[&Update], deletes: &[Deletion]) -> Vec<Step<'static>> {
    let updates = later.iter().filter(|update| !update.follows).map(|update| (update.model, &update.image));
    let rows = updates.chain(deletes.iter().map(|deletion| (deletion.model, &deletion.image)));
    let groups =
        grouped(rows.filter(|(model, _)| model.versioned), |(one, _), (other, _)| std::ptr::eq(*one, *other));
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
    sorted.sort_by_key(|insertion| insertion.model.writing.rank);
    let mut settings = 0;
    let mut steps = Vec::new();
    for level in sorted.chunk_by(|one, other| one.model.writing.rank == other.model.writing.rank) {
        let mut rest: Vec<&Insertion> = level.to_vec();
        let mut of_level: Vec<(bool, Vec<Step<'static>>)> = Vec::new();
        while !rest.is_empty() {
            // Rows that wait for rows of the same level come after those.
            let is_ready =
                |row: &Insertion, made: &Made| row.waits.iter().all(|(_, number)| made.contains_key(number));
            let (ready, later): (Vec<&Insertion>, Vec<&Insertion>) =
                rest.into_iter().partition(|row| is_ready(row, made));
            if ready.is_empty() {
                return Err(Error::invalid("rows wait for the keys of each other"));
            }
            for group in grouped(ready.into_iter(), |one, other| are_alike(one, other, made)) {
                let refers = refers_to_level(group[0].model);
                of_level.push((refers, steps::insert(&group, made, &mut settings)?));
            }
            rest = later;
        }
        steps.extend(joined(of_level));
    }
    Ok(steps)
}

/// Statements of tables that may refer to rows of each other, in whichever order, become one.
fn joined(groups: Vec<(bool, Vec<Step<'static>>)>) -> Vec<Step<'static>> {
    let can_join = |step: &Step<'static>| step.makes.is_empty() && !step.statement.sql().starts_with("WITH ");
    let (refer, others): (Vec<_>, Vec<_>) = groups.into_iter().partition(|(refers, _)| *refers);
    let refer: Vec<Step<'static>> = refer.into_iter().flat_map(|(_, steps)| steps).collect();
    let mut steps: Vec<Step<'static>> = others.into_iter().flat_map(|(_, steps)| steps).collect();
    if refer.len() > 1 && refer.iter().all(can_join) {
        steps.extend(steps::together(refer));
    } else {
        steps.extend(refer);
    }
    steps
}

/// Can a row of the table refer to another that is inserted on the same level?
fn refers_to_level(model: &'static Model) -> bool {
    model.writing.is_circular || model.writing.references.iter().any(|reference| refers_to(reference, model))
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
