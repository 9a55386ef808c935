//! INSERTs: rows with the same given columns go together.

use crate::error::Error;
use crate::sql::batch as text;
use crate::sql::batch::{Inserting, Sent, Text, WaitingColumn};
use crate::table::column::ColumnModel;
use crate::table::model::{InsertModel, Model};
use crate::unit_of_work::changes::Insertion;
use crate::unit_of_work::steps::{MOST_ROWS, Made, Sort, Step, StepParams, fitting, kept};
use crate::write::batch::{Batch, Source};
use crate::write::encoded_row::Cell;

/// Inserts rows; they all have the same given columns, and wait for the same statements.
pub(crate) fn insert(
    inserts: &[&Insertion],
    made: &mut Made,
    settings: &mut usize,
) -> Result<Vec<Step<'static>>, Error> {
    let mut steps = Vec::with_capacity(1);
    let Some(first) = inserts.first() else { return Ok(steps) };
    let model = first.model;
    // A key that is given is made by nobody.
    let is_absent = first.key_cells().all(|cell| cell.is_none());
    let hands_over = model.writing.made_key && is_absent && !first.is_upsert;
    // Rows that were written come in no order of their own, so that it is by their keys that they are told apart.
    let is_sorted = model.writing.is_ascending && !waits_for_key(first);
    let most = if hands_over && !is_sorted { 1 } else { MOST_ROWS };
    let has_arrays = model.insert.columns.iter().any(|column| column.is_array());
    let mut rest = inserts;
    while !rest.is_empty() {
        let (chunk, later) = rest.split_at(fitting(rest.iter().map(|row| &row.encoded), most, has_arrays));
        steps.push(insertion(chunk, hands_over, made, settings)?);
        rest = later;
    }
    Ok(steps)
}

fn insertion(
    chunk: &[&Insertion],
    hands_over: bool,
    made: &mut Made,
    settings: &mut usize,
) -> Result<Step<'static>, Error> {
    let first = chunk[0];
    let model = first.model;
    let insert = if first.is_upsert { upsert_model(model)? } else { &model.insert };
    let given = given(first, insert);
    let mut batch = Batch { rows: chunk.iter().map(|row| row.encoded.clone()).collect(), ..Batch::default() };
    let mut waiting = Vec::new();
    for (index, (column, _)) in first.waits.iter().enumerate() {
        let numbers = chunk.iter().map(|row| row.waits[index].1);
        waiting.push(waiting_column(&mut batch, insert.columns[*column], numbers, made)?);
    }
    let makes = if hands_over { hand_over(chunk, made, settings) } else { Vec::new() };
    let own = hands_over.then(|| {
        batch.settings.push(*settings);
        (model.key[0], Source::Setting(batch.settings.len() - 1))
    });
    let sort = if first.is_upsert { Sort::Upsert } else { Sort::Insert };
    let mut columns = given;
    let count = columns.len();
    columns.extend(first.waits.iter().map(|(column, _)| column + WAITS));
    let write = || text_of(model, insert, &columns[..count], &waiting, own.clone());
    let (statement, sources) = kept(&model.writing.batches, sort as u8, &columns, write);
    batch.sources = sources;
    let rows = batch.rows.len();
    let params = StepParams::Batches(vec![batch]);
    Ok(Step { statement, params, sort, table: model.table, rows, makes, checked: None })
}

/// Notes where later statements find the keys of these rows; answers the numbers of the rows.
fn hand_over(chunk: &[&Insertion], made: &mut Made, settings: &mut usize) -> Vec<u32> {
    *settings += 1;
    for (place, row) in (1..).zip(chunk) {
        made.insert(row.number, (*settings, place));
    }
    chunk.iter().map(|row| row.number).collect()
}

fn text_of(
    model: &'static Model,
    insert: &'static InsertModel,
    given: &[usize],
    waiting: &[WaitingColumn],
    made: Option<(&'static ColumnModel, Source)>,
) -> Text {
    let columns = given.iter().map(|place| Sent { column: insert.columns[*place], place: *place });
    let sent: Vec<Sent> = columns.collect();
    let conflict = insert.conflict.as_ref().map(|conflict| {
        let given: Vec<&ColumnModel> = sent.iter().map(|sent| sent.column).collect();
        conflict.clause(&given)
    });
    text::insert(&Inserting {
        sql_table: insert.sql_table,
        sent: &sent,
        waiting,
        computed: insert.computed,
        conflict: conflict.as_deref().unwrap_or_default(),
        is_counted: model.writing.is_meddled,
        made,
    })
}

/// Added to the place of a column that waits, so that it differs from one that is given.
pub(super) const WAITS: usize = 1 << 16;

/// The columns of a new row that have a value.
fn given(insertion: &Insertion, insert: &InsertModel) -> Vec<usize> {
    let waits = |index: &usize| insertion.waits.iter().any(|(column, _)| column == index);
    (0..insert.columns.len())
        .filter(|index| insertion.encoded.cell(*index) != Cell::Absent && !waits(index))
        .collect()
}

/// A column whose values are the keys of rows that earlier statements make.
pub(super) fn waiting_column(
    batch: &mut Batch,
    column: &'static ColumnModel,
    numbers: impl Iterator<Item = u32>,
    made: &Made,
) -> Result<WaitingColumn, Error> {
    let mut setting = 0;
    let mut places = Vec::new();
    for number in numbers {
        let (of, place) = *made.get(&number).ok_or_else(never_made)?;
        setting = of;
        places.push(place);
    }
    batch.places.push(places);
    batch.settings.push(setting);
    Ok(WaitingColumn {
        column,
        setting: Source::Setting(batch.settings.len() - 1),
        places: Source::Places(batch.places.len() - 1),
    })
}

fn upsert_model(model: &'static Model) -> Result<&'static InsertModel, Error> {
    model.upsert.as_ref().ok_or_else(|| {
        Error::invalid(format!(
            "`{}` has no upsert: its primary key is DEFERRABLE, or always made by the database",
            model.table
        ))
    })
}

/// Is the key of the row that of another one, which is inserted before?
fn waits_for_key(row: &Insertion) -> bool {
    let is_key = |name: &str| row.model.key.iter().any(|key| key.name == name);
    row.waits.iter().any(|(column, _)| is_key(row.model.insert.columns[*column].name))
}

pub(in crate::unit_of_work) fn never_made() -> Error {
    Error::invalid(
        "a row waits for the key of a row that is not inserted: its savepoint was rolled back, or the two wait for each other",
    )
}
