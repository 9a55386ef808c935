//! A row on the wire, read by constant index, and what was loaded for it.

use crate::error::Error;
use crate::load::group::{Group, Loaded};
use crate::value::cell::{self, raw};
use crate::value::scalar::{Cell, Holds};

/// A row as it arrived. Its column types were checked when the statement was prepared.
///
/// Structs are decoded from it one after the other: each [enters](Self::enter) with as many cells and
/// relations as it has.
pub struct Row<'r> {
    row: &'r tokio_postgres::Row,
    loaded: &'r mut Loaded,
    cells: usize,
    relations: usize,
}

/// Where a struct begins in a row.
#[derive(Clone, Copy)]
pub struct At {
    cell: usize,
    relation: usize,
}

impl At {
    /// The index of a cell of the struct.
    #[inline]
    pub fn cell(self, index: usize) -> usize {
        self.cell + index
    }
}

impl<'r> Row<'r> {
    pub(crate) fn new(row: &'r tokio_postgres::Row, loaded: &'r mut Loaded) -> Self {
        Row { row, loaded, cells: 0, relations: 0 }
    }

    /// Begins a struct that has this many cells and relations of its own.
    #[inline]
    pub fn enter(&mut self, cells: usize, relations: usize) -> At {
        let at = At { cell: self.cells, relation: self.relations };
        self.cells += cells;
        self.relations += relations;
        at
    }

    /// Reads the cell at `index` from a column of the SQL type `S` and the nullability `N`.
    ///
    /// # Errors
    /// The cell holds what `T` cannot; the error names the column.
    #[inline]
    pub fn get<S, N, T: Holds<S, N>>(&self, index: usize) -> Result<T, Error> {
        T::read(self.raw(index)?).map_err(|source| cell::decode_error(self.row, index, source))
    }

    /// Reads a cell of a statement that was not checked when the program was built.
    pub(crate) fn cell<T: Cell>(&self, index: usize) -> Result<T, Error> {
        cell::cell(self.row, index)
    }

    /// The bytes of a cell; `None` is NULL.
    #[inline]
    pub(crate) fn raw(&self, index: usize) -> Result<Option<&'r [u8]>, Error> {
        raw(self.row, index)
    }

    /// The row as the driver has it.
    pub(crate) fn arrived(&self) -> &'r tokio_postgres::Row {
        self.row
    }

    /// What was loaded for a relation of the struct that begins at `at`.
    pub(crate) fn group(&mut self, at: At, relation: usize) -> &mut dyn Group {
        self.loaded.groups[at.relation + relation].as_mut()
    }
}
