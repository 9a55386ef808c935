//! A row on the wire, read by constant index, and what was loaded for it.

use tokio_postgres::types::{FromSql, Type};

use crate::error::BoxError;
use crate::error::Error;
use crate::load::group::{Group, Loaded};
use crate::value::scalar::{Cell, Holds};

/// A row as it arrived. Its column types were checked when the statement was prepared.
///
/// Structs are decoded from it one behind the other: each [enters](Self::enter) with as many cells and relations as it has.
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
        T::read(self.raw(index)?).map_err(|source| decode_error(self.row, index, source))
    }

    /// Reads a cell of a statement that was not checked when the program was built.
    pub(crate) fn cell<T: Cell>(&self, index: usize) -> Result<T, Error> {
        cell(self.row, index)
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

/// Reads a cell of a statement that was not checked when the program was built.
pub(crate) fn cell<T: Cell>(row: &tokio_postgres::Row, index: usize) -> Result<T, Error> {
    let oid = row.columns()[index].type_().oid();
    T::read(oid, raw(row, index)?).map_err(|source| decode_error(row, index, source))
}

/// The bytes of a cell; `None` is NULL.
#[inline]
pub(crate) fn raw(row: &tokio_postgres::Row, index: usize) -> Result<Option<&[u8]>, Error> {
    match row.try_get::<_, Raw<'_>>(index) {
        Ok(Raw(raw)) => Ok(raw),
        Err(source) => Err(decode_error(row, index, source.into())),
    }
}

#[cold]
fn decode_error(row: &tokio_postgres::Row, index: usize, source: BoxError) -> Error {
    let column =
        row.columns().get(index).map_or_else(|| format!("number {}", index + 1), |c| c.name().to_owned());
    Error::decode(column, source)
}

/// The bytes of a cell, borrowed; `None` is NULL.
struct Raw<'r>(Option<&'r [u8]>);

impl<'r> FromSql<'r> for Raw<'r> {
    #[inline]
    fn from_sql(_: &Type, raw: &'r [u8]) -> Result<Self, BoxError> {
        Ok(Raw(Some(raw)))
    }

    #[inline]
    fn from_sql_null(_: &Type) -> Result<Self, BoxError> {
        Ok(Raw(None))
    }

    #[inline]
    fn accepts(_: &Type) -> bool {
        true
    }
}
