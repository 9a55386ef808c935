//! The order of INSERTs: parents before children, and rows that wait for keys after those that get them.

use crate::error::Error;
use crate::unit_of_work::changes::Insertion;
use crate::unit_of_work::grouped::grouped;
use crate::unit_of_work::steps;
use crate::unit_of_work::steps::inserted::never_made;
use crate::unit_of_work::steps::{Made, Sort, Step};
use crate::write::encoded_row::Cell;

pub(super) fn inserts(
    inserts: &[Insertion],
    made: &mut Made,
    steps: &mut Vec<Step<'_>>,
) -> Result<(), Error> {
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
