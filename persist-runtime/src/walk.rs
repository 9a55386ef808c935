//! The rows that a struct holds, shown to a unit of work one after another.

use crate::error::Error;
use crate::image::{Encoder, Image};
use crate::model::Model;
use crate::parameters::Parameters;
use crate::row_key::LinkKey;
use crate::shape::{ToMany, ToOne};

/// Takes the rows of a struct and of all that belongs to it.
#[derive(Default)]
pub struct Walker {
    nodes: Vec<Node>,
    /// The rows that were entered and not left, the innermost last.
    open: Vec<usize>,
    error: Option<Error>,
    encoder: Encoder,
    /// Are the rows to be written, so that they are asked whether they may be?
    is_writing: bool,
}

/// A row of a struct.
pub(crate) struct Node {
    pub(crate) model: &'static Model,
    pub(crate) key: LinkKey,
    /// Its columns, in the order of [`Writing::columns`](crate::model::Writing::columns).
    pub(crate) image: Image,
    /// Its relations, and the places of their rows among all.
    pub(crate) relations: Vec<(Relation, Vec<usize>)>,
}

/// A relation, whichever way it is read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Relation {
    One(&'static ToOne),
    Many(&'static ToMany),
}

/// A field that holds rows.
pub trait Held {
    /// Shows each of them.
    fn show(&self, walker: &mut Walker);
}

impl Walker {
    /// Takes rows that are to be written.
    pub(crate) fn writing() -> Walker {
        Walker { is_writing: true, ..Walker::default() }
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
        let place = self.nodes.len();
        let valid = if self.is_writing { validate() } else { Ok(()) };
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

    /// The rows of a relation that has statements of its own.
    pub fn many(&mut self, relation: &'static ToMany, rows: &dyn Held) {
        self.related(Relation::Many(relation), rows);
    }

    /// The row of a relation that is joined.
    pub fn one(&mut self, relation: &'static ToOne, row: &dyn Held) {
        self.related(Relation::One(relation), row);
    }

    /// The row ends.
    pub fn leave(&mut self) {
        if self.error.is_none() {
            self.open.pop();
        }
    }

    /// All rows; those of a relation are behind the one that they belong to.
    pub(crate) fn finish(self) -> Result<Vec<Node>, Error> {
        self.error.map_or(Ok(self.nodes), Err)
    }

    fn node(&mut self, model: &'static Model, row: &dyn Parameters) -> Result<Node, Error> {
        let writing = &model.writing;
        for (index, column) in writing.columns.iter().enumerate() {
            let encoded = if self.is_writing {
                self.encoder.value(column, row, index)
            } else {
                self.encoder.read(column, row, index)
            };
            encoded.map_err(|error| error.of_table(model.table))?;
        }
        let image = self.encoder.finish();
        let key = writing.changeable..writing.changeable + model.key.len();
        let key =
            image.key(key).ok_or_else(|| Error::invalid(format!("the key of `{}` is NULL", model.table)))?;
        Ok(Node { model, key, image, relations: Vec::new() })
    }

    fn related(&mut self, relation: Relation, rows: &dyn Held) {
        if self.error.is_some() {
            return;
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

impl Relation {
    /// Are they the same?
    pub(crate) fn is(self, other: Relation) -> bool {
        match (self, other) {
            (Relation::One(one), Relation::One(other)) => std::ptr::eq(one, other),
            (Relation::Many(one), Relation::Many(other)) => std::ptr::eq(one, other),
            (Relation::One(_), Relation::Many(_)) | (Relation::Many(_), Relation::One(_)) => false,
        }
    }
}
