//! Statements over rows that are found by their keys.

use std::sync::Arc;

use super::kept::{Purpose, Wanted, kept};
use super::together::Part;
use super::{MOST_ROWS, Sort, Step, StepParams, fitting};
use crate::sql::batch::{self, Hold, Rows, Sent, Text};
use crate::table::column::ColumnModel;
use crate::table::facts::{Parking, Table, TableId};
use crate::unit_of_work::changes::{Deletion, Update};
use crate::unit_of_work::grouped::grouped;
use crate::value::sql_type::pg::Int8;
use crate::write::batch::Batch;
use crate::write::encoded_row::{Cell, EncodedRow};

/// Locks rows, and checks their versions and that they belong `by` these columns to the rows that they did.
pub(crate) fn lock(
    table: TableId,
    version: Option<usize>,
    by: &[usize],
    rows: Vec<EncodedRow>,
    steps: &mut Vec<Step<'_>>,
) {
    let table = table.facts();
    let wanted = Wanted { version, by, ..Wanted::of(Purpose::Lock, &[]) };
    let made = || batch::lock(&rows_of(table, version, sent(table, by)));
    keyed(table, wanted, Sort::Lock, rows, made, steps);
}

/// Locks those rows that are there and belong `by` these columns to the same rows, and answers their places among all, counted
/// from 1.
pub(crate) fn present(
    table: TableId,
    rows: Vec<EncodedRow>,
    hold: Hold,
    by: &[usize],
    steps: &mut Vec<Step<'_>>,
) {
    let table = table.facts();
    let wanted = Wanted { by, ..Wanted::of(Purpose::Present(hold), &[]) };
    let made = || batch::present(&rows_of(table, None, sent(table, by)), hold);
    keyed(table, wanted, Sort::Lock, rows, made, steps);
}

/// The same of rows to which others come to refer by these columns: what they have there is answered, too.
pub(crate) fn named(table: TableId, rows: Vec<EncodedRow>, columns: &[usize], steps: &mut Vec<Step<'_>>) {
    let table = table.facts();
    let made = || batch::named(&rows_of(table, None, Vec::new()), &sent(table, columns));
    keyed(table, Wanted::of(Purpose::Named, columns), Sort::Lock, rows, made, steps);
}

/// Answers the places of those rows that this transaction has moved: they do not belong `by` these columns to the rows that
/// they did.
pub(crate) fn moved(table: TableId, by: &[usize], rows: Vec<EncodedRow>, steps: &mut Vec<Step<'_>>) {
    let table = table.facts();
    let wanted = Wanted { by, ..Wanted::of(Purpose::Moved, &[]) };
    let made = || batch::moved(&rows_of(table, None, sent(table, by)));
    keyed(table, wanted, Sort::Lock, rows, made, steps);
}

/// Changes rows of one table, which check the same version column and set the same besides.
pub(crate) fn update(updates: &[&Update], steps: &mut Vec<Step<'_>>) {
    // Most rows share theirs.
    let sets = grouped(updates.iter().copied(), |one, other| one.dirty == other.dirty);
    let mut all: Vec<usize> = sets.iter().flat_map(|set| set[0].dirty.columns()).copied().collect();
    all.sort_unstable();
    all.dedup();
    // What one struct sets by itself, and another has changed, is set in the rows of the other only.
    let is_touched = |update: &&Update| update.touched.iter().any(|(place, _)| all.contains(place));
    if sets.len() > MOST_SETS && all.len() < MASK_BITS && !updates.iter().any(is_touched) {
        return update_masked(updates, &all, steps);
    }
    sets.iter().for_each(|set| update_alike(set, steps));
}

/// Sets of dirty columns of a table that get a statement of their own; if there are more, one writes all
/// columns of any.
const MOST_SETS: usize = 8;
/// The columns that a mask can tell apart.
const MASK_BITS: usize = 63;
/// The mask, after the columns of the rows.
static MASK: ColumnModel = ColumnModel::of::<Int8>("mask");

/// Changes rows that have the same dirty columns.
fn update_alike(updates: &[&Update], steps: &mut Vec<Step<'_>>) {
    let Some(first) = updates.first() else { return };
    let (table, version, by, touched) = (first.table(), first.version, &*first.by, &*first.touched);
    let rows = updates.iter().map(|update| update.sent()).collect();
    let wanted = Wanted { purpose: Purpose::Update, columns: first.dirty.columns(), version, by, touched };
    let made = || {
        let rows = rows_of(table, version, sent_besides(table, by));
        batch::update(&rows, &sent(table, first.dirty.columns()), None, &[], touched)
    };
    keyed(table, wanted, Sort::Update, rows, made, steps);
}

