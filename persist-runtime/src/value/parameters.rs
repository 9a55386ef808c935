//! The parameters of a statement, without a list of boxes: a row, a key or a list of rows writes them by
//! index.

use std::fmt;

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, Oid, ToSql, Type, to_sql_checked};

use crate::error::{BoxError, Error};
use crate::value::scalar::write_array;
use crate::value::scalar::{Parameter, Scalar};

/// The parameters of one statement, `$1` being index 0.
pub trait Parameters: Send + Sync {
    /// How many there are.
    fn count(&self) -> usize;

    /// Writes the parameter at `index` as the SQL type `ty`.
    ///
    /// # Errors
    /// The value has no equivalent in SQL.
    fn write(&self, index: usize, ty: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError>;
}

/// The primary key of an entity: a [`Scalar`](crate::value::scalar::Scalar), or a tuple for a composite key.
///
/// ```
/// use persist::{Entity, Error};
///
/// async fn exists<E: Entity<Key: Clone>>(db: &persist::Database, key: &E::Key) -> Result<bool, Error> {
///     Ok(db.repository::<E>().find(key.clone()).await?.is_some())
/// }
/// ```
pub trait Key: Parameters + Sized + 'static {
    /// Reads it from the binary form of its parts, each with the OID of its type.
    ///
    /// # Errors
    /// There are more or fewer parts, or one has no equivalent in Rust.
    fn read(parts: &[(Oid, &[u8])]) -> Result<Self, BoxError>;
}

macro_rules! key {
    ($count:literal: $($ty:ident $index:tt),*) => {
        #[diagnostic::do_not_recommend]
        impl<$($ty: Parameter),*> Parameters for ($($ty,)*) {
            fn count(&self) -> usize {
                $count
            }

            fn write(&self, index: usize, ty: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
                match index {
                    $($index => self.$index.write(ty, out),)*
                    _ => Err(no_such_parameter(index)),
                }
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($ty: Scalar),*> Key for ($($ty,)*) {
            fn read(parts: &[(Oid, &[u8])]) -> Result<Self, BoxError> {
                if parts.len() != $count {
                    return Err(wrong_parts($count, parts.len()));
                }
                Ok(($($ty::decode(parts[$index].0, parts[$index].1)?,)*))
            }
        }
    };
}
key!(1: A 0);
key!(2: A 0, B 1);
key!(3: A 0, B 1, C 2);
key!(4: A 0, B 1, C 2, D 3);
key!(5: A 0, B 1, C 2, D 3, E 4);
key!(6: A 0, B 1, C 2, D 3, E 4, F 5);
key!(7: A 0, B 1, C 2, D 3, E 4, F 5, G 6);
key!(8: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);

#[diagnostic::do_not_recommend]
impl<T: Scalar> Parameters for T {
    fn count(&self) -> usize {
        1
    }

    fn write(&self, _: usize, ty: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        Parameter::write(self, ty, out)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Scalar> Key for T {
    fn read(parts: &[(Oid, &[u8])]) -> Result<Self, BoxError> {
        match parts {
            [(oid, raw)] => T::decode(*oid, raw),
            _ => Err(wrong_parts(1, parts.len())),
        }
    }
}

fn wrong_parts(expected: usize, found: usize) -> BoxError {
    format!("the key has {expected} parts, but {found} were found").into()
}

/// Rows turned into one array per column, so that a statement's text does not depend on their number.
pub(crate) struct Columnwise<'r, R> {
    /// The rows.
    pub(crate) rows: &'r [R],
    /// How many columns each has.
    pub(crate) width: usize,
}

impl<R: Parameters> Parameters for Columnwise<'_, R> {
    fn count(&self) -> usize {
        self.width
    }

    fn write(&self, index: usize, ty: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        write_array(ty, self.rows, |row, ty, out| row.write(index, ty, out), out)?;
        Ok(IsNull::No)
    }
}

/// Values that a query collected while its text was written.
pub(crate) struct Collected<'v>(pub(crate) Vec<&'v dyn Parameter>);

impl Parameters for Collected<'_> {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn write(&self, index: usize, ty: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        self.0[index].write(ty, out)
    }
}

/// A statement without parameters.
impl Parameters for () {
    fn count(&self) -> usize {
        0
    }

    fn write(&self, index: usize, _: &Type, _: &mut BytesMut) -> Result<IsNull, BoxError> {
        Err(no_such_parameter(index))
    }
}

/// The parameter at an index, as the driver wants it; it never prints the value.
pub(crate) struct Nth<'p> {
    parameters: &'p dyn Parameters,
    index: usize,
}

/// The parameters one after another, as the driver wants them.
pub(crate) fn each(parameters: &dyn Parameters) -> impl ExactSizeIterator<Item = Nth<'_>> {
    (0..parameters.count()).map(move |index| Nth { parameters, index })
}

impl fmt::Debug for Nth<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${}", self.index + 1)
    }
}

impl ToSql for Nth<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        let written = self.parameters.write(self.index, ty, out);
        // The message so far, which has all parameters in it.
        if out.len() > MOST_BYTES { Err(too_large().into()) } else { written }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// The server closes the connection on a longer message (`PQ_LARGE_MESSAGE_LIMIT` of PostgreSQL's `libpq.h`); some
/// bytes are left for what is not a parameter.
pub(crate) const MOST_BYTES: usize = 0x3FFF_0000;

#[cold]
pub(crate) fn too_large() -> Error {
    Error::too_large(
        "the parameters of a statement have more than 1 GB, which no server takes; write the value in parts, or fewer rows at a \
         time: nothing was sent",
    )
}

/// What a generated `write` answers to an index that it does not have.
pub fn no_such_parameter(index: usize) -> BoxError {
    format!("the statement has no parameter ${}", index + 1).into()
}
