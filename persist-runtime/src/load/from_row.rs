//! Rows that are read into single values and tuples in place of structs.

use crate::error::Error;
use crate::value::cell::cell;
use crate::value::scalar::Cell;

/// What a row of single values is read into: one [`Cell`], or a tuple of them.
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
    label = "expected one value, or a tuple of up to twelve"
)]
pub trait FromRow: Sized + Send {
    /// How many columns it takes.
    const WIDTH: usize;

    /// Can it be read from columns of these types?
    ///
    /// # Errors
    /// The index of the first that does not fit.
    fn check(columns: &[tokio_postgres::Column]) -> Result<(), usize>;

    /// Reads a row.
    ///
    /// # Errors
    /// A cell holds what its type cannot.
    fn from_row(row: &tokio_postgres::Row) -> Result<Self, Error>;
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

    fn from_row(row: &tokio_postgres::Row) -> Result<Self, Error> {
        cell(row, 0)
    }
}

macro_rules! from_row {
    ($width:literal: $($cell:ident $index:tt),*) => {
        #[diagnostic::do_not_recommend]
        impl<$($cell: Cell + Send),*> FromRow for ($($cell,)*) {
            const WIDTH: usize = $width;

            fn check(columns: &[tokio_postgres::Column]) -> Result<(), usize> {
                $(if !$cell::accepts(columns[$index].type_()) {
                    return Err($index);
                })*
                Ok(())
            }

            fn from_row(row: &tokio_postgres::Row) -> Result<Self, Error> {
                Ok(($(cell::<$cell>(row, $index)?,)*))
            }
        }
    };
}
from_row!(1: A 0);
from_row!(2: A 0, B 1);
from_row!(3: A 0, B 1, C 2);
from_row!(4: A 0, B 1, C 2, D 3);
from_row!(5: A 0, B 1, C 2, D 3, E 4);
from_row!(6: A 0, B 1, C 2, D 3, E 4, F 5);
from_row!(7: A 0, B 1, C 2, D 3, E 4, F 5, G 6);
from_row!(8: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
from_row!(9: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
from_row!(10: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
from_row!(11: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
from_row!(12: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);
