//! Rows of link tables.

use super::inserted::{WAITS, never_made, waiting_column};
use super::kept::{Address, Purpose, Wanted, kept};
use super::{Made, Sort, Step, StepParams};
use crate::error::Error;
use crate::sql::batch::{self as sql, LinkColumn, LinkValue, Links, Sent};
use crate::unit_of_work::changes::{End, EndKey, LinkRow};
use crate::write::batch::Batch;
use crate::write::encoded_row::{Cell, EncodedRow};

/// Added to the place of a column whose value is asked of the row, so that it differs from one that is sent.
const ASKED: usize = WAITS << 1;

/// Adds or takes away links of one relation, or asks which are there; all of them wait for the same statements, and are named
/// alike.
pub(crate) fn links(sort: Sort, links: &[&LinkRow], made: &Made) -> Result<Option<Step<'static>>, Error> {
    let Some(first) = links.first() else { return Ok(None) };
    let relation = first.relation;
    let Some(through) = relation.link.through else { return Ok(None) };
    let (nears, fars) = (relation.link.columns.iter(), through.on.iter());
    let nears: Vec<&'static str> = nears.map(|(name, _)| *name).collect();
    let fars: Vec<&'static str> = fars.map(|(name, ..)| *name).collect();
    let mut sending =
        Sending { batch: Batch::default(), sent: Vec::new(), columns: Vec::new(), asked: Vec::new() };
    let near_ends: Vec<&End> = links.iter().map(|link| &link.near).collect();
    let far_ends: Vec<&End> = links.iter().map(|link| &link.far).collect();
    sending.take(&nears, relation.near, &near_ends, made)?;
    sending.take(&fars, relation.far, &far_ends, made)?;
    let Sending { mut batch, sent, columns, asked } = sending;
    batch.rows = links.iter().map(|link| encoded([&link.near, &link.far])).collect();
    let of = Links { through: &through, sent: &sent, columns: &columns };
    let (purpose, write): (_, fn(&Links<'_>) -> sql::Text) = match sort {
        Sort::Link => (Purpose::Link(Address(relation)), sql::link),
        Sort::Lock => (Purpose::Linked(Address(relation)), sql::linked),
        _ => (Purpose::Unlink(Address(relation)), sql::unlink),
    };
    let table = first.near.table;
    let (statement, sources) =
        kept(table.id().facts(), Wanted::of(purpose, &asked), through.table, || write(&of));
    batch.sources = sources;
    let (rows, params) = (batch.rows.len(), StepParams::Batches(vec![batch]));
    let (table, others) = (table.shown, vec![through.shown()]);
    Ok(Some(Step { statement, params, sort, table, others, rows, makes: Vec::new(), checked: None }))
}

/// What is sent of links, and what their columns are made of.
struct Sending {
    batch: Batch,
    sent: Vec<Sent>,
    columns: Vec<LinkColumn>,
    /// What is not simply sent, for the statement to be found by.
    asked: Vec<usize>,
}

impl Sending {
    /// The columns of one end, with the places of what they refer to.
    fn take(
        &mut self,
        names: &[&'static str],
        places: &[usize],
        ends: &[&End],
        made: &Made,
    ) -> Result<(), Error> {
        let Some(first) = ends.first() else { return Ok(()) };
        let table = first.table;
        let mut numbers = Vec::new();
        for end in ends {
            if let EndKey::Waits(number) = end.key {
                numbers.push(number);
            }
        }
        if !numbers.is_empty() {
            let (true, Some(name)) = (numbers.len() == ends.len(), names.first()) else {
                return Err(never_made());
            };
            let to = &table.columns[places[0]];
            let value = LinkValue::Waiting(waiting_column(&mut self.batch, to, numbers.into_iter(), made)?);
            self.asked.push(self.columns.len() + WAITS);
            self.columns.push(LinkColumn { name, to, value });
            return Ok(());
        }
        let key = self.sent.len();
        if first.named.is_some() {
            self.send(table.key.iter().map(|place| &table.columns[*place]));
        }
        for (name, place) in names.iter().zip(places) {
            let (to, at) = (&table.columns[*place], self.sent.len());
            self.send(std::iter::once(to));
            let value = match first.named {
                Some(_) => {
                    self.asked.push(self.columns.len() + ASKED);
                    LinkValue::OfRow(table, key, at)
                }
                None => LinkValue::Sent(at),
            };
            self.columns.push(LinkColumn { name, to, value });
        }
        Ok(())
    }

    fn send(&mut self, columns: impl Iterator<Item = &'static crate::table::column::ColumnModel>) {
        let first = self.sent.len();
        self.sent.extend(columns.zip(first..).map(|(column, place)| Sent { column, place }));
    }
}

/// What is sent of a link: of each end its key, where links refer to other columns, and what they refer to.
fn encoded(ends: [&End; 2]) -> EncodedRow {
    let mut cells: Vec<Cell<'_>> = Vec::new();
    for end in ends {
        let EndKey::Known(known) = &end.key else { continue };
        cells.extend(end.named.iter().flat_map(|row| row.cells()).map(Cell::Value));
        cells.extend((0..known.columns()).map(|index| known.cell(index)));
    }
    EncodedRow::of_cells(cells.into_iter())
}
