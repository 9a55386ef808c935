//! INSERTs: rows with the same given columns go together.

use super::kept::{Address, Purpose, Wanted, kept};
use super::together::Part;
use super::{MOST_ROWS, Made, Sort, Step, StepParams, fitting};
use crate::error::Error;
use crate::sql::batch::{self as sql, Inserting, Sent, Text, WaitingColumn};
use crate::sql::one_row;
use crate::sql::source::Source;
use crate::table::column::ColumnModel;
use crate::table::model::{InsertModel, MadeKey, Model};
use crate::unit_of_work::changes::Insertion;
use crate::write::batch::Batch;
use crate::write::encoded_row::Cell;

/// Inserts rows; they all have the same given columns, and wait for the same statements.
pub(crate) fn insert(
    inserts: &[&Insertion],
    made: &mut Made,
    settings: &mut usize,
) -> Result<Vec<Step<'static>>, Error> {
    let mut steps = Vec::with_capacity(1);
    let Some(first) = inserts.first() else { return Ok(steps) };
    let hands_over = hands_over(first);
    // Rows that were written come in no order of their own, so that they are matched by their keys.
    let is_sorted = first.model.made == MadeKey::Ascending && !waits_for_key(first);
    let most = if hands_over && !is_sorted { 1 } else { MOST_ROWS };
    for chunk in chunks(inserts, most) {
        steps.push(insertion(chunk, hands_over, made, settings)?);
    }
    Ok(steps)
}

/// The same as parts of a statement that inserts into several tables.
pub(crate) fn insert_parts<'i>(inserts: &'i [&'i Insertion], made: &Made) -> Result<Vec<Part<'i>>, Error> {
    let part = |chunk: &'i [&'i Insertion]| {
        let Inserted { batch, columns, given, waiting } = Inserted::new(chunk, made)?;
        let (model, insert) = (chunk[0].model, insert_model(chunk[0])?);
        Ok(Part {
            table: model.table,
            rows: batch.rows,
            places: batch.places,
            settings: batch.settings,
            write: Box::new(move |before| {
                let write = |inserting: &Inserting<'_>| sql::insert_part(inserting, before);
                text(model, insert, &columns[..given], &waiting, None, write)
            }),
        })
    };
    chunks(inserts, MOST_ROWS).into_iter().map(part).collect()
}

/// Can rows like this one be part of a statement that inserts into several tables?
pub(crate) fn can_join(row: &Insertion) -> bool {
    !row.table().is_meddled && !hands_over(row)
}

/// Does the database make the key of the row, so that later statements find it in a setting?
fn hands_over(row: &Insertion) -> bool {
    // A key that is given is not made.
    row.model.makes_key() && !row.is_upsert && row.key_cells().all(|cell| cell.is_none())
}