/// Changes rows each of which has dirty columns of its own among `all`.
fn update_masked(updates: &[&Update], all: &[usize], steps: &mut Vec<Step<'_>>) {
    let Some(first) = updates.first() else { return };
    let (table, version, by, touched) = (first.table(), first.version, &*first.by, &*first.touched);
    let mask = |update: &Update| -> u64 {
        all.iter().enumerate().filter(|(_, column)| update.is_dirty(**column)).map(|(bit, _)| 1 << bit).sum()
    };
    let masked = |update: &&Update| update.sent().extended(Cell::Value(&mask(update).to_be_bytes()));
    let rows = updates.iter().map(masked).collect();
    let place = Sent { column: &MASK, place: table.columns.len() + by.len() };
    let wanted = Wanted { purpose: Purpose::UpdateMasked, columns: all, version, by, touched };
    let made = || {
        let rows = rows_of(table, version, sent_besides(table, by));
        batch::update(&rows, &sent(table, all), Some(place), &[], touched)
    };
    keyed(table, wanted, Sort::Update, rows, made, steps);
}

/// Deletes rows of one table, which check the same columns.
pub(crate) fn delete(deletes: &[&Deletion], steps: &mut Vec<Step<'_>>) {
    let Some(first) = deletes.first() else { return };
    let (table, version, by) = (first.table(), first.version, first.by);
    let rows = deletes.iter().map(|deletion| deletion.encoded.clone()).collect();
    let wanted = Wanted { version, by, ..Wanted::of(Purpose::Delete, &[]) };
    let made = || batch::delete(&rows_of(table, version, sent(table, by)));
    keyed(table, wanted, Sort::Delete, rows, made, steps);
}

/// Parks the values of a UNIQUE key.
pub(crate) fn park(
    table: TableId,
    (column, parking): (usize, Parking),
    rows: Vec<EncodedRow>,
    steps: &mut Vec<Step<'_>>,
) {
    let table = table.facts();
    let made = || batch::park(&rows_of(table, None, Vec::new()), &table.columns[column], parking);
    let first = steps.len();
    keyed(table, Wanted::of(Purpose::Park(parking), &[column]), Sort::Park, rows, made, steps);
    steps[first..].iter_mut().for_each(|step| step.checked = None);
}

/// Deletes rows without looking whether they are there; part of a statement that deletes from several tables.
pub(crate) fn delete_part<'d>(deletes: &'d [&'d Deletion]) -> Part<'d> {
    let (table, version) = (deletes[0].table(), deletes[0].version);
    Part {
        table,
        rows: deletes.iter().map(|deletion| deletion.encoded.clone()).collect(),
        places: Vec::new(),
        settings: Vec::new(),
        write: Box::new(move |before| batch::delete_part(&rows_of(table, version, Vec::new()), before)),
    }
}

/// Statements over rows that are found by their keys.
fn keyed(
    table: &'static Table,
    wanted: Wanted<'_>,
    sort: Sort,
    mut rows: Vec<EncodedRow>,
    made: impl Fn() -> Text,
    steps: &mut Vec<Step<'_>>,
) {
    // All programs lock in the same order.
    rows.sort_by(|one, other| one.values(table.key).cmp(other.values(table.key)));
    let (statement, sources) = kept(table, wanted, table.sql, made);
    // The key and the version are no arrays.
    let has_arrays = wanted.columns.iter().any(|place| table.columns[*place].is_array());
    let mut rows = rows.into_iter();
    while !rows.as_slice().is_empty() {
        let count = fitting(rows.as_slice().iter(), most_rows(table, sort), has_arrays);
        let batch =
            Batch { rows: rows.by_ref().take(count).collect(), sources: sources.clone(), ..Batch::default() };
        steps.push(Step {
            statement: Arc::clone(&statement),
            rows: batch.rows.len(),
            params: StepParams::Batches(vec![batch]),
            sort,
            table: table.shown,
            others: Vec::new(),
            makes: Vec::new(),
            checked: Some(table),
        });
    }
}

/// The rows that one statement may hold: a row can be deleted with those that refer to it by one statement
/// only.
fn most_rows(table: &Table, sort: Sort) -> usize {
    let refers_to_itself = table.references.iter().any(|reference| reference.is_to(table));
    if sort == Sort::Delete && refers_to_itself { usize::MAX } else { MOST_ROWS }
}

pub(super) fn rows_of(table: &'static Table, version: Option<usize>, same: Vec<Sent>) -> Rows<'static> {
    Rows {
        table,
        key: sent(table, table.key),
        version: version.map(|place| Sent { column: &table.columns[place], place }),
        same,
    }
}

/// Columns as they were before, which are sent after the columns of the row: see [`Update::sent`].
pub(super) fn sent_besides(table: &'static Table, places: &[usize]) -> Vec<Sent> {
    let columns = places.iter().zip(table.columns.len()..);
    columns.map(|(column, place)| Sent { column: &table.columns[*column], place }).collect()
}

pub(super) fn sent(table: &'static Table, places: &[usize]) -> Vec<Sent> {
    places.iter().map(|place| Sent { column: &table.columns[*place], place: *place }).collect()
}
