//! UPDATEs of rows that come to belong to new ones, whose keys earlier statements have made.

use super::inserted::{WAITS, never_made, waiting_column};
use super::kept::{Purpose, Wanted, kept};
use super::keyed::{rows_of, sent, sent_besides};
use super::{MOST_ROWS, Made, Sort, Step, StepParams, fitting};
use crate::error::Error;
use crate::sql::batch;
use crate::unit_of_work::changes::Update;
use crate::write::batch::Batch;

/// Changes rows that have the same dirty columns, of which the same wait for the same statements.
pub(crate) fn adopt(updates: &[&Update], made: &Made, steps: &mut Vec<Step<'_>>) -> Result<(), Error> {
    let Some(first) = updates.first() else { return Ok(()) };
    let (table, version, by, touched) = (first.table(), first.version, &*first.by, &*first.touched);
    let is_known = |column: &usize| first.waits.iter().all(|(waiting, _)| waiting != column);
    let known: Vec<usize> = first.dirty.columns().iter().copied().filter(is_known).collect();
    let waits = first.waits.iter().map(|(column, _)| column + WAITS);
    let columns: Vec<usize> = known.iter().copied().chain(waits).collect();
    let has_arrays = known.iter().any(|column| table.columns[*column].is_array());
    let mut updates = updates.to_vec();
    updates.sort_by(|one, other| one.key.cells().cmp(&other.key.cells()));
    let mut rest = &*updates;
    while !rest.is_empty() {
        let (chunk, later) =
            rest.split_at(fitting(rest.iter().map(|update| &update.encoded), MOST_ROWS, has_arrays));
        rest = later;
        let mut batch =
            Batch { rows: chunk.iter().map(|update| update.sent()).collect(), ..Batch::default() };
        let mut waiting = Vec::new();
        for (index, (column, _)) in first.waits.iter().enumerate() {
            let numbers: Option<Vec<u32>> =
                chunk.iter().map(|update| update.waits.get(index).map(|(_, number)| *number)).collect();
            let numbers = numbers.ok_or_else(never_made)?.into_iter();
            waiting.push(waiting_column(&mut batch, &table.columns[*column], numbers, made)?);
        }
        let wanted = Wanted { purpose: Purpose::Update, columns: &columns, version, by, touched };
        let (statement, sources) = kept(table, wanted, table.sql, || {
            let rows = rows_of(table, version, sent_besides(table, by));
            batch::update(&rows, &sent(table, &known), None, &waiting, touched)
        });
        batch.sources = sources;
        steps.push(Step {
            statement,
            rows: batch.rows.len(),
            params: StepParams::Batches(vec![batch]),
            sort: Sort::Update,
            table: table.shown,
            others: Vec::new(),
            makes: Vec::new(),
            checked: Some(table),
        });
    }
    Ok(())
}