/// Rows for one statement each.
fn chunks<'i>(inserts: &'i [&'i Insertion], most: usize) -> Vec<&'i [&'i Insertion]> {
    let has_arrays = inserts.first().is_some_and(|first| {
        let mut places = first.model.insert.places.iter();
        places.any(|place| first.table().columns[*place].is_array())
    });
    let mut chunks = Vec::with_capacity(1);
    let mut rest = inserts;
    while !rest.is_empty() {
        let (chunk, later) = rest.split_at(fitting(rest.iter().map(|row| &row.encoded), most, has_arrays));
        chunks.push(chunk);
        rest = later;
    }
    chunks
}

/// What a statement inserts.
struct Inserted {
    batch: Batch,
    /// The columns that are given, and after them those that wait.
    columns: Vec<usize>,
    /// How many are given.
    given: usize,
    waiting: Vec<WaitingColumn>,
}

impl Inserted {
    fn new(chunk: &[&Insertion], made: &Made) -> Result<Self, Error> {
        let first = chunk[0];
        let mut columns = given(first, insert_model(first)?);
        let given = columns.len();
        columns.extend(first.waits.iter().map(|(column, _)| column + WAITS));
        let mut batch =
            Batch { rows: chunk.iter().map(|row| row.encoded.clone()).collect(), ..Batch::default() };
        let mut waiting = Vec::new();
        for (index, (column, _)) in first.waits.iter().enumerate() {
            let numbers = chunk.iter().map(|row| row.waits[index].1);
            waiting.push(waiting_column(&mut batch, &first.table().columns[*column], numbers, made)?);
        }
        Ok(Inserted { batch, columns, given, waiting })
    }
}

fn insertion(
    chunk: &[&Insertion],
    hands_over: bool,
    made: &mut Made,
    settings: &mut usize,
) -> Result<Step<'static>, Error> {
    let first = chunk[0];
    let (model, insert) = (first.model, insert_model(first)?);
    let Inserted { mut batch, columns, given, waiting } = Inserted::new(chunk, made)?;
    let makes = if hands_over { hand_over(chunk, made, settings) } else { Vec::new() };
    let own = hands_over.then(|| {
        batch.settings.push(*settings);
        (model.key[0], Source::Setting(batch.settings.len() - 1))
    });
    let (sort, purpose) = match first.is_upsert {
        true => (Sort::Upsert, Purpose::Upsert(Address(model))),
        false => (Sort::Insert, Purpose::Insert(Address(model))),
    };
    let write = || text(model, insert, &columns[..given], &waiting, own.clone(), sql::insert);
    let table = model.id().facts();
    let (statement, sources) = kept(table, Wanted::of(purpose, &columns), table.sql, write);
    batch.sources = sources;
    let rows = batch.rows.len();
    let params = StepParams::Batches(vec![batch]);
    Ok(Step {
        statement,
        params,
        sort,
        table: model.table.shown,
        others: Vec::new(),
        rows,
        makes,
        checked: None,
    })
}

/// Notes where later statements find the keys of these rows; answers the numbers of the rows.
fn hand_over(chunk: &[&Insertion], made: &mut Made, settings: &mut usize) -> Vec<u32> {
    *settings += 1;
    for (place, row) in (1..).zip(chunk) {
        made.insert(row.number, (*settings, place));
    }
    chunk.iter().map(|row| row.number).collect()
}

fn text(
    model: &'static Model,
    insert: &'static InsertModel,
    given: &[usize],
    waiting: &[WaitingColumn],
    made: Option<(&'static ColumnModel, Source)>,
    write: impl FnOnce(&Inserting<'_>) -> Text,
) -> Text {
    let column = |place: &usize| &model.table.columns[*place];
    let sent: Vec<Sent> = given.iter().map(|place| Sent { column: column(place), place: *place }).collect();
    let computed = insert.computed.iter().filter(|(place, _)| !given.contains(place));
    let computed = computed.map(|(place, value)| (column(place), *value));
    let inserting = Inserting {
        table: model.table,
        sent: &sent,
        waiting,
        computed: &computed.collect::<Vec<_>>(),
        conflict: &one_row::conflict(insert, given),
        made,
    };
    write(&inserting)
}

/// Added to the place of a column that waits, so that it differs from one that is given.
pub(super) const WAITS: usize = 1 << 16;

/// The columns of a new row that have a value.
fn given(insertion: &Insertion, insert: &InsertModel) -> Vec<usize> {
    let waits = |place: &usize| insertion.waits.iter().any(|(column, _)| column == place);
    let is_given = |place: &usize| insertion.encoded.cell(*place) != Cell::Absent && !waits(place);
    insert.places.iter().copied().filter(is_given).collect()
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

/// How a row is inserted, or changed where it is there.
fn insert_model(row: &Insertion) -> Result<&'static InsertModel, Error> {
    let model = row.model;
    match (row.is_upsert, &model.upsert) {
        (false, _) => Ok(&model.insert),
        (true, Some(upsert)) => Ok(upsert),
        (true, None) => Err(Error::invalid(format!(
            "`{}` has no upsert: its primary key is DEFERRABLE, or always made by the database",
            model.table.shown
        ))),
    }
}

/// Is the key of the row that of another one, which is inserted before?
fn waits_for_key(row: &Insertion) -> bool {
    row.waits.iter().any(|(column, _)| row.table().key.contains(column))
}

pub(in crate::unit_of_work) fn never_made() -> Error {
    Error::invalid(
        "a row waits for the key of a row that is not inserted: its savepoint was rolled back, or the two wait for each other",
    )
}
