//! One-dimensional arrays as `Vec`.

use bytes::BytesMut;
use fallible_iterator::FallibleIterator;
use postgres_protocol::types::{ArrayDimension, array_from_sql, array_to_sql};
use tokio_postgres::types::{IsNull, Kind, Oid, Type};

use crate::error::BoxError;
use crate::value::scalar::{Parameter, Scalar, was_null};
use crate::value::sql_type::{family, pg};

/// What an array's element is read into: a [`Scalar`], or `Option` of it where elements may be NULL.
pub trait Element: Parameter + Sized + Send + Sync + 'static {
    /// The family of the element's SQL type.
    type Family;

    /// The OIDs of arrays of it.
    const ARRAY_OIDS: &'static [Oid];

    /// Reads one element; `None` is NULL.
    ///
    /// # Errors
    /// NULL where none is allowed, or a value that the type cannot hold.
    fn read(oid: Oid, raw: Option<&[u8]>) -> Result<Self, BoxError>;
}

#[diagnostic::do_not_recommend]
impl<T: Scalar> Element for T {
    type Family = T::Family;
    const ARRAY_OIDS: &'static [Oid] = match T::OIDS {
        [first, ..] => pg::array_oids(*first),
        [] => &[],
    };

    fn read(oid: Oid, raw: Option<&[u8]>) -> Result<Self, BoxError> {
        T::decode(oid, raw.ok_or_else(was_null)?)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Scalar> Element for Option<T> {
    type Family = T::Family;
    const ARRAY_OIDS: &'static [Oid] = match T::OIDS {
        [first, ..] => pg::array_oids(*first),
        [] => &[],
    };

    fn read(oid: Oid, raw: Option<&[u8]>) -> Result<Self, BoxError> {
        raw.map(|raw| T::decode(oid, raw)).transpose()
    }
}

#[diagnostic::do_not_recommend]
impl<T: Element> Scalar for Vec<T> {
    type Family = family::Array<T::Family>;
    const OIDS: &'static [Oid] = T::ARRAY_OIDS;

    fn decode(_: Oid, raw: &[u8]) -> Result<Self, BoxError> {
        let array = array_from_sql(raw)?;
        let mut dimensions = array.dimensions();
        if dimensions.next()?.is_some_and(|dimension| dimension.lower_bound != 1) {
            return Err("its elements are not counted from 1, which a `Vec` would forget".into());
        }
        if dimensions.next()?.is_some() {
            return Err("it is an array of several dimensions, which a `Vec` cannot hold".into());
        }
        let oid = array.element_type();
        array.values().map(|element| T::read(oid, element)).collect()
    }

    fn encode(&self, ty: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
        write_array(ty, self, |element, ty, out| element.write(ty, out), out)
    }
}

/// Writes a slice as an array of the SQL type `ty`; `write` writes one element.
pub(crate) fn write_array<T>(
    ty: &Type,
    items: &[T],
    mut write: impl FnMut(&T, &Type, &mut BytesMut) -> Result<IsNull, BoxError>,
    out: &mut BytesMut,
) -> Result<(), BoxError> {
    let Kind::Array(element) = ty.kind() else {
        return Err(format!("a list was bound where SQL expects one value of type `{ty}`").into());
    };
    let dimension = ArrayDimension { len: i32::try_from(items.len())?, lower_bound: 1 };
    let serialize = |item: &T, out: &mut BytesMut| {
        Ok(match write(item, element, out)? {
            IsNull::No => postgres_protocol::IsNull::No,
            IsNull::Yes => postgres_protocol::IsNull::Yes,
        })
    };
    array_to_sql(Some(dimension), element.oid(), items, serialize, out)
}
