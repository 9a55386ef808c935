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

use std::borrow::Cow;

use crate::error::Error;
use crate::table::facts::{Reference, Table, TableId};
use crate::unit_of_work::arriving::Arriving;
use crate::unit_of_work::changes::{Changes, Deletion, EndKey, Insertion, LinkRow, Update};
use crate::unit_of_work::deleted_last::{left_later, refuse_late};
use crate::unit_of_work::grouped::{distinct, grouped};
use crate::unit_of_work::steps;
use crate::unit_of_work::steps::inserted::never_made;
use crate::unit_of_work::steps::{Made, Sort, Step};
use crate::unit_of_work::unique_exchange::{GivenUp, gives_up, may_share, park, refuse_passed_on};
use crate::value::row_key::KeySet;
use crate::write::encoded_row::{Cell, EncodedRow};
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

/// Rows that belonged to others and must have done so until now are asked for that by the statement that writes them;
/// where they are written before, or together with others, go with others by themselves, or what they refer to changes
/// before, by one that comes first.
fn belonging(changes: &mut Changes, late: &[bool], changes_before: bool) -> Vec<Locked> {
    let dropped = changes.dropped.iter().map(|place| &changes.carried[*place]);
    let carried = dropped.map(|row| Locked {
        table: row.key.id(),
        version: None,
        by: Cow::Borrowed(row.by),
        row: row.encoded.clone(),
    });
    let mut locked: Vec<Locked> = carried.collect();
    for (deletion, late) in changes.deletes.iter_mut().zip(late) {
        if !deletion.by.is_empty() && (changes_before || *late || deletion.table().is_circular) {
            let Deletion { table, version, encoded, by } = deletion;
            let (table, version, row) = (*table, *version, encoded.clone());
            locked.push(Locked { table, version, by: std::mem::take(by).into(), row });
        }
    }
    let is_late =
        |update: &&mut Update| !update.by.is_empty() && (changes_before || !update.waits.is_empty());
    for update in changes.updates.iter_mut().filter(is_late) {
        let (table, row) = (update.key.id(), update.before.clone());
        locked.push(Locked { table, version: None, by: std::mem::take(&mut update.by).into(), row });
    }
    locked
}

/// Rows that are written later, and have a version. Where rows are removed by a condition, each one that is changed
/// has to be there before: what is missing afterwards was removed by this flush.
fn written_later<'c>(
    later: &'c [&'c Update],
    deletes: &'c [Deletion],
    removes: bool,
) -> impl Iterator<Item = Locked> + 'c {
    let updates =
        later.iter().filter(move |update| removes || update.version.is_some()).map(|update| Locked {
            table: update.key.id(),
            version: update.version,
            by: Cow::Borrowed(&[]),
            row: update.encoded.clone(),
        });
    let deletes = deletes.iter().filter(|deletion| deletion.version.is_some());
    updates.chain(deletes.map(|deletion| Locked {
        table: deletion.table,
        version: deletion.version,
        by: Cow::Borrowed(&[]),
        row: deletion.encoded.clone(),
    }))
}

/// Locks rows that later statements write, as they must be.
fn locks(rows: impl Iterator<Item = Locked>, steps: &mut Vec<Step<'_>>) {
    let mut groups = grouped(rows, |one, other| {
        (one.table, one.version, &one.by) == (other.table, other.version, &other.by)
    });
    groups.sort_by_key(|group| group[0].table.facts().rank);
    for group in groups {
        let Locked { table, version, ref by, row: _ } = group[0];
        let by = by.clone();
        steps::lock(table, version, &by, group.into_iter().map(|locked| locked.row).collect(), steps);
    }
}

