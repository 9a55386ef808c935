//! The order of a flush: which statement comes before which.
//!
//! 1. versions are checked, so that a stale row is reported as stale, and not as what follows from it;
//! 2. links are deleted; values of UNIQUE keys that other rows want are parked;
//! 3. rows are deleted, children before parents, except parents that a row leaves only later; rows leave partial
//!    indexes in which others take their place;
//! 4. rows get other values in columns to which others refer; rows are inserted, parents before children;
//! 5. rows are changed, and links inserted, by which they refer to rows as they are then;
//! 6. the parents that were left are deleted.
//!
//! Versioned rows that wait for nothing of 2 to 4 are changed with the check of their versions, in 1.

mod insertions;
mod locked;

use self::insertions::inserts;
use self::locked::{belonging, locks, written_later};
use crate::error::Error;
use crate::table::facts::{Reference, Table, TableId};
use crate::unit_of_work::arriving::Arriving;
use crate::unit_of_work::changes::{Changes, Deletion, EndKey, LinkRow, Update};
use crate::unit_of_work::deleted_last::{left_later, refuse_late};
use crate::unit_of_work::grouped::{distinct, grouped};
use crate::unit_of_work::steps;
use crate::unit_of_work::steps::{Made, Sort, Step};
use crate::unit_of_work::unique_exchange::{GivenUp, gives_up, may_share, park, refuse_passed_on};
use crate::value::row_key::KeySet;
use crate::write::identity::RowKey;
use crate::write::identity_map::IdentityMap;

/// The statements of the changes, in their order; `removals` are deletions by a condition.
pub(crate) fn order<'p>(
    changes: &mut Changes,
    removals: Vec<(&'static Table, Step<'p>)>,
    identity_map: &IdentityMap,
) -> Result<Vec<Step<'p>>, Error> {
    refuse_passed_on(changes, identity_map)?;
    let late = left_later(changes, identity_map);
    refuse_late(changes, &late)?;
    let GivenUp { steps: parked, leaving } = park(changes, &late)?;
    let renaming = renaming(changes);
    let belonging = belonging(changes, &late, !parked.is_empty() || !renaming.rows.is_empty());
    let changes = &*changes;
    let is_deleting = !changes.deletes.is_empty();
    let deleted = distinct(changes.deletes.iter().map(|row| row.table));
    let mut arriving = Arriving::new(&changes.inserts);
    let mut is_direct = |update: &Update| {
        // Of one that was read elsewhere it is not known what it was.
        let may_refer = |table: &TableId| update.table().references.iter().any(|of| of.is_to(table.facts()));
        let may_take = |deletion: &Deletion| {
            deletion.table == update.key.id() && may_share(update.table(), &update.encoded, &deletion.encoded)
        };
        // A condition is asked before anything is changed.
        removals.is_empty()
            && update.version.is_some()
            && !(update.is_whole
                && (!parked.is_empty()
                    || deleted.iter().any(may_refer)
                    || changes.deletes.iter().any(may_take)))
            && !waits(update, &mut arriving, is_deleting)
            && !refers_to_renamed(update, &renaming)
    };
    let (first, later): (Vec<&Update>, Vec<&Update>) =
        changes.updates.iter().partition(|update| is_direct(update));
    let of = |is_late: bool| {
        let deletes = changes.deletes.iter().zip(&late).filter(move |(_, late)| **late == is_late);
        deletes.map(|(deletion, _)| deletion)
    };

    let mut steps = Vec::with_capacity(STEPS);
    locks(belonging.into_iter(), &mut steps);
    updates(&first, &mut steps);
    if is_mixed(changes, !parked.is_empty(), !removals.is_empty(), &later) {
        locks(written_later(&later, &changes.deletes, !removals.is_empty()), &mut steps);
    }
    links(Sort::Unlink, &changes.unlinks, &Made::new(), &mut steps)?;
    steps.extend(parked);
    deletes(of(false), removals, &mut steps);
    let is_adopted = |update: &&Update| !update.waits.is_empty();
    let (adopted, later): (Vec<&Update>, Vec<&Update>) = match later.iter().any(is_adopted) {
        true => later.into_iter().partition(is_adopted),
        false => (Vec::new(), later),
    };
    let mut is_free = |update: &&Update| {
        leaving.contains(&update.key)
            && !refers_to_arriving(update, &mut arriving)
            && !refers_to_renamed(update, &renaming)
    };
    let (leaving, later): (Vec<&Update>, Vec<&Update>) = match leaving.is_empty() {
        true => (Vec::new(), later),
        false => later.into_iter().partition(|update| is_free(update)),
    };
    updates(&leaving, &mut steps);
    let mut is_renaming =
        |update: &Update| renaming.rows.contains(&update.key) && !refers_to_arriving(update, &mut arriving);
    let (renamed, later): (Vec<&Update>, Vec<&Update>) = match renaming.rows.is_empty() {
        true => (Vec::new(), later),
        // Rows whose keys change with others are found by their keys as they were.
        false => {
            let is_cascaded = |update: &&Update| changes.cascaded.contains(&update.key);
            let (cascaded, later): (Vec<&Update>, Vec<&Update>) = later.into_iter().partition(is_cascaded);
            updates(&cascaded, &mut steps);
            later.into_iter().partition(|update| is_renaming(update))
        }
    };
    updates(&renamed, &mut steps);
    let mut made = Made::new();
    inserts(&changes.inserts, &mut made, &mut steps)?;
    updates(&later, &mut steps);
    adoptions(&adopted, &made, &mut steps)?;
    links(Sort::Link, &changes.links, &made, &mut steps)?;
    deletes(of(true), Vec::new(), &mut steps);
    Ok(steps)
}

