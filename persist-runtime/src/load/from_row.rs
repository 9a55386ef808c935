//! Rows that are read into single values and tuples in place of structs.

use crate::error::Error;
use crate::value::cell::cell;
use crate::value::scalar::Cell;

/// What a row of single values is read into: one [`Cell`], or a tuple of up to twelve, which may be tuples themselves.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(db: &persist::Database) -> Result {
/// use persist::{FromRow, Sql};
///
/// /// The first page of any list, read into whatever the caller wants.
/// async fn listed<T: FromRow>(db: &persist::Database, list: &str) -> Result<Vec<T>, persist::Error> {
///     Sql::unchecked(format!("SELECT * FROM ({list}) AS list LIMIT 20")).all(db).await
/// }
///
/// let names: Vec<(String, bool)> = listed(db, "SELECT name, is_active FROM pipelines ORDER BY name").await?;
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "a row cannot be read into `{Self}`",
    label = "expected one value, or a tuple of up to twelve, which may be tuples themselves"
)]
pub trait FromRow: Sized + Send {
    /// How many columns it takes.
    const WIDTH: usize;

    /// Can it be read from columns of these types?
    ///
    /// # Errors
    /// The index of the first that does not fit.
    fn check(columns: &[tokio_postgres::Column]) -> Result<(), usize>;

    /// Reads the columns of a row from the one at an index on.
    ///
    /// # Errors
    /// A cell holds what its type cannot.
    fn from_row(row: &tokio_postgres::Row, first: usize) -> Result<Self, Error>;
}

/// Can a row be read into this tuple?
pub(crate) fn fits<T: FromRow>(row: &tokio_postgres::Row) -> Result<(), Error> {
    let columns = row.columns();
    if columns.len() != T::WIDTH {
        let found = columns.len();
        return Err(Error::invalid(format!(
            "the statement answers {found} columns, but {} are read from it",
            T::WIDTH
        )));
    }
    T::check(columns).map_err(|index| {
        let column = &columns[index];
        let (name, ty) = (column.name(), column.type_());
        let wanted = std::any::type_name::<T>();
        Error::invalid(format!("column {} `{name}` is `{ty}`, which does not fit in `{wanted}`", index + 1))
    })
}

#[diagnostic::do_not_recommend]
impl<T: Cell + Send> FromRow for T {
    const WIDTH: usize = 1;

    fn check(columns: &[tokio_postgres::Column]) -> Result<(), usize> {
        if T::accepts(columns[0].type_()) { Ok(()) } else { Err(0) }
    }

    fn from_row(row: &tokio_postgres::Row, first: usize) -> Result<Self, Error> {
        cell(row, first)
    }
}

macro_rules! from_row {
    ($($part:ident),*) => {
        #[diagnostic::do_not_recommend]
        impl<$($part: FromRow),*> FromRow for ($($part,)*) {
            const WIDTH: usize = 0 $(+ $part::WIDTH)*;

            fn check(columns: &[tokio_postgres::Column]) -> Result<(), usize> {
                let mut at = 0;
                $(
                    $part::check(&columns[at..]).map_err(|index| at + index)?;
                    at += $part::WIDTH;
                )*
                let _ = at;
                Ok(())
            }

            fn from_row(row: &tokio_postgres::Row, first: usize) -> Result<Self, Error> {
                let mut next = first;
                let read = ($({
                    let at = next;
                    next += $part::WIDTH;
                    $part::from_row(row, at)?
                },)*);
                let _ = next;
                Ok(read)
            }
        }
    };
}
from_row!(A);
from_row!(A, B);
from_row!(A, B, C);
from_row!(A, B, C, D);
from_row!(A, B, C, D, E);
from_row!(A, B, C, D, E, F);
from_row!(A, B, C, D, E, F, G);
from_row!(A, B, C, D, E, F, G, H);
from_row!(A, B, C, D, E, F, G, H, I);
from_row!(A, B, C, D, E, F, G, H, I, J);
from_row!(A, B, C, D, E, F, G, H, I, J, K);
from_row!(A, B, C, D, E, F, G, H, I, J, K, L);