/// A row that is locked.
struct Locked {
    table: TableId,
    /// The version column, if it is checked.
    version: Option<usize>,
    /// The columns in which it must be as it is known.
    by: Cow<'static, [usize]>,
    row: EncodedRow,
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

fn inserts(inserts: &[Insertion], made: &mut Made, steps: &mut Vec<Step<'_>>) -> Result<(), Error> {
    let mut sorted: Vec<&Insertion> = inserts.iter().collect();
    sorted.sort_by_key(|insertion| (insertion.table().rank, insertion.table().qualified));
    let mut settings = 0;
    for level in sorted.chunk_by(|one, other| one.table().rank == other.table().rank) {
        let mut rest: Vec<&Insertion> = level.to_vec();
        let mut of_level: Vec<Inserted<'_>> = Vec::new();
        while !rest.is_empty() {
            // Rows that wait for rows of the same level come after those.
            let is_ready =
                |row: &Insertion, made: &Made| row.waits.iter().all(|(_, number)| made.contains_key(number));
            let (ready, later): (Vec<&Insertion>, Vec<&Insertion>) =
                rest.into_iter().partition(|row| is_ready(row, made));
            if ready.is_empty() {
                return Err(never_made());
            }
            for mut group in alike(ready, made) {
                if group[0].is_upsert {
                    // All transactions lock in the same order.
                    group.sort_by(|one, other| one.key_cells().cmp(other.key_cells()));
                }
                of_level.push(match group.iter().any(|row| refers_to_level(row)) {
                    true if steps::can_join(group[0]) => Inserted::Later(group),
                    refers => Inserted::Now(refers, steps::insert(&group, made, &mut settings)?),
                });
            }
            rest = later;
        }
        join(of_level, made, &mut settings, steps)?;
    }
    Ok(())
}

/// Rows that one INSERT can write, together.
fn alike<'c>(mut rows: Vec<&'c Insertion>, made: &Made) -> Vec<Vec<&'c Insertion>> {
    // Those that wait for the same statements stand together first: there may be as many kinds of them as
    // rows.
    rows.sort_by(|one, other| settings_of(one, made).cmp(settings_of(other, made)));
    let chunks = rows.chunk_by(|one, other| settings_of(one, made).eq(settings_of(other, made)));
    let groups = chunks.flat_map(|chunk| grouped(chunk.iter().copied(), |one, other| are_alike(one, other)));
    let mut groups: Vec<Vec<&Insertion>> = groups.collect();
    // All transactions write tables in the same order, whatever waits.
    groups.sort_by_key(|group| group[0].table().qualified);
    groups
}

/// Rows that are alike, and are inserted.
enum Inserted<'i> {
    /// By these statements. Do the rows refer to others of the same level?
    Now(bool, Vec<Step<'static>>),
    /// They refer to others of the same level, and one statement may insert all of these.
    Later(Vec<&'i Insertion>),
}

/// Statements of a level. Those whose rows may refer to rows of others come last, and become one where they
/// may refer to each other.
fn join(
    mut groups: Vec<Inserted<'_>>,
    made: &mut Made,
    settings: &mut usize,
    steps: &mut Vec<Step<'_>>,
) -> Result<(), Error> {
    let refers = |group: &Inserted<'_>| match group {
        Inserted::Now(refers, _) => *refers,
        Inserted::Later(_) => true,
    };
    groups.sort_by_key(refers);
    let refer = groups.split_off(groups.partition_point(|group| !refers(group)));
    let is_later = |group: &Inserted<'_>| matches!(group, Inserted::Later(_));
    let are_joined = refer.len() > 1 && refer.iter().all(is_later);
    let mut parts = Vec::new();
    for group in groups.iter().chain(&refer) {
        if let (Inserted::Later(rows), true) = (group, are_joined) {
            parts.extend(steps::insert_parts(rows, made)?);
        }
    }
    let joined = steps::together(Sort::Insert, parts);
    for group in groups.into_iter().chain(refer) {
        match group {
            Inserted::Now(_, written) => steps.extend(written),
            Inserted::Later(_) if are_joined => {}
            Inserted::Later(rows) => steps.extend(steps::insert(&rows, made, settings)?),
        }
    }
    steps.extend(joined);
    Ok(())
}

/// Does a row refer to another that may be inserted on the same level?
fn refers_to_level(row: &Insertion) -> bool {
    let is_given = |place: &usize| {
        matches!(row.encoded.cell(*place), Cell::Value(_))
            || row.waits.iter().any(|(column, _)| column == place)
    };
    let table = row.table();
    let mut references = table.references.iter();
    table.is_circular
        || references.any(|reference| reference.is_to(table) && reference.columns.iter().any(is_given))
}

/// The settings in which the keys will be that a row waits for.
fn settings_of<'i>(row: &'i Insertion, made: &'i Made) -> impl Iterator<Item = Option<usize>> + 'i {
    row.waits.iter().map(|(_, number)| made.get(number).map(|(setting, _)| *setting))
}

/// Can one INSERT write both, which wait for the same statements?
fn are_alike(one: &Insertion, other: &Insertion) -> bool {
    let mut waits = one.waits.iter().zip(&other.waits);
    std::ptr::eq(one.model, other.model)
        && one.is_upsert == other.is_upsert
        && one.waits.len() == other.waits.len()
        && one.encoded.has_same_columns(&other.encoded)
        && waits.all(|((one, _), (other, _))| one == other)
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
        let are_alike = |one: &&LinkRow, other: &&LinkRow| std::ptr::eq(one.relation, other.relation);
        for group in grouped(chunk.iter().copied(), are_alike) {
            steps.extend(steps::links(sort, &group, made)?);
        }
    }
    Ok(())
}
