//! The statements of a flush: rows that are written alike go together.

mod adopted;
pub(crate) mod inserted;
mod kept;
pub(crate) mod keyed;
pub(crate) mod linked;
pub(crate) mod together;

use std::collections::HashMap;
use std::sync::Arc;

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, Type};

use crate::error::{BoxError, Error};
use crate::table::facts::Table;
use crate::value::parameters::{Parameters, no_such_parameter};
use crate::wire::statement::Statement;
use crate::write::batch::Batch;
use crate::write::encoded_row::EncodedRow;

pub(super) use adopted::adopt;
pub(super) use inserted::{can_join, insert, insert_parts};
pub(super) use keyed::{delete, delete_part, lock, moved, named, park, present, update};
pub(super) use linked::links;
pub(super) use together::together;

/// A statement of a flush.
pub(crate) struct Step<'p> {
    pub(crate) statement: Arc<Statement>,
    pub(crate) params: StepParams<'p>,
    pub(crate) sort: Sort,
    /// The table that it writes, for messages; of links the table on this side.
    pub(crate) table: &'static str,
    /// The other tables that it writes, for messages, too.
    pub(crate) others: Vec<&'static str>,
    /// How many rows it sends.
    pub(crate) rows: usize,
    /// The numbers of the inserted rows whose keys it answers, in their order.
    pub(crate) makes: Vec<u32>,
    /// Are the rows that are missing or outdated named by their places? Then this is their table.
    pub(crate) checked: Option<&'static Table>,
}

impl Step<'_> {
    /// The rows at these places, counted from 1, are gone or have another version.
    pub(crate) fn stale(&self, places: &[usize]) -> Error {
        let (Some(table), StepParams::Batches(batches)) = (self.checked, &self.params) else {
            return Error::stale(self.table);
        };
        let rows = places.iter().filter_map(|place| batches.first()?.rows.get(place.checked_sub(1)?));
        let key = |row: &EncodedRow| {
            let cells = row.values(table.key).zip(table.key);
            cells.map(|(cell, at)| (table.columns[*at].oid, cell.unwrap_or_default().into())).collect()
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

/// How many of these rows, which have columns with arrays or not, are few and small enough for one statement.
fn fitting<'r>(rows: impl Iterator<Item = &'r EncodedRow>, most: usize, has_arrays: bool) -> usize {
    let most = if has_arrays { most.min(MOST_ARRAYS) } else { most };
    let mut bytes = 0;
    let fits = |row: &&EncodedRow| {
        bytes += row.len();
        bytes <= MOST_BYTES
    };
    rows.take(most).take_while(fits).count().max(1)
}
