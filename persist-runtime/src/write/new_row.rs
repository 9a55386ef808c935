//! Rows that do not exist yet, with those that are nested in them, shown to a unit of work.

use crate::error::Error;
use crate::table::depth::{MOST_LEVELS, too_deep};
use crate::table::facts::Table;
use crate::table::model::Model;
use crate::table::shape::Relation;
use crate::table::shape::{ToMany, ToOne};
use crate::value::parameters::{Collected, Parameters};
use crate::value::scalar::Parameter;
use crate::write::encoded_row::{Cell, EncodedRow, Encoder};
use crate::write::handle::{Slot, Waiting};
use crate::write::identity::RowKey;

/// A row that does not exist yet, or a struct that no row is made of.
pub trait Insertable: Send + Sync + 'static {
    /// Shows the row and those that are nested in it.
    fn new_row(&self, new_rows: &mut NewRows<'_>);
}

/// Stands for the new rows of a view, of which there are none.
#[derive(Debug, Clone, Copy)]
pub enum Never {}

impl Insertable for Never {
    fn new_row(&self, _: &mut NewRows<'_>) {}
}

/// Takes rows that do not exist yet.
pub struct NewRows<'d> {
    list: &'d mut NewRowList,
    error: Option<Error>,
    /// Is something nested in the row that is shown?
    is_nested: bool,
}

/// The rows that a unit of work inserts, in the order in which they were given to it.
#[derive(Debug, Default)]
pub(crate) struct NewRowList {
    /// The number of the unit of work.
    pub(crate) unit: u64,
    pub(crate) new_rows: Vec<NewRow>,
    pub(crate) links: Vec<NewLink>,
    /// The key of each row that was ever inserted, by the number in its [`Slot`].
    pub(crate) keys: Vec<SlotKey>,
    /// The struct of each such row.
    pub(crate) models: Vec<&'static Model>,
    encoder: Encoder,
    /// The rows that were entered and not left, the innermost last, each with the relation that is shown.
    open: Vec<Open>,
}

/// A row that does not exist yet.
#[derive(Debug)]
pub(crate) struct NewRow {
    pub(crate) model: &'static Model,
    /// The columns of its table; those that are left to their DEFAULT, and those that wait, are absent.
    pub(crate) encoded: EncodedRow,
    /// The columns that wait for the key of another row of this list, and the number of that row.
    pub(crate) waits: Vec<(usize, u32)>,
    pub(crate) number: u32,
}

/// A row of a link table.
#[derive(Debug)]
pub(crate) struct NewLink {
    pub(crate) relation: &'static ToMany,
    /// The number of the row on this side.
    pub(crate) near: u32,
    /// The other side.
    pub(crate) other: &'static Model,
    pub(crate) far: Far,
}

/// The other end of a link.
#[derive(Debug)]
pub(crate) enum Far {
    Key(EncodedRow),
    Row(u32),
}

/// What is known of the key of a row.
#[derive(Debug, Clone)]
pub(crate) enum SlotKey {
    Known(EncodedRow),
    /// It has one column, which is at this place of the row.
    Given(EncodedRow, usize),
    /// The database will make it.
    Made,
}

impl SlotKey {
    /// The columns of the key, once they are known.
    pub(crate) fn encoded(&self) -> Option<EncodedRow> {
        match self {
            SlotKey::Known(key) => Some(key.clone()),
            SlotKey::Given(row, place) => Some(EncodedRow::of_cells([row.cell(*place)].into_iter())),
            SlotKey::Made => None,
        }
    }

    /// The first of them.
    fn first(&self) -> Option<Cell<'_>> {
        match self {
            SlotKey::Known(key) => Some(key.cell(0)),
            SlotKey::Given(row, place) => Some(row.cell(*place)),
            SlotKey::Made => None,
        }
    }
}

impl NewRowList {
    /// The key of a row that was inserted, once it is known.
    pub(crate) fn key(&self, slot: Slot) -> Option<EncodedRow> {
        self.keys.get(slot.row as usize).filter(|_| slot.unit == self.unit)?.encoded()
    }

