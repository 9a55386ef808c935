//! Which Rust types hold a cell, and how they are read and written.

mod array;
#[cfg(feature = "bigdecimal")]
mod big_decimal;
#[cfg(feature = "decimal")]
mod decimal;
#[cfg(feature = "json")]
pub(crate) mod document;
mod hstore;
mod interval;
#[cfg(feature = "ipnetwork")]
mod ip_network;
#[cfg(feature = "jiff-1")]
mod jiff_1;
mod json;
#[cfg(any(feature = "chrono", feature = "jiff", feature = "jiff-1", feature = "time"))]
mod moment;
mod range;
mod standard;
mod text;
#[cfg(feature = "vector")]
mod vector;

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, Oid, Type};

use crate::value::sql_type::{NotNull, Nullable, SqlType};

pub use crate::error::BoxError;
pub use array::Element;
pub(crate) use array::write_array;
#[cfg(feature = "json")]
pub(crate) use document::{not_read, write_document};
pub use hstore::Hstore;
pub use interval::Interval;
pub use json::Json;
pub use range::{Multirange, Range};
pub use text::Text;

/// A Rust type that holds one non-null value of a SQL type.
///
/// The derives implement it for enums (`#[derive(Enum)]`) and newtypes (`#[derive(Domain)]`).
///
/// ```
/// use persist::{Database, Sql, scalar::Scalar};
///
/// async fn setting<T: Scalar>(db: &Database, name: &str) -> Result<T, persist::Error> {
///     Sql::unchecked("SELECT value FROM settings WHERE name = $1").bind(name.to_owned()).one(db).await
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "no column can hold `{Self}`",
    label = "expected a type such as `Uuid`, `String` or `i64`"
)]
pub trait Scalar: Sized + Send + Sync + 'static {
    /// The [family](crate::value::sql_type::family) of SQL types that it holds.
    type Family;

    /// The OIDs that it is read from where no migration says more; it is bound as the first.
    const OIDS: &'static [Oid];

    /// Can it be read from this SQL type, where no migration says more?
    fn accepts(ty: &Type) -> bool {
        Self::OIDS.contains(&ty.oid())
    }

    /// Reads the binary form of a value whose SQL type is `oid`.
    ///
    /// # Errors
    /// What is in the cell has no equivalent in this type, such as an infinite timestamp.
    fn decode(oid: Oid, raw: &[u8]) -> Result<Self, BoxError>;

    /// Writes the binary form of a value of the SQL type `ty`.
    ///
    /// # Errors
    /// The value has no equivalent in SQL, such as a date before 4714 BC.
    fn encode(&self, ty: &Type, out: &mut BytesMut) -> Result<(), BoxError>;
}

/// A Rust type that holds a column of the SQL type `S` and the nullability `N`.
///
/// It is implemented for every [`Scalar`] whose family fits, and for `Option` of it where the column may be
/// NULL.
pub trait Holds<S, N>: Sized {
    /// Reads one cell; `None` is NULL.
    ///
    /// # Errors
    /// NULL where the column is NOT NULL, or a value that the type cannot hold.
    fn read(raw: Option<&[u8]>) -> Result<Self, BoxError>;
}

