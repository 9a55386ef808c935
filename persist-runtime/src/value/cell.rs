//! Cells of rows as the driver has them.

use tokio_postgres::types::{FromSql, Type};

use crate::error::BoxError;
use crate::error::Error;
use crate::value::scalar::Cell;

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
pub(crate) fn decode_error(row: &tokio_postgres::Row, index: usize, source: BoxError) -> Error {
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
