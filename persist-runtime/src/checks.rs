//! Questions that only the type checker can answer, asked by generated code while it is compiled.

use bytes::BytesMut;
use tokio_postgres::types::{Kind, Type};

use crate::scalar::BoxError;
use crate::sql_type::{SqlType, pg};

/// Makes one trait per column, which only the types that can hold it have; its message is about this column.
///
/// `Cell` is the type itself. Where the type does not fit it is an error type, and nothing that follows is reported.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_columns {
    ($($name:ident: $marker:tt $nullability:ident, $message:literal, $label:literal, $note:literal;)*) => { $(
        #[diagnostic::on_unimplemented(message = $message, label = $label, note = $note)]
        pub trait $name: Sized {
            type Cell;
            fn get(row: &$crate::private::Row<'_>, index: usize) -> ::core::result::Result<Self, $crate::Error>;
            fn put(&self, ty: &$crate::private::Type, out: &mut $crate::private::BytesMut) -> $crate::private::Written;
            fn put_given(
                given: &::core::option::Option<Self>,
                ty: &$crate::private::Type,
                out: &mut $crate::private::BytesMut,
            ) -> $crate::private::Written;
        }

        #[diagnostic::do_not_recommend]
        impl<T> $name for T
        where
            T: $crate::private::Parameter
                + $crate::private::Holds<$crate::__persist_columns!(@ $marker), $crate::private::$nullability>,
        {
            type Cell = T;
            #[inline]
            fn get(row: &$crate::private::Row<'_>, index: usize) -> ::core::result::Result<Self, $crate::Error> {
                row.get(index)
            }
            #[inline]
            fn put(&self, ty: &$crate::private::Type, out: &mut $crate::private::BytesMut) -> $crate::private::Written {
                $crate::private::Parameter::write(self, ty, out)
            }
            #[inline]
            fn put_given(
                given: &::core::option::Option<Self>,
                ty: &$crate::private::Type,
                out: &mut $crate::private::BytesMut,
            ) -> $crate::private::Written {
                $crate::private::write_given(given, ty, out)
            }
        }
    )* };
    (@ [$marker:ident]) => { $crate::private::pg::Array<$crate::private::pg::$marker> };
    (@ $marker:ident) => { $crate::private::pg::$marker };
}

/// The same for a newtype that names no domain: it may wrap whatever a column can hold.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_inner {
    () => {
        #[diagnostic::on_unimplemented(
            message = "no column can hold `{Self}`",
            label = "expected a type such as `Uuid`, `String` or `i64`"
        )]
        pub trait Inner {
            type Cell;
        }

        #[diagnostic::do_not_recommend]
        impl<T: $crate::private::Scalar> Inner for T {
            type Cell = T;
        }
    };
}

/// Stops the compiler unless a Rust enum maps the enum type of its column.
///
/// # Panics
/// While compiling, with the message.
#[track_caller]
pub const fn maps_enum(found: &str, wanted: &str, message: &str) {
    if !same(found, wanted) {
        panic!("{}", message);
    }
}

/// The label that a Rust enum does not know; the type was changed after the program was built.
pub fn unknown_label(ty: &str, raw: &[u8]) -> BoxError {
    let label = String::from_utf8_lossy(raw);
    format!("the enum `{ty}` has a label {label:?} that the program was not built for").into()
}

/// Can an enum be read from this SQL type, where no migration says more?
pub fn accepts_label(ty: &Type) -> bool {
    ty.oid() == pg::Text::OID || matches!(ty.kind(), Kind::Enum(_))
}

/// Writes the label of an enum.
///
/// # Errors
/// None; it is what [`Scalar::encode`](crate::scalar::Scalar::encode) wants.
pub fn write_label(label: &str, out: &mut BytesMut) -> Result<(), BoxError> {
    out.extend_from_slice(label.as_bytes());
    Ok(())
}

/// The body of functions that stand in for those of a struct that could not be derived.
pub fn never_compiled<T>() -> T {
    unreachable!("a struct with mistakes does not compile")
}

const fn same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    let mut index = 0;
    while index < left.len() {
        if left[index] != right[index] {
            return false;
        }
        index += 1;
    }
    true
}
