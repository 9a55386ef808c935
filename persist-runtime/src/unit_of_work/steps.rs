//! The statements of a flush: rows that are written alike go together.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, Type};

use super::changes::{Deletion, EndKey, Insertion, LinkRow, Update};
use super::relations::{far_columns, relation_columns};
use super::text::{self, Inserting, Links, Rows, Sent, Text, WaitingColumn};
use crate::batch::{Batch, Source};
use crate::error::Error;
use crate::image::{Cell, Image, Origin};
use crate::model::{BatchKey, Batches, ColumnModel, InsertModel, Model, Parking};
use crate::parameters::{Parameters, no_such_parameter};
use crate::scalar::BoxError;
use crate::shape::ToMany;
use crate::statement::Statement;

/// A statement of a flush.
pub(crate) struct Step<'p> {
    pub(crate) statement: Arc<Statement>,
    pub(crate) params: StepParams<'p>,
    pub(crate) sort: Sort,
    /// The table that it writes, for messages.
    pub(crate) table: &'static str,
    /// How many rows it sends.
    pub(crate) rows: usize,
    /// The numbers of the inserted rows whose keys it answers, in their order.
    pub(crate) makes: Vec<u32>,
    /// Set where the rows that are missing or outdated are named by their places.
    pub(crate) checked: Option<&'static Model>,
    pub(crate) model: &'static Model,
}

impl Step<'_> {
    /// The key whose values the statement answers.
    pub(crate) fn key(&self) -> &'static [&'static ColumnModel] {
        self.model.key
    }

    /// Rows were sent that are not there.
    pub(crate) fn kept_out(&self) -> Error {
        Error::invalid(format!(
            "a trigger, a rule or a policy of `{}` kept a row from being written",
            self.table
        ))
    }

    /// The rows at these places, counted from 1, are gone or have another version.
    pub(crate) fn stale(&self, places: &[usize]) -> Error {
        let (Some(model), StepParams::Batches(batches)) = (self.checked, &self.params) else {
            return Error::stale(self.table);
        };
        let rows = places.iter().filter_map(|place| batches.first()?.rows.get(place.checked_sub(1)?));
        let key = |row: &Image| {
            let cells = key_cells(model, row).zip(model.key);
            cells.map(|(cell, column)| (column.oid, cell.unwrap_or_default().into())).collect()
        };
        Error::stale_rows(self.table, rows.map(key).collect())
    }
}

/// What a statement of a flush does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    Lock,
    Park,
    Unlink,
    Delete,
    Remove,
    Insert,
    Upsert,
    Link,
    Update,
}

/// The parameters of a statement of a flush.
pub(crate) enum StepParams<'p> {
    Batches(Vec<Batch>),
    Own(Box<dyn Parameters + 'p>),
}

impl Parameters for StepParams<'_> {
    fn count(&self) -> usize {
        match self {
            StepParams::Batches(batches) => batches.iter().map(Parameters::count).sum(),
            StepParams::Own(params) => params.count(),
        }
    }

    fn write(&self, index: usize, ty: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        match self {
            StepParams::Batches(batches) => {
                let mut left = index;
                for batch in batches {
                    if left < batch.count() {
                        return batch.write(left, ty, out);
                    }
                    left -= batch.count();
                }
                Err(no_such_parameter(index))
            }
            StepParams::Own(params) => params.write(index, ty, out),
        }
    }
}

/// Keys that statements of this flush make: by the number of the row, the setting and the place in it.
pub(crate) type Made = HashMap<u32, (usize, i32)>;

/// Rows in one statement at most, so that neither side holds too much at once.
const MOST_ROWS: usize = 20_000;
const MOST_BYTES: usize = 16 << 20;
/// The same for rows with arrays, each of which is looked up in the list of all elements.
const MOST_ARRAYS: usize = 500;

/// Locks rows and checks their versions.
pub(crate) fn lock(model: &'static Model, rows: Vec<Image>) -> Vec<Step<'static>> {
    let made = || text::lock(&rows_of(model));
    keyed(model, Sort::Lock as u8, Sort::Lock, &[], rows, made)
}

/// Changes rows; they all have the same dirty columns, and all or none of them follow.
pub(crate) fn update(updates: &[&Update]) -> Vec<Step<'static>> {
    let Some(Update { model, dirty, follows, .. }) = updates.first() else { return Vec::new() };
    let rows = updates.iter().map(|update| update.image.clone()).collect();
    if *follows {
        let made = || text::update(&Rows { version: None, ..rows_of(model) }, &sent(model, dirty), &[]);
        return keyed(model, FOLLOWING, Sort::Update, dirty, rows, made);
    }
    let made = || text::update(&rows_of(model), &sent(model, dirty), model.touched);
    keyed(model, Sort::Update as u8, Sort::Update, dirty, rows, made)
}

