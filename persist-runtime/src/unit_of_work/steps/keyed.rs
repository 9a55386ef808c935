//! Statements over rows that are found by their keys.

use std::sync::Arc;

use crate::sql::batch as text;
use crate::sql::batch::{Rows, Sent, Text};
use crate::table::column::ColumnModel;
use crate::table::model::{Model, Parking};
use crate::unit_of_work::changes::{Deletion, Update};
use crate::unit_of_work::grouped::grouped;
use crate::unit_of_work::steps::{MOST_ROWS, Sort, Step, StepParams, fitting, kept};
use crate::value::sql_type::pg::Int8;
use crate::write::batch::Batch;
use crate::write::encoded_row::{Cell, EncodedRow};

/// Locks rows and checks their versions.
pub(crate) fn lock(model: &'static Model, rows: Vec<EncodedRow>, steps: &mut Vec<Step<'_>>) {
    let made = || text::lock(&rows_of(model));
    keyed(model, Sort::Lock as u8, Sort::Lock, &[], rows, made, steps);
}

/// Changes rows; all or none of them follow.
pub(crate) fn update(updates: &[&Update], steps: &mut Vec<Step<'_>>) {
    // Most rows share theirs.
    let are_alike =
        |one: &&Update, other: &&Update| Arc::ptr_eq(&one.dirty, &other.dirty) || one.dirty == other.dirty;
    let sets = grouped(updates.iter().copied(), are_alike);
    let mut all: Vec<usize> = sets.iter().flat_map(|set| set[0].dirty.iter().copied()).collect();
    all.sort_unstable();
    all.dedup();
    if sets.len() > MOST_SETS && all.len() < MASK_BITS {
        return update_masked(updates, &all, steps);
    }
    sets.iter().for_each(|set| update_alike(set, steps));
}

/// Sets of dirty columns of a table that get a statement of their own; if there are more, one writes all columns of any.
const MOST_SETS: usize = 8;
/// The columns that a mask can tell apart.
const MASK_BITS: usize = 63;
/// The mask, behind the columns of the rows.
static MASK: ColumnModel = ColumnModel::of::<Int8>("mask");

/// Changes rows that have the same dirty columns.
fn update_alike(updates: &[&Update], steps: &mut Vec<Step<'_>>) {
    let Some(Update { model, dirty, follows, .. }) = updates.first() else { return };
    let rows = updates.iter().map(|update| update.encoded.clone()).collect();
    let (purpose, of, touched) = checked_by(model, *follows);
    let made = || text::update(&of, &sent(model, dirty), None, touched);
    keyed(model, purpose, Sort::Update, dirty, rows, made, steps);
}

/// Changes rows each of which has dirty columns of its own among `all`.
fn update_masked(updates: &[&Update], all: &[usize], steps: &mut Vec<Step<'_>>) {
    let Some(Update { model, follows, .. }) = updates.first() else { return };
    let mask = |update: &Update| -> u64 {
        all.iter().enumerate().filter(|(_, column)| update.is_dirty(**column)).map(|(bit, _)| 1 << bit).sum()
    };
    let rows = updates.iter().map(|update| update.encoded.extended(&mask(update).to_be_bytes())).collect();
    let (purpose, of, touched) = checked_by(model, *follows);
    let place = Sent { column: &MASK, place: model.writing.columns.len() };
    let made = || text::update(&of, &sent(model, all), Some(place), touched);
    keyed(model, purpose - MASKED, Sort::Update, all, rows, made, steps);
}

/// What an UPDATE is made for, how its rows are found, and what it sets besides. Who follows leaves the version to the first.
fn checked_by(
    model: &'static Model,
    follows: bool,
) -> (u8, Rows<'static>, &'static [(&'static str, &'static str)]) {
    match follows {
        true => (FOLLOWING, Rows { version: None, ..rows_of(model) }, &[]),
        false => (UPDATE, rows_of(model), model.touched),
    }
}

/// Deletes rows.
pub(crate) fn delete(model: &'static Model, deletes: &[&Deletion], steps: &mut Vec<Step<'_>>) {
    let rows = deletes.iter().map(|deletion| deletion.encoded.clone()).collect();
    keyed(model, Sort::Delete as u8, Sort::Delete, &[], rows, || text::delete(&rows_of(model)), steps);
}

