//! A row on the wire, read by constant index.

use tokio_postgres::types::{FromSql, Type};

use crate::error::Error;
use crate::scalar::{BoxError, Cell, Holds};

/// A row as it arrived. Its column types were checked when the statement was prepared.
pub struct Row<'r>(&'r tokio_postgres::Row);

impl<'r> Row<'r> {
    pub(crate) fn new(row: &'r tokio_postgres::Row) -> Self {
        Row(row)
    }

    /// Reads the cell at `index` from a column of the SQL type `S` and the nullability `N`.
    ///
    /// # Errors
    /// The cell holds what `T` cannot; the error names the column.
    #[inline]
    pub fn get<S, N, T: Holds<S, N>>(&self, index: usize) -> Result<T, Error> {
        T::read(self.raw(index)?).map_err(|source| self.decode_error(index, source))
    }

    /// Reads a cell of a statement that was not checked when the program was built.
    pub(crate) fn cell<T: Cell>(&self, index: usize) -> Result<T, Error> {
        let oid = self.0.columns()[index].type_().oid();
        T::read(oid, self.raw(index)?).map_err(|source| self.decode_error(index, source))
    }

    pub(crate) fn columns(&self) -> &'r [tokio_postgres::Column] {
        self.0.columns()
    }

    #[inline]
    fn raw(&self, index: usize) -> Result<Option<&'r [u8]>, Error> {
        match self.0.try_get::<_, Raw<'r>>(index) {
            Ok(Raw(raw)) => Ok(raw),
            Err(source) => Err(self.decode_error(index, source.into())),
        }
    }

    #[cold]
    fn decode_error(&self, index: usize, source: BoxError) -> Error {
        let column = self
            .0
            .columns()
            .get(index)
            .map_or_else(|| format!("number {}", index + 1), |c| c.name().to_owned());
        Error::decode(column, source)
    }
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