/// Deletes rows.
pub(crate) fn delete(model: &'static Model, deletes: &[&Deletion]) -> Vec<Step<'static>> {
    let rows = deletes.iter().map(|deletion| deletion.image.clone()).collect();
    keyed(model, Sort::Delete as u8, Sort::Delete, &[], rows, || text::delete(&rows_of(model)))
}

/// Parks the values of a UNIQUE key.
pub(crate) fn park(
    model: &'static Model,
    (column, parking): (usize, Parking),
    rows: Vec<Image>,
) -> Vec<Step<'static>> {
    let made = || {
        let rows = Rows { version: None, ..rows_of(model) };
        text::park(&rows, model.writing.columns[column], parking)
    };
    let mut steps = keyed(model, Sort::Park as u8, Sort::Park, &[column], rows, made);
    steps.iter_mut().for_each(|step| step.checked = None);
    steps
}

/// Inserts rows; they all have the same given columns, and wait for the same statements.
pub(crate) fn insert(
    inserts: &[&Insertion],
    made: &mut Made,
    settings: &mut usize,
) -> Result<Vec<Step<'static>>, Error> {
    let Some(first) = inserts.first() else { return Ok(Vec::new()) };
    let model = first.model;
    let hands_over = model.writing.made_key && !first.is_upsert;
    let is_sorted = hands_over && model.key.iter().all(|key| is_counted_up(key));
    let most = if hands_over && !is_sorted { 1 } else { MOST_ROWS };
    let mut steps = Vec::new();
    for chunk in chunks(inserts, most, |insertion| &insertion.image, &model.insert.columns) {
        steps.push(insertion(chunk, hands_over, made, settings)?);
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
    let mut batch = Batch { rows: chunk.iter().map(|row| row.image.clone()).collect(), ..Batch::default() };
    let mut waiting = Vec::new();
    for (index, (column, _)) in first.waits.iter().enumerate() {
        let mut setting = 0;
        let mut places = Vec::with_capacity(chunk.len());
        for row in chunk {
            let (of, place) = *made.get(&row.waits[index].1).ok_or_else(never_made)?;
            setting = of;
            places.push(place);
        }
        waiting.push(waiting_column(&mut batch, insert.columns[*column], setting, places));
    }
    let mut makes = Vec::new();
    let own = hands_over.then(|| {
        *settings += 1;
        for (place, row) in chunk.iter().enumerate() {
            made.insert(row.number, (*settings, place as i32 + 1));
            makes.push(row.number);
        }
        batch.settings.push(*settings);
        (model.key[0], Source::Setting(batch.settings.len() - 1))
    });
    let key = {
        let waits = first.waits.iter().map(|(column, _)| column + WAITS);
        BatchKey {
            sort: if first.is_upsert { Sort::Upsert as u8 } else { Sort::Insert as u8 },
            columns: given.iter().copied().chain(waits).collect(),
        }
    };
    let columns: &[ColumnModelRef] = insert.columns;
    let write = || {
        let sent: Vec<Sent> =
            given.iter().map(|place| Sent { column: columns[*place], place: *place }).collect();
        let conflict = insert.conflict.as_ref().map(|conflict| {
            let given: Vec<&ColumnModel> = given.iter().map(|place| columns[*place]).collect();
            conflict.clause(&given)
        });
        text::insert(&Inserting {
            sql_table: insert.sql_table,
            sent: &sent,
            waiting: &waiting,
            computed: insert.computed,
            conflict: conflict.as_deref().unwrap_or_default(),
            made: own.clone(),
            is_counted: model.writing.is_meddled && own.is_none(),
        })
    };
    let (statement, sources) = kept(&model.writing.batches, key, write);
    batch.sources = sources;
    let rows = batch.rows.len();
    let sort = if first.is_upsert { Sort::Upsert } else { Sort::Insert };
    let params = StepParams::Batches(vec![batch]);
    Ok(Step { statement, params, sort, table: model.table, rows, makes, checked: None, model })
}

type ColumnModelRef = &'static ColumnModel;