/// Parks the values of a UNIQUE key.
pub(crate) fn park(
    model: &'static Model,
    (column, parking): (usize, Parking),
    rows: Vec<EncodedRow>,
    steps: &mut Vec<Step<'_>>,
) {
    let made = || {
        let rows = Rows { version: None, ..rows_of(model) };
        text::park(&rows, model.writing.columns[column], parking)
    };
    let first = steps.len();
    keyed(model, Sort::Park as u8, Sort::Park, &[column], rows, made, steps);
    steps[first..].iter_mut().for_each(|step| step.checked = None);
}

/// Deletes rows without looking whether they are there; part of a statement that deletes from several tables.
pub(crate) fn delete_part(model: &'static Model, deletes: &[&Deletion]) -> Step<'static> {
    let rows: Vec<EncodedRow> = deletes.iter().map(|deletion| deletion.encoded.clone()).collect();
    let made = || text::delete_part(&rows_of(model));
    let (statement, sources) = kept(&model.writing.batches, DELETE_PART, &[], made);
    let count = rows.len();
    let params = StepParams::Batches(vec![Batch { rows, sources, ..Batch::default() }]);
    Step {
        statement,
        params,
        sort: Sort::Delete,
        table: model.table,
        rows: count,
        makes: Vec::new(),
        checked: None,
    }
}

// Purposes of statements besides those of `Sort`.
const DELETE_PART: u8 = u8::MAX;
const FOLLOWING: u8 = u8::MAX - 1;
const UPDATE: u8 = u8::MAX - 2;
/// How far the purpose of a masked UPDATE is below that of the other.
const MASKED: u8 = 2;

/// Statements over rows that are found by their keys.
fn keyed(
    model: &'static Model,
    made_for: u8,
    sort: Sort,
    columns: &[usize],
    mut rows: Vec<EncodedRow>,
    made: impl Fn() -> Text,
    steps: &mut Vec<Step<'_>>,
) {
    // Everybody locks in the same order.
    rows.sort_by(|one, other| key_cells(model, one).cmp(key_cells(model, other)));
    let (statement, sources) = kept(&model.writing.batches, made_for, columns, made);
    // The key and the version are no arrays.
    let has_arrays = columns.iter().any(|place| model.writing.columns[*place].is_array());
    let mut rows = rows.into_iter();
    while !rows.as_slice().is_empty() {
        let count = fitting(rows.as_slice().iter(), most_rows(model, sort), has_arrays);
        let batch =
            Batch { rows: rows.by_ref().take(count).collect(), sources: sources.clone(), ..Batch::default() };
        steps.push(Step {
            statement: Arc::clone(&statement),
            rows: batch.rows.len(),
            params: StepParams::Batches(vec![batch]),
            sort,
            table: model.table,
            makes: Vec::new(),
            checked: Some(model),
        });
    }
}

/// The rows that one statement may hold: a row can be deleted with those that refer to it by one statement only.
fn most_rows(model: &Model, sort: Sort) -> usize {
    let refers_to_itself =
        model.writing.references.iter().any(|reference| reference.table == model.qualified);
    if sort == Sort::Delete && refers_to_itself { usize::MAX } else { MOST_ROWS }
}

/// The values of the key of a row.
pub(crate) fn key_cells<'i>(
    model: &'static Model,
    encoded: &'i EncodedRow,
) -> impl Iterator<Item = Option<&'i [u8]>> {
    model.key_places().map(|index| match encoded.cell(index) {
        Cell::Value(value) => Some(value),
        Cell::Absent | Cell::Null => None,
    })
}

fn rows_of(model: &'static Model) -> Rows<'static> {
    let first = model.writing.changeable;
    let key = &model.writing.columns[first..first + model.key.len()];
    let version = model.writing.columns.len() - 1;
    Rows {
        sql_table: model.sql_table,
        key: key.iter().enumerate().map(|(index, column)| Sent { column, place: first + index }).collect(),
        version: model.versioned.then(|| Sent { column: model.writing.columns[version], place: version }),
    }
}

fn sent(model: &'static Model, places: &[usize]) -> Vec<Sent> {
    places.iter().map(|place| Sent { column: model.writing.columns[*place], place: *place }).collect()
}
