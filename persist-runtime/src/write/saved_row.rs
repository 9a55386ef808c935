//! The rows that a struct holds, shown to a unit of work one after another.

use crate::error::Error;
use crate::table::depth::{MOST_LEVELS, too_deep};
use crate::table::model::Model;
use crate::table::shape::{Relation, ShapeModel, ToMany, ToOne};
use crate::value::parameters::Parameters;
use crate::value::row_key::LinkKey;
use crate::write::encoded_row::{EncodedRow, Encoder};
use crate::write::shown_row::{ShownColumns, ShownRow};

/// Takes the rows of one struct after another, each with all that belongs to it.
#[derive(Default)]
pub struct SavedRows {
    nodes: Vec<SavedRow>,
    /// The rows that were entered and not left, the innermost last.
    open: Vec<usize>,
    error: Option<Error>,
    encoder: Encoder,
    /// How many views are open around what is shown.
    views: usize,
    /// The relation whose rows are shown as those of a view, whatever their structs are.
    shown: Option<Relation>,
    /// Are the rows to be written, so that they are asked whether they may be?
    is_writing: bool,
    /// How many rows the last struct had: the next one may have as many.
    usual: usize,
}

/// Room that is made for the next struct at most, however many rows the last one had.
const MOST_USUAL: usize = 64;

const ADVICE: &str = "save those below by themselves";

fn misplaced(relation: &ToMany) -> Error {
    Error::invalid(format!(
        "a row of `{}` stands under another key of the map than its own column has: set the column, which is what is written, and \
         put the row under it",
        relation.field
    ))
}

/// A row of a struct.
pub(crate) struct SavedRow {
    pub(crate) model: &'static Model,
    pub(crate) key: LinkKey,
    /// The columns of its table; those that the struct does not write are absent.
    pub(crate) encoded: EncodedRow,
    /// Its relations, and the places of their rows among all.
    pub(crate) relations: Vec<(Relation, Vec<usize>)>,
    /// The rows of views among them, which are only read.
    pub(crate) shown: Vec<ShownRow>,
}

/// A field that holds rows.
pub trait Held {
    /// Shows each of them.
    fn show(&self, walker: &mut SavedRows);
}

impl SavedRows {
    /// The rows that a struct shows; those of a relation come after the one that they belong to.
    pub(crate) fn walk(&mut self, show: impl FnOnce(&mut Self)) -> Result<Vec<SavedRow>, Error> {
        self.is_writing = false;
        self.taken(show)
    }

    /// The same of a struct that is to be written.
    pub(crate) fn collect_to_write(&mut self, show: impl FnOnce(&mut Self)) -> Result<Vec<SavedRow>, Error> {
        self.is_writing = true;
        self.taken(show)
    }

    fn taken(&mut self, show: impl FnOnce(&mut Self)) -> Result<Vec<SavedRow>, Error> {
        self.nodes = Vec::with_capacity(self.usual.min(MOST_USUAL));
        self.open.clear();
        self.views = 0;
        self.shown = None;
        self.error = None;
        show(self);
        let nodes = std::mem::take(&mut self.nodes);
        self.usual = nodes.len();
        self.error.take().map_or(Ok(nodes), Err)
    }

    /// A row begins.
    pub fn enter(
        &mut self,
        model: &'static Model,
        row: &dyn Parameters,
        validate: &dyn Fn() -> Result<(), Error>,
    ) {
        if self.error.is_some() {
            return;
        }
        if self.views > 0 {
            let cells = model.places.iter().copied();
            return self.see(ShownColumns::Table(model.table), cells, row);
        }
        let place = self.nodes.len();
        let valid = match self.is_writing {
            _ if self.open.len() > MOST_LEVELS as usize => Err(too_deep(model.table.shown, ADVICE)),
            true => validate(),
            false => Ok(()),
        };
        match valid.and_then(|()| self.node(model, row)) {
            Ok(node) => {
                if let Some((_, rows)) = self.relation() {
                    rows.push(place);
                }
                self.nodes.push(node);
                self.open.push(place);
            }
            Err(error) => drop(self.error.get_or_insert(error)),
        }
    }

