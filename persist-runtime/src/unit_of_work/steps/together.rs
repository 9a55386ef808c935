//! Several statements as one.

use std::sync::Arc;

use super::{Sort, Step, StepParams};
use crate::sql::batch::{self as sql, Text};
use crate::table::facts::Table;
use crate::wire::access::{Access, Effect};
use crate::wire::statement::Statement;
use crate::write::batch::Batch;
use crate::write::encoded_row::EncodedRow;

/// Rows of one table that are written together with those of others.
pub(crate) struct Part<'p> {
    pub(super) table: &'static Table,
    pub(super) rows: Vec<EncodedRow>,
    /// Where the keys are that the rows wait for; see [`Batch`].
    pub(super) places: Vec<Vec<i32>>,
    pub(super) settings: Vec<usize>,
    /// Writes the text, with so many parameters before its own.
    pub(super) write: Box<dyn FnOnce(usize) -> Text + 'p>,
}

/// Several statements as one, for tables that refer to each other: their keys are checked when all rows are
/// there.
pub(crate) fn together(sort: Sort, parts: Vec<Part<'_>>) -> Option<Step<'static>> {
    let table = parts.first()?.table.shown;
    let tables = parts.iter().map(|part| part.table.sql).collect();
    let mut others: Vec<&'static str> = Vec::new();
    for part in &parts {
        if part.table.shown != table && !others.contains(&part.table.shown) {
            others.push(part.table.shown);
        }
    }
    let mut batches = Vec::new();
    let mut texts = Vec::new();
    for Part { table: _, rows, places, settings, write } in parts {
        batches.push(Batch { rows, places, settings, ..Batch::default() });
        texts.push(write);
    }
    let missing = if sort == Sort::Delete { sql::GONE } else { sql::KEPT };
    let (text, oids, sources) = sql::together(texts.into_iter(), missing);
    for (batch, sources) in batches.iter_mut().zip(sources) {
        batch.sources = sources.into();
    }
    let rows = batches.iter().map(|batch| batch.rows.len()).sum();
    Some(Step {
        statement: Arc::new(Statement::dynamic(Access::of(Effect::Writes, tables), text, oids, &[])),
        params: StepParams::Batches(batches),
        sort,
        table,
        others,
        rows,
        makes: Vec::new(),
        checked: None,
    })
}