/// Statements that most flushes do not have more of.
const STEPS: usize = 8;

/// Is there something between the check of a version and the statement that needs it?
fn is_mixed(changes: &Changes, parks: bool, removes: bool, later: &[&Update]) -> bool {
    let updated = later.iter().map(|update| update.key.id());
    let tables = distinct(updated.chain(changes.deletes.iter().map(|deletion| deletion.table)));
    parks
        || removes
        || tables.len() > 1
        || !changes.inserts.is_empty()
        || !changes.links.is_empty()
        || !changes.unlinks.is_empty()
        || (!later.is_empty() && !changes.deletes.is_empty())
}

/// Does the row have to wait for others: does it refer to one that is inserted, or want a value of a UNIQUE
/// key, or maybe what one that is deleted has?
fn waits(update: &Update, arriving: &mut Arriving<'_>, is_deleting: bool) -> bool {
    let table = update.table();
    !update.waits.is_empty()
        || refers_to_arriving(update, arriving)
        || table.uniques.iter().any(|unique| gives_up(update, unique))
        || is_deleting && update.may_take_unknown()
}

fn refers_to_arriving(update: &Update, arriving: &mut Arriving<'_>) -> bool {
    let mut references = update.table().references.iter();
    update.dirty.touches_reference
        && references
            .any(|reference| update.changes_any(reference.columns) && arriving.has(reference, update))
}

/// The rows that get other values in columns to which rows refer that are written, too: those come after them.
/// Foreign keys refer to UNIQUE keys, or to primary keys, which are not changed.
fn renaming(changes: &Changes) -> Renaming {
    let mut referring: Option<Vec<TableId>> = None;
    let written = || {
        let inserted = changes.inserts.iter().map(|row| row.model.id());
        distinct(inserted.chain(changes.updates.iter().map(|update| update.key.id())))
    };
    let mut is_renamed = |update: &&Update| {
        if !update.dirty.touches_unique {
            return false;
        }
        let referring = referring.get_or_insert_with(written);
        changes.renamed.contains(&update.key)
            || referring.iter().any(|table| {
                let mut references = table.facts().references.iter();
                references.any(|to| to.is_to(update.table()) && update.changes_any(to.target))
            })
    };
    let rows: KeySet<RowKey> =
        changes.updates.iter().filter(|update| is_renamed(update)).map(|update| update.key.clone()).collect();
    Renaming { tables: distinct(rows.iter().map(RowKey::id)), rows }
}

/// Rows that get other values in columns to which others refer, and their tables.
struct Renaming {
    rows: KeySet<RowKey>,
    tables: Vec<TableId>,
}

