//! Rows of link tables.

use super::inserted::{WAITS, never_made, waiting_column};
use super::kept::{Address, Purpose, Wanted, kept};
use super::{Made, Sort, Step, StepParams};
use crate::error::Error;
use crate::sql::batch::{self as sql, Links, Sent, WaitingColumn};
use crate::table::column::ColumnModel;
use crate::unit_of_work::changes::{EndKey, LinkRow};
use crate::write::batch::Batch;
use crate::write::encoded_row::{Cell, EncodedRow};

/// Adds or takes away links of one relation; all of them wait for the same statements.
pub(crate) fn links(sort: Sort, links: &[&LinkRow], made: &Made) -> Result<Option<Step<'static>>, Error> {
    let Some(LinkRow { relation, near, far }) = links.first() else { return Ok(None) };
    let Some(through) = relation.link.through else { return Ok(None) };
    let nears = relation.near.iter().map(|place| &near.table.columns[*place]);
    let fars = relation.far.iter().map(|place| &far.table.columns[*place]);
    let columns: Vec<&'static ColumnModel> = nears.chain(fars).collect();
    let nears = relation.near.len();
    let mut batch = Batch::default();
    batch.rows.extend(links.iter().map(|link| encoded(link, nears, relation.far.len())));
    let mut ends = Ends { columns: &columns, sent: Vec::new(), waiting: Vec::new() };
    ends.take(0..nears, links.iter().map(|link| &link.near.key), &mut batch, made)?;
    ends.take(nears..columns.len(), links.iter().map(|link| &link.far.key), &mut batch, made)?;
    let waits: Vec<usize> = ends.waiting.iter().map(|(place, _)| place + WAITS).collect();
    let nears = relation.link.columns.iter().map(|(name, _)| *name);
    let names: Vec<&'static str> = nears.chain(through.on.iter().map(|(name, ..)| *name)).collect();
    let of = Links { through: &through, names: &names, sent: &ends.sent, waiting: &ends.waiting };
    let (purpose, write): (_, fn(&Links<'_>) -> sql::Text) = match sort {
        Sort::Link => (Purpose::Link(Address(*relation)), sql::link),
        _ => (Purpose::Unlink(Address(*relation)), sql::unlink),
    };
    let (statement, sources) =
        kept(near.table.id().facts(), Wanted::of(purpose, &waits), through.table, || write(&of));
    batch.sources = sources;
    let (rows, table) = (batch.rows.len(), near.table.shown);
    let params = StepParams::Batches(vec![batch]);
    let others = vec![through.shown()];
    Ok(Some(Step { statement, params, sort, table, others, rows, makes: Vec::new(), checked: None }))
}

/// The two ends of links: columns that are sent, and columns that wait.
struct Ends<'c> {
    columns: &'c [&'static ColumnModel],
    sent: Vec<Sent>,
    waiting: Vec<(usize, WaitingColumn)>,
}

impl Ends<'_> {
    fn take<'k>(
        &mut self,
        places: std::ops::Range<usize>,
        keys: impl Iterator<Item = &'k EndKey>,
        batch: &mut Batch,
        made: &Made,
    ) -> Result<(), Error> {
        let mut numbers = Vec::new();
        for key in keys {
            if let EndKey::Waits(number) = key {
                numbers.push(*number);
            }
        }
        if numbers.is_empty() {
            self.sent.extend(places.map(|place| Sent { column: self.columns[place], place }));
            return Ok(());
        }
        if numbers.len() != batch.rows.len() {
            return Err(never_made());
        }
        let column = waiting_column(batch, self.columns[places.start], numbers.into_iter(), made)?;
        self.waiting.push((places.start, column));
        Ok(())
    }
}

/// The columns of a link as far as they are known.
fn encoded(link: &LinkRow, nears: usize, fars: usize) -> EncodedRow {
    let end = |index| match index {
        near if near < nears => cell(&link.near.key, near),
        far => cell(&link.far.key, far - nears),
    };
    EncodedRow::of_cells((0..nears + fars).map(end))
}

fn cell(key: &EndKey, index: usize) -> Cell<'_> {
    match key {
        EndKey::Known(encoded) => encoded.cell(index),
        EndKey::Waits(_) => Cell::Absent,
    }
}