/// Adds or takes away links of one relation.
pub(crate) fn links(sort: Sort, links: &[&LinkRow], made: &Made) -> Result<Vec<Step<'static>>, Error> {
    let Some(first) = links.first() else { return Ok(Vec::new()) };
    let relation = first.relation;
    let Some(through) = relation.link.through else { return Ok(Vec::new()) };
    let near = relation_columns(first.near.model, relation);
    let far = far_columns(first.far.model, relation);
    let names: Vec<&'static str> = relation
        .link
        .columns
        .iter()
        .map(|(name, _)| *name)
        .chain(through.on.iter().map(|(name, _)| *name))
        .collect();
    let columns: Vec<ColumnModelRef> = near.iter().chain(&far).copied().collect();
    let mut batch = Batch::default();
    let mut waiting = Vec::new();
    let mut sent = Vec::new();
    for (end, range) in [(0, 0..near.len()), (1, near.len()..columns.len())] {
        let ends = || links.iter().map(|link| if end == 0 { &link.near.key } else { &link.far.key });
        match &ends().next() {
            Some(EndKey::Waits(_)) => {
                let mut setting = 0;
                let mut places = Vec::with_capacity(links.len());
                for key in ends() {
                    let EndKey::Waits(number) = key else { return Err(never_made()) };
                    let (of, place) = *made.get(number).ok_or_else(never_made)?;
                    setting = of;
                    places.push(place);
                }
                let column = waiting_column(&mut batch, columns[range.start], setting, places);
                waiting.push((range.start, column));
            }
            Some(EndKey::Known(_)) | None => {
                sent.extend(range.map(|place| Sent { column: columns[place], place }));
            }
        }
    }
    for link in links {
        let known = |key: &EndKey, index: usize| match key {
            EndKey::Known(image) => match image.cell(index) {
                Cell::Value(value) => Some(value.to_vec()),
                Cell::Absent | Cell::Null => None,
            },
            EndKey::Waits(_) => None,
        };
        let cells: Vec<Option<Vec<u8>>> = (0..near.len())
            .map(|index| known(&link.near.key, index))
            .chain((0..far.len()).map(|index| known(&link.far.key, index)))
            .collect();
        batch.rows.push(Image::with(&columns, &(), |index| {
            Origin::Known(cells[index].as_deref().map_or(Cell::Null, Cell::Value))
        })?);
    }
    let key = BatchKey {
        sort: sort as u8,
        columns: [std::ptr::from_ref(relation).addr()]
            .into_iter()
            .chain(waiting.iter().map(|(place, _)| place + WAITS))
            .collect(),
    };
    let of = Links { sql_table: through.table, names: &names, sent: &sent, waiting: &waiting };
    let write = || if sort == Sort::Link { text::link(&of) } else { text::unlink(&of) };
    let (statement, sources) = kept(&first.near.model.writing.batches, key, write);
    batch.sources = sources;
    let (rows, table, model) = (batch.rows.len(), first.near.model.table, first.near.model);
    let params = StepParams::Batches(vec![batch]);
    Ok(vec![Step { statement, params, sort, table, rows, makes: Vec::new(), checked: None, model }])
}

/// Several statements as one, for tables that refer to each other: their keys are checked when all rows are there.
pub(crate) fn together(steps: Vec<Step<'static>>) -> Option<Step<'static>> {
    let mut parts = Vec::new();
    let mut oids = Vec::new();
    let mut batches = Vec::new();
    let (mut rows, first) = (0, steps.first().map(|step| (step.sort, step.table))?);
    let model = steps.first()?.model;
    for step in steps {
        let StepParams::Batches(own) = step.params else { return None };
        let sql = renumbered(step.statement.sql(), oids.len());
        parts.push(format!("p{} AS ({sql} RETURNING 1)", parts.len()));
        oids.extend_from_slice(step.statement.params());
        batches.extend(own);
        rows += step.rows;
    }
    let statement = Statement::dynamic(format!("WITH {} SELECT 1", parts.join(", ")), oids, &[]);
    Some(Step {
        statement: Arc::new(statement),
        params: StepParams::Batches(batches),
        sort: first.0,
        table: first.1,
        rows,
        makes: Vec::new(),
        checked: None,
        model,
    })
}

/// Deletes rows without looking whether they are there; part of a statement that deletes from several tables.
pub(crate) fn delete_part(model: &'static Model, deletes: &[&Deletion]) -> Step<'static> {
    let rows: Vec<Image> = deletes.iter().map(|deletion| deletion.image.clone()).collect();
    let key = BatchKey { sort: DELETE_PART, columns: Box::default() };
    let (statement, sources) = kept(&model.writing.batches, key, || text::delete_part(&rows_of(model)));
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
        model,
    }
}

// Purposes of statements besides those of `Sort`.
const DELETE_PART: u8 = u8::MAX;
const FOLLOWING: u8 = u8::MAX - 1;
/// Added to the place of a column that waits, so that it differs from one that is given.
const WAITS: usize = 1 << 16;

/// The parameters of a text, with their numbers raised.
fn renumbered(sql: &str, by: usize) -> String {
    let mut parts = sql.split('$');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        match part[..digits].parse::<usize>() {
            Ok(number) => out.push_str(&format!("${}{}", number + by, &part[digits..])),
            Err(_) => out.push_str(&format!("${part}")),
        }
    }
    out
}