/// May it come to refer to a row that has the values only then?
fn refers_to_renamed(update: &Update, renaming: &Renaming) -> bool {
    let is_to = |reference: &Reference| renaming.tables.iter().any(|table| reference.is_to(table.facts()));
    let mut references = update.table().references.iter();
    update.dirty.touches_reference
        && !renaming.tables.is_empty()
        && references.any(|reference| update.changes_any(reference.columns) && is_to(reference))
}

fn updates(updates: &[&Update], steps: &mut Vec<Step<'_>>) {
    let mut groups = grouped(updates.iter().copied(), |one, other| {
        let sets_the_same = std::ptr::eq(&*one.touched, &*other.touched) || one.touched == other.touched;
        let are_compared_alike = one.version == other.version && one.by == other.by;
        one.key.id() == other.key.id() && are_compared_alike && sets_the_same
    });
    groups.sort_by_key(|group| group[0].table().rank);
    groups.iter().for_each(|group| steps::update(group, steps));
}

/// Rows that come to belong to new ones whose keys the database has made.
fn adoptions(updates: &[&Update], made: &Made, steps: &mut Vec<Step<'_>>) -> Result<(), Error> {
    let settings = |update: &Update| -> Vec<(usize, Option<usize>)> {
        let waits = update.waits.iter();
        waits.map(|(column, number)| (*column, made.get(number).map(|(setting, _)| *setting))).collect()
    };
    let groups = grouped(updates.iter().copied(), |one, other| {
        let sets_the_same = one.dirty == other.dirty && one.touched == other.touched;
        let are_compared_alike = one.version == other.version && one.by == other.by;
        let wait_alike = settings(one) == settings(other);
        one.key.id() == other.key.id() && are_compared_alike && sets_the_same && wait_alike
    });
    groups.iter().try_for_each(|group| steps::adopt(group, made, steps))
}

/// Deletions, those of children before those of parents. Tables of a circle, which have one rank, are deleted
/// from together.
fn deletes<'p, 'd>(
    deletes: impl Iterator<Item = &'d Deletion>,
    mut removals: Vec<(&'static Table, Step<'p>)>,
    steps: &mut Vec<Step<'p>>,
) {
    let mut groups = grouped(deletes, |one, other| {
        (one.table, one.version, one.by) == (other.table, other.version, other.by)
    });
    let rank = |table: &Table| std::cmp::Reverse(table.rank);
    groups.sort_by_key(|group| (rank(group[0].table()), group[0].table().is_circular));
    removals.sort_by_key(|(table, _)| rank(table));
    let mut removals = removals.into_iter().peekable();
    let are_circle = |one: &Vec<&Deletion>, other: &Vec<&Deletion>| {
        let (one, other) = (one[0].table(), other[0].table());
        one.is_circular && other.is_circular && one.rank == other.rank
    };
    for circle in groups.chunk_by(are_circle) {
        let table = circle[0][0].table();
        while let Some((_, removal)) = removals.next_if(|(of, _)| rank(of) < rank(table)) {
            steps.push(removal);
        }
        match circle {
            [only] => steps::delete(only, steps),
            several => {
                let parts = several.iter().map(|group| steps::delete_part(group)).collect();
                steps.extend(steps::together(Sort::Delete, parts));
            }
        }
    }
    steps.extend(removals.map(|(_, removal)| removal));
}

fn links(sort: Sort, links: &[LinkRow], made: &Made, steps: &mut Vec<Step<'_>>) -> Result<(), Error> {
    let setting = |key: &EndKey| match key {
        EndKey::Known(_) => 0,
        EndKey::Waits(number) => made.get(number).map_or(usize::MAX, |(setting, _)| *setting),
    };
    let settings = |link: &LinkRow| (setting(&link.near.key), setting(&link.far.key));
    let mut sorted: Vec<&LinkRow> = links.iter().collect();
    sorted.sort_by_key(|link| settings(link));
    for chunk in sorted.chunk_by(|one, other| settings(one) == settings(other)) {
        let named = |link: &LinkRow| (link.near.named.is_some(), link.far.named.is_some());
        let are_alike = |one: &&LinkRow, other: &&LinkRow| {
            std::ptr::eq(one.relation, other.relation) && named(one) == named(other)
        };
        for group in grouped(chunk.iter().copied(), are_alike) {
            steps.extend(steps::links(sort, &group, made)?);
        }
    }
    Ok(())
}