    /// A row of a view: it is only read, and kept so that a change of it is noticed. The cells are those that are
    /// columns of its table; then it shows what it holds.
    pub fn view(
        &mut self,
        shape: &'static ShapeModel,
        cells: &[usize],
        row: &dyn Parameters,
        show: &dyn Fn(&mut SavedRows),
    ) {
        if self.error.is_none() && !self.open.is_empty() {
            self.see(ShownColumns::View(shape), cells.iter().copied(), row);
            self.views += 1;
            show(self);
            self.views -= 1;
        }
    }

    fn see(&mut self, columns: ShownColumns, cells: impl Iterator<Item = usize>, row: &dyn Parameters) {
        self.encoder.begin(columns.count());
        let encoder = &mut self.encoder;
        let mut read = cells.enumerate();
        let encoded = read.try_for_each(|(index, cell)| encoder.read(cell, columns.column(cell), row, index));
        let encoded = encoded.map(|()| self.encoder.finish());
        match (encoded, self.open.last().map(|place| &mut self.nodes[*place])) {
            (Ok(encoded), Some(SavedRow { relations, shown, .. })) => {
                let relation = self.shown.or(relations.last().map(|(relation, _)| *relation));
                shown.extend(relation.map(|relation| ShownRow { relation, columns, encoded }));
            }
            (Ok(_), None) => {}
            (Err(error), _) => drop(self.error.get_or_insert(error)),
        }
    }

    /// The rows of a relation that has statements of its own.
    pub fn many(&mut self, relation: &'static ToMany, rows: &dyn Held) {
        match relation.climb {
            Some(_) if self.views == 0 => self.shown(Relation::Many(relation), rows),
            _ => self.related(Relation::Many(relation), rows),
        }
    }

    /// Rows that are only read.
    fn shown(&mut self, relation: Relation, rows: &dyn Held) {
        if self.error.is_none() && !self.open.is_empty() {
            (self.shown, self.views) = (Some(relation), 1);
            rows.show(self);
            (self.shown, self.views) = (None, 0);
        }
    }

    /// The same of a map. Is each of its rows found by what it has itself?
    pub fn map(&mut self, relation: &'static ToMany, rows: &dyn Held, is_keyed: &dyn Fn() -> bool) {
        if self.is_writing && self.error.is_none() && !is_keyed() {
            self.error = Some(misplaced(relation));
            return;
        }
        self.many(relation, rows);
    }

    /// The row of a relation that is joined.
    pub fn one(&mut self, relation: &'static ToOne, row: &dyn Held) {
        self.related(Relation::One(relation), row);
    }

    /// The row ends.
    pub fn leave(&mut self) {
        if self.error.is_none() && self.views == 0 {
            self.open.pop();
        }
    }

    fn node(&mut self, model: &'static Model, row: &dyn Parameters) -> Result<SavedRow, Error> {
        let table = model.table;
        self.encoder.begin(table.columns.len());
        for (index, place) in model.places.iter().enumerate() {
            let column = &table.columns[*place];
            // Only an array may be one that cannot be written.
            let encoded = if self.is_writing && column.is_array() {
                self.encoder.value(*place, column, row, index)
            } else {
                self.encoder.read(*place, column, row, index)
            };
            encoded.map_err(|error| error.of_table(table.shown))?;
        }
        let encoded = self.encoder.finish();
        let key = encoded
            .key(table.key.iter().copied())
            .ok_or_else(|| Error::invalid(format!("the key of `{}` is NULL", table.shown)))?;
        Ok(SavedRow { model, key, encoded, relations: Vec::new(), shown: Vec::new() })
    }

    fn related(&mut self, relation: Relation, rows: &dyn Held) {
        if self.error.is_some() {
            return;
        }
        if self.views > 0 {
            return rows.show(self);
        }
        if let Some(place) = self.open.last() {
            self.nodes[*place].relations.push((relation, Vec::new()));
            rows.show(self);
        }
    }

    /// The relation whose rows come next.
    fn relation(&mut self) -> Option<&mut (Relation, Vec<usize>)> {
        let place = *self.open.last()?;
        self.nodes[place].relations.last_mut()
    }
}