/// Statements over rows that are found by their keys.
fn keyed(
    model: &'static Model,
    made_for: u8,
    sort: Sort,
    columns: &[usize],
    mut rows: Vec<Image>,
    made: impl Fn() -> Text,
) -> Vec<Step<'static>> {
    // Everybody locks in the same order.
    rows.sort_by(|one, other| key_cells(model, one).cmp(key_cells(model, other)));
    let key = BatchKey { sort: made_for, columns: columns.into() };
    let (statement, sources) = kept(&model.writing.batches, key, made);
    let chunks = chunks(&rows, MOST_ROWS, |row| row, model.writing.columns);
    let step = |rows: &[Image]| Step {
        statement: Arc::clone(&statement),
        params: StepParams::Batches(vec![Batch {
            rows: rows.to_vec(),
            sources: sources.clone(),
            ..Batch::default()
        }]),
        sort,
        table: model.table,
        rows: rows.len(),
        makes: Vec::new(),
        checked: Some(model),
        model,
    };
    chunks.into_iter().map(step).collect()
}

/// The values of the key of a row.
pub(crate) fn key_cells<'i>(
    model: &'static Model,
    image: &'i Image,
) -> impl Iterator<Item = Option<&'i [u8]>> {
    let first = model.writing.changeable;
    (first..first + model.key.len()).map(|index| match image.cell(index) {
        Cell::Value(value) => Some(value),
        Cell::Absent | Cell::Null => None,
    })
}

/// The statement for a purpose, made at the first use.
fn kept(batches: &Batches, key: BatchKey, write: impl FnOnce() -> Text) -> (Arc<Statement>, Vec<Source>) {
    let mut made = batches.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, statement, sources)) = made.iter().find(|(known, _, _)| *known == key) {
        return (Arc::clone(statement), sources.clone());
    }
    let Text { sql, oids, sources } = write();
    if made.len() >= SLOTTED {
        return (Arc::new(Statement::dynamic(sql, oids, &[])), sources);
    }
    let statement = Arc::new(Statement::slotted(sql, oids, &[]));
    made.push((key, Arc::clone(&statement), sources.clone()));
    (statement, sources)
}

/// Statements of a table that get a slot of their own; rarer ones are found by their text.
const SLOTTED: usize = 64;

/// Parts of rows that are small enough for one statement.
fn chunks<'r, R>(
    rows: &'r [R],
    most: usize,
    image: impl Fn(&R) -> &Image,
    columns: &[&ColumnModel],
) -> Vec<&'r [R]> {
    let most = if columns.iter().any(|column| column.array_oid == 0) { most.min(MOST_ARRAYS) } else { most };
    let mut chunks = Vec::new();
    let mut rest = rows;
    while !rest.is_empty() {
        let mut bytes = 0;
        let fits = |row: &&R| {
            bytes += image(row).len();
            bytes <= MOST_BYTES
        };
        let length = rest.iter().take(most).take_while(fits).count().max(1);
        let (chunk, later) = rest.split_at(length);
        chunks.push(chunk);
        rest = later;
    }
    chunks
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

/// The columns of a new row that have a value.
pub(crate) fn given(insertion: &Insertion, insert: &InsertModel) -> Vec<usize> {
    let waits = |index: &usize| insertion.waits.iter().any(|(column, _)| column == index);
    (0..insert.columns.len())
        .filter(|index| insertion.image.cell(*index) != Cell::Absent && !waits(index))
        .collect()
}

fn waiting_column(
    batch: &mut Batch,
    column: ColumnModelRef,
    setting: usize,
    places: Vec<i32>,
) -> WaitingColumn {
    batch.places.push(places);
    batch.settings.push(setting);
    WaitingColumn {
        column,
        key: column,
        setting: Source::Setting(batch.settings.len() - 1),
        places: Source::Places(batch.places.len() - 1),
    }
}

fn upsert_model(model: &'static Model) -> Result<&'static InsertModel, Error> {
    model.upsert.as_ref().ok_or_else(|| {
        Error::invalid(format!(
            "`{}` has no upsert: its primary key is DEFERRABLE, or always made by the database",
            model.table
        ))
    })
}

/// Do keys that the server makes one after another go up?
fn is_counted_up(key: &ColumnModel) -> bool {
    [Type::INT2, Type::INT4, Type::INT8].iter().any(|ty| ty.oid() == key.oid)
}

fn never_made() -> Error {
    Error::invalid("a row waits for the key of a row that is not inserted in the same flush")
}

/// The relation of links that go together.
pub(crate) fn relation_of(link: &LinkRow) -> *const ToMany {
    link.relation
}