    /// Adds a row with those that are nested in it, or nothing, also where the user's code panics meanwhile.
    pub(crate) fn add(&mut self, new_row: impl FnOnce(&mut NewRows<'_>)) -> Result<Slot, Error> {
        self.add_if(new_row, |new_rows, _| new_rows.iter().try_for_each(NewRow::check_key))
    }

    /// The same, of rows that belong to one that is there, by this relation.
    pub(crate) fn add_to(
        &mut self,
        (table, row): (&'static Table, EncodedRow),
        relation: Relation,
        new_row: impl FnOnce(&mut NewRows<'_>),
    ) -> Result<Slot, Error> {
        self.add_below(Holder::Stored(table, row), relation, new_row)
    }

    /// The same, of rows that belong to one that was inserted by this unit of work.
    pub(crate) fn add_to_new(
        &mut self,
        slot: Slot,
        relation: Relation,
        new_row: impl FnOnce(&mut NewRows<'_>),
    ) -> Result<Slot, Error> {
        let unknown = || Error::invalid("a handle stands for a row of its own unit of work only");
        let model =
            self.models.get(slot.row as usize).filter(|_| slot.unit == self.unit).ok_or_else(unknown)?;
        let place = self.new_rows.iter().position(|row| row.number == slot.row);
        let holder = match (place, self.key(slot)) {
            (Some(place), _) => Holder::New(place),
            (None, Some(key)) => {
                let cell = |place: usize| match model.table.key.iter().position(|part| *part == place) {
                    Some(part) => key.cell(part),
                    None => Cell::Absent,
                };
                Holder::Stored(model.table, EncodedRow::of_cells((0..model.table.columns.len()).map(cell)))
            }
            (None, None) => return Err(unknown()),
        };
        self.add_below(holder, relation, new_row)
    }

    fn add_below(
        &mut self,
        row: Holder,
        relation: Relation,
        new_row: impl FnOnce(&mut NewRows<'_>),
    ) -> Result<Slot, Error> {
        self.add(|new_rows| {
            new_rows.list.open.push(Open { row, relation: Some(relation) });
            new_row(new_rows);
            new_rows.list.open.pop();
        })
    }

    /// The same as [`add`](Self::add), unless the rows are refused.
    pub(crate) fn add_if(
        &mut self,
        new_row: impl FnOnce(&mut NewRows<'_>),
        check: impl FnOnce(&[NewRow], &[NewLink]) -> Result<(), Error>,
    ) -> Result<Slot, Error> {
        let mut addition = Addition::new(self);
        let mut shown = NewRows::new(addition.list);
        new_row(&mut shown);
        shown.finish()?;
        check(&addition.list.new_rows[addition.new_rows..], &addition.list.links[addition.links..])?;
        addition.is_whole = true;
        Ok(Slot { unit: addition.list.unit, row: addition.keys as u32 })
    }
}

/// Rows that are being added. Unless that comes to its end, they are taken out again.
struct Addition<'l> {
    list: &'l mut NewRowList,
    new_rows: usize,
    links: usize,
    keys: usize,
    is_whole: bool,
}

impl<'l> Addition<'l> {
    fn new(list: &'l mut NewRowList) -> Self {
        let (new_rows, links, keys) = (list.new_rows.len(), list.links.len(), list.keys.len());
        Addition { list, new_rows, links, keys, is_whole: false }
    }
}

impl Drop for Addition<'_> {
    fn drop(&mut self) {
        if !self.is_whole {
            self.list.new_rows.truncate(self.new_rows);
            self.list.links.truncate(self.links);
            self.list.keys.truncate(self.keys);
            self.list.models.truncate(self.keys);
        }
    }
}

/// Is something nested in a new row?
pub(crate) fn has_nested(show: impl FnOnce(&mut NewRows<'_>)) -> bool {
    let mut list = NewRowList::default();
    let mut new_rows = NewRows::new(&mut list);
    show(&mut new_rows);
    new_rows.is_nested
}

/// The keys that a new row is linked to.
pub trait LinkKeys {
    /// Shows each: what it waits for, or its value.
    fn each(&self, take: &mut dyn FnMut(Option<Waiting>, &dyn Parameter));
}

/// A row that was entered.
#[derive(Debug)]
struct Open {
    row: Holder,
    /// The relation by which it holds the rows that are shown.
    relation: Option<Relation>,
}

/// A row to which new ones belong.
#[derive(Debug)]
enum Holder {
    /// A new one, by its place in the list.
    New(usize),
    /// One that is there, or whose key is known.
    Stored(&'static Table, EncodedRow),
}

/// A new row as it is shown.
pub(crate) struct Shown<'s> {
    pub(crate) model: &'static Model,
    pub(crate) row: &'s dyn Parameters,
    pub(crate) is_given: &'s dyn Fn(usize) -> bool,
    pub(crate) waiting: &'s dyn Fn(usize) -> Option<Waiting>,
    pub(crate) validate: &'s dyn Fn() -> Result<(), Error>,
}

impl<'d> NewRows<'d> {
    /// Adds to a list.
    pub(crate) fn new(list: &'d mut NewRowList) -> Self {
        list.open.clear();
        NewRows { list, error: None, is_nested: false }
    }

    /// The rows that are nested in the row that was entered last.
    pub fn nest<D: Insertable>(&mut self, relation: &'static ToMany, rows: &[D]) {
        self.nest_by(Relation::Many(relation), rows);
    }

    /// The same for a relation that is joined.
    pub fn nest_one<D: Insertable>(&mut self, relation: &'static ToOne, rows: &[D]) {
        self.nest_by(Relation::One(relation), rows);
    }

    /// The rows on the other side of a link table, whose keys are those of `other`.
    pub fn link(&mut self, relation: &'static ToMany, other: &'static Model, keys: &dyn LinkKeys) {
        self.is_nested = true;
        let Some(Open { row: Holder::New(place), .. }) = self.list.open.last() else { return };
        let near = self.list.new_rows[*place].number;
        keys.each(&mut |waiting, value| {
            let far = self.far(other, waiting, value);
            match far {
                Ok(far) => self.list.links.push(NewLink { relation, near, other, far }),
                Err(error) => drop(self.error.get_or_insert(error)),
            }
        });
    }

    /// A row, and then those that are nested in it.
    pub(crate) fn enter(&mut self, shown: &Shown<'_>, nested: impl FnOnce(&mut Self)) {
        if self.error.is_some() {
            return;
        }
        let fits = match self.list.open.len() <= MOST_LEVELS as usize {
            true => (shown.validate)(),
            false => Err(too_deep(shown.model.table.shown, "insert those below afterwards")),
        };
        match fits.and_then(|()| self.new_row(shown)) {
            Ok(new_row) => {
                self.list.new_rows.push(new_row);
                self.list.open.push(Open { row: Holder::New(self.list.new_rows.len() - 1), relation: None });
                nested(self);
                self.list.open.pop();
            }
            Err(error) => self.error = Some(error),
        }
    }

    /// The first thing that was wrong.
    pub(crate) fn finish(self) -> Result<(), Error> {
        self.error.map_or(Ok(()), Err)
    }

    fn nest_by<D: Insertable>(&mut self, relation: Relation, rows: &[D]) {
        self.is_nested |= !rows.is_empty();
        match self.list.open.last_mut() {
            Some(open) => open.relation = Some(relation),
            None => return,
        }
        for row in rows {
            row.new_row(self);
        }
    }

    fn new_row(&mut self, shown: &Shown<'_>) -> Result<NewRow, Error> {
        let mut encoder = std::mem::take(&mut self.list.encoder);
        self.check_relation(shown.model)?;
        let waits = self.encode(shown, &mut encoder)?;
        let encoded = encoder.finish();
        let number = u32::try_from(self.list.keys.len()).map_err(|_| Error::invalid("too many rows"))?;
        let new_row = NewRow { model: shown.model, encoded, waits, number };
        self.list.keys.push(new_row.key());
        self.list.encoder = encoder;
        self.list.models.push(shown.model);
        Ok(new_row)
    }

    /// Encodes the columns; answers those that wait.
    fn encode(&self, shown: &Shown<'_>, encoder: &mut Encoder) -> Result<Vec<(usize, u32)>, Error> {
        let mut waits = Vec::new();
        let table = shown.model.table;
        encoder.begin(table.columns.len());
        let parent = match self.list.open.last() {
            Some(Open { row, relation: Some(relation) }) => Some((row, *relation)),
            Some(_) | None => None,
        };
        for (index, place) in shown.model.insert.places.iter().copied().enumerate() {
            let near = parent.and_then(|(row, relation)| Some((row, relation.near_of(place)?)));
            let source = match near {
                Some((Holder::New(parent), near)) => of_parent(&self.list.new_rows[*parent], near)?,
                Some((Holder::Stored(table, row), near)) => of_stored(table, row, near)?,
                // What is not given waits for nothing.
                None if !(shown.is_given)(index) => Source::Cell(Cell::Absent),
                None => self.source(shown, index, place)?,
            };
            match source {
                Source::Row => encoder
                    .value(place, &table.columns[place], shown.row, index)
                    .map_err(|error| error.of_table(table.shown))?,
                Source::Cell(cell) => encoder.cell(place, cell),
                Source::Waits(number) => waits.push((place, number)),
            }
        }
        Ok(waits)
    }

    /// Has a row of this struct the columns by which it refers to the one that it is nested in?
    fn check_relation(&self, model: &'static Model) -> Result<(), Error> {
        let relation = self.list.open.last().and_then(|open| open.relation);
        match relation.and_then(|relation| relation.pairs().find(|(far, _)| !model.insert.has(*far))) {
            None => Ok(()),
            Some((far, _)) => Err(Error::invalid(format!(
                "a row of `{}` cannot be nested in another one, because its struct has no field for `{}`, by which it would refer to \
                 that; add one",
                model.table.shown, model.table.columns[far].name
            ))),
        }
    }

    /// Where the value of a column comes from that is given.
    fn source(&self, shown: &Shown<'_>, index: usize, place: usize) -> Result<Source<'_>, Error> {
        let column = &shown.model.table.columns[place];
        match (shown.waiting)(index) {
            Some(Waiting::Parent) => Err(Error::invalid(format!(
                "`{}.{}` is `Parent`, but the row is not nested in one that the column refers to",
                shown.model.table.shown, column.name
            ))),
            Some(Waiting::Row(slot)) => {
                self.refers(shown.model, place, slot)?;
                self.of_row(slot)
            }
            None => Ok(Source::Row),
        }
    }

    /// Does the column refer to the table of the row that a handle stands for?
    fn refers(&self, model: &Model, place: usize, slot: Slot) -> Result<(), Error> {
        let table = model.table;
        let mut keys = table.references.iter().filter(|reference| *reference.columns == [place]);
        match self.list.models.get(slot.row as usize) {
            Some(other) if slot.unit == self.list.unit && keys.clone().next().is_some() => {
                match keys.any(|reference| reference.is_to(other.table)) {
                    true => Ok(()),
                    false => Err(Error::invalid(format!(
                        "`{}.{}` does not refer to `{}`, for a row of which the handle stands",
                        table.shown, table.columns[place].name, other.table.shown
                    ))),
                }
            }
            Some(_) | None => Ok(()),
        }
    }

    fn of_row(&self, slot: Slot) -> Result<Source<'_>, Error> {
        let key = self.list.keys.get(slot.row as usize).filter(|_| slot.unit == self.list.unit);
        let key =
            key.ok_or_else(|| Error::invalid("a handle stands for a row of its own unit of work only"))?;
        Ok(key.first().map_or(Source::Waits(slot.row), Source::Cell))
    }

    fn far(
        &self,
        other: &'static Model,
        waiting: Option<Waiting>,
        value: &dyn Parameter,
    ) -> Result<Far, Error> {
        match waiting {
            Some(Waiting::Parent) => Err(Error::invalid("`Parent` is no key to link to")),
            Some(Waiting::Row(slot)) => match self.of_row(slot)? {
                Source::Waits(number) => Ok(Far::Row(number)),
                Source::Cell(cell) => Ok(Far::Key(EncodedRow::of_cells([cell].into_iter()))),
                Source::Row => Err(Error::invalid("a handle is no value of its own")),
            },
            None => {
                let mut encoder = Encoder::default();
                encoder.begin(1);
                encoder.value(0, other.key[0], &Collected(vec![value]), 0)?;
                Ok(Far::Key(encoder.finish()))
            }
        }
    }
}

/// The value of a column of the row that another one is nested in.
fn of_parent(parent: &NewRow, near: usize) -> Result<Source<'_>, Error> {
    let table = parent.model.table;
    match parent.encoded.cell(near) {
        Cell::Absent if *table.key == [near] => Ok(Source::Waits(parent.number)),
        _ => of_stored(table, &parent.encoded, near),
    }
}

/// The same of a row that is there.
fn of_stored<'r>(table: &Table, row: &'r EncodedRow, near: usize) -> Result<Source<'r>, Error> {
    match row.cell(near) {
        Cell::Absent => Err(Error::invalid(format!(
            "`{}.{}` has no value yet, or its struct has no field for it, but rows that are nested in it refer to it",
            table.shown, table.columns[near].name
        ))),
        cell => Ok(Source::Cell(cell)),
    }
}

/// Where the value of a column of a new row comes from.
enum Source<'s> {
    Row,
    Cell(Cell<'s>),
    /// The key that the database will make for a row.
    Waits(u32),
}

impl NewRow {
    /// Takes the keys that were made since the row was given.
    pub(crate) fn resolve(&mut self, keys: &[SlotKey]) {
        let NewRow { waits, encoded, .. } = self;
        waits.retain(|(column, number)| match keys.get(*number as usize).and_then(SlotKey::first) {
            Some(key) => {
                *encoded = encoded.replaced(*column, key);
                false
            }
            None => true,
        });
    }

    /// Where the database makes one column of several of a key, its answer does not say which row got which
    /// key.
    fn check_key(&self) -> Result<(), Error> {
        let table = self.model.table;
        let is_made = |place: &&usize| {
            let waits = self.waits.iter().any(|(column, _)| column == *place);
            !waits && self.encoded.cell(**place) == Cell::Absent
        };
        if table.key.len() > 1
            && let Some(made) = table.key.iter().find(is_made)
        {
            return Err(Error::invalid(format!(
                "the primary key of `{table}` has several columns, and `{column}` has no value because the database makes it: give it \
                 one, or insert the row by itself, by the repository of `{table}`",
                table = table.shown,
                column = table.columns[*made].name
            )));
        }
        Ok(())
    }

    /// Which row it will be, if its key is known.
    pub(crate) fn row_key(&self) -> Option<RowKey> {
        let key = self.encoded.key(self.model.table.key.iter().copied())?;
        Some(RowKey::new(self.model.id(), key))
    }

    /// Its primary key, as far as it is known.
    fn key(&self) -> SlotKey {
        let key = self.model.table.key;
        if key.iter().any(|place| self.encoded.cell(*place) == Cell::Absent) {
            return SlotKey::Made;
        }
        match key {
            [only] => SlotKey::Given(self.encoded.clone(), *only),
            several => {
                SlotKey::Known(EncodedRow::of_cells(several.iter().map(|place| self.encoded.cell(*place))))
            }
        }
    }
}