#[diagnostic::do_not_recommend]
impl<S: SqlType, T: Scalar<Family = S::Family>> Holds<S, NotNull> for T {
    #[inline]
    fn read(raw: Option<&[u8]>) -> Result<Self, BoxError> {
        match raw {
            Some(raw) => T::decode(S::OID, raw),
            None => Err(was_null()),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<S: SqlType, T: Scalar<Family = S::Family>> Holds<S, Nullable> for Option<T> {
    #[inline]
    fn read(raw: Option<&[u8]>) -> Result<Self, BoxError> {
        raw.map(|raw| T::decode(S::OID, raw)).transpose()
    }
}

/// What a cell of a raw statement is read into: a [`Scalar`], or `Option` of it.
pub trait Cell: Sized {
    /// Can it be read from a column of this SQL type?
    fn accepts(ty: &Type) -> bool;

    /// Reads one cell; `None` is NULL.
    ///
    /// # Errors
    /// NULL where none is allowed, or a value that the type cannot hold.
    fn read(oid: Oid, raw: Option<&[u8]>) -> Result<Self, BoxError>;
}

#[diagnostic::do_not_recommend]
impl<T: Scalar> Cell for T {
    fn accepts(ty: &Type) -> bool {
        T::accepts(ty)
    }

    fn read(oid: Oid, raw: Option<&[u8]>) -> Result<Self, BoxError> {
        match raw {
            Some(raw) => T::decode(oid, raw),
            None => Err(was_null()),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: Scalar> Cell for Option<T> {
    fn accepts(ty: &Type) -> bool {
        T::accepts(ty)
    }

    fn read(oid: Oid, raw: Option<&[u8]>) -> Result<Self, BoxError> {
        raw.map(|raw| T::decode(oid, raw)).transpose()
    }
}

/// What a column is compared with: the type without its `Option`.
pub trait Value {
    /// `T` for `T` and for `Option<T>`.
    type Inner: Scalar;

    /// Is it an `Option`?
    const NULLABLE: bool;
}

#[diagnostic::do_not_recommend]
impl<T: Scalar> Value for T {
    type Inner = T;
    const NULLABLE: bool = false;
}

#[diagnostic::do_not_recommend]
impl<T: Scalar> Value for Option<T> {
    type Inner = T;
    const NULLABLE: bool = true;
}

/// A value that can be sent: a [`Scalar`], or `Option` of it for NULL.
pub trait Parameter: Send + Sync {
    /// Writes the value as the SQL type `ty`.
    ///
    /// # Errors
    /// The value has no equivalent in SQL.
    fn write(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError>;
}

#[diagnostic::do_not_recommend]
impl<T: Scalar> Parameter for T {
    fn write(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        self.encode(ty, out)?;
        Ok(IsNull::No)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Scalar> Parameter for Option<T> {
    fn write(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        match self {
            Some(value) => value.write(ty, out),
            None => Ok(IsNull::Yes),
        }
    }
}

/// A newtype over a scalar, as `#[derive(Domain)]` makes it.
///
/// ```
/// use persist::scalar::Newtype;
///
/// /// Any newtype over a text.
/// fn trimmed<T: Newtype<Inner = String>>(text: &str) -> T {
///     T::wrap(text.trim().to_owned())
/// }
/// ```
pub trait Newtype: Scalar {
    /// What it wraps.
    type Inner;

    /// Wraps a value.
    fn wrap(inner: Self::Inner) -> Self;
}

/// A key that the client makes, so that a row and its children can be written in one round trip.
///
/// ```
/// # use persist_sample::*;
/// use persist::scalar::ClientKey;
///
/// let earlier = Uuid::generate();
/// assert!(earlier < Uuid::generate());
/// ```
pub trait ClientKey: Scalar {
    /// A key that no other row has: a UUID of version 7 (RFC 9562), so that new keys sort last.
    fn generate() -> Self;
}

#[cfg(feature = "uuid")]
impl ClientKey for uuid::Uuid {
    fn generate() -> Self {
        uuid::Uuid::now_v7()
    }
}

#[diagnostic::do_not_recommend]
impl<T: Newtype<Inner: ClientKey>> ClientKey for T {
    fn generate() -> Self {
        T::wrap(<T::Inner as ClientKey>::generate())
    }
}

/// A type that migrations create, as `#[derive(Enum)]` or `#[derive(Composite)]` maps it; `Option` and `Vec` pass it on.
///
/// ```
/// # use persist_sample::*;
/// use persist::scalar::NamedType;
///
/// assert_eq!(Status::NAME, "public.execution_status");
/// ```
pub trait NamedType {
    /// The type's name with its schema, such as `public.order_status`.
    const NAME: &'static str;
}

#[diagnostic::do_not_recommend]
impl<T: NamedType> NamedType for Option<T> {
    const NAME: &'static str = T::NAME;
}

#[diagnostic::do_not_recommend]
impl<T: NamedType> NamedType for Vec<T> {
    const NAME: &'static str = T::NAME;
}

fn was_null() -> BoxError {
    "it is NULL, which the Rust type cannot hold".into()
}
