//! Questions that only the type checker can answer, asked by generated code while it is compiled.

use bytes::BytesMut;
use tokio_postgres::types::{Kind, Type};

use crate::error::BoxError;
use crate::value::sql_type::{SqlType, pg};

/// Makes one trait per column, which only the types that can hold it have; its message is about this column.
///
/// Generated code reads and writes cells by these traits only, each time underlined at the field's type: the
/// compiler drops messages that say the same of the same place, so a field that does not fit is reported
/// once.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_columns {
    ($way:ident $($name:ident: $marker:tt $nullability:ident $(+ $extra:ident)*, $message:literal, $label:literal, $note:literal;)*) => {
        $($crate::__persist_columns!(@ $way $name $marker $nullability [$($extra)*] $message $label $note);)*
    };
    (@ __explained $name:ident $marker:tt $nullability:ident $extras:tt $message:literal $label:literal $note:literal) => {
        $crate::__persist_columns!(
            @ [#[diagnostic::on_unimplemented(message = $message, label = $label, note = $note)]]
            [#[diagnostic::do_not_recommend]]
            $name $marker $nullability $extras
        );
    };
    // For crates that do not know the attributes of tools.
    (@ __plain $name:ident $marker:tt $nullability:ident $extras:tt $message:literal $label:literal $note:literal) => {
        $crate::__persist_columns!(@ [] [] $name $marker $nullability $extras);
    };
    (@ [$($explained:tt)*] [$($quiet:tt)*] $name:ident $marker:tt $nullability:ident [$($extra:ident)*]) => {
        $($explained)*
        pub trait $name: ::core::marker::Sized {
            fn get(row: &$crate::private::Row<'_>, index: usize) -> $crate::private::Decoded<Self>;
            fn put(&self, ty: &$crate::private::Type, out: &mut $crate::private::Out) -> $crate::private::Written;
            fn parameter(&self) -> &dyn $crate::private::Parameter;
            $($crate::__persist_column!(declared $extra);)*
        }

        $($quiet)*
        impl<__Held> $name for __Held
        where
            __Held: $crate::private::Parameter
                + $crate::private::Holds<$crate::__persist_columns!(@ marker $marker), $crate::private::$nullability>
                $(+ $crate::private::$extra)*,
        {
            #[inline]
            fn get(row: &$crate::private::Row<'_>, index: usize) -> $crate::private::Decoded<Self> {
                row.get(index)
            }
            #[inline]
            fn put(&self, ty: &$crate::private::Type, out: &mut $crate::private::Out) -> $crate::private::Written {
                $crate::private::Parameter::write(self, ty, out)
            }
            #[inline]
            fn parameter(&self) -> &dyn $crate::private::Parameter {
                self
            }
            $($crate::__persist_column!(defined $extra);)*
        }
    };
    (@ marker [$marker:ident]) => { $crate::private::pg::Array<$crate::private::pg::$marker> };
    (@ marker $marker:ident) => { $crate::private::pg::$marker };
}

/// What some columns need besides, by the name of the trait that their type must have for it.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_column {
    (declared PutGiven) => {
        fn put_given(
            given: &::core::option::Option<Self>,
            ty: &$crate::private::Type,
            out: &mut $crate::private::Out,
        ) -> $crate::private::Written;
    };
    (defined PutGiven) => {
        #[inline]
        fn put_given(
            given: &::core::option::Option<Self>,
            ty: &$crate::private::Type,
            out: &mut $crate::private::Out,
        ) -> $crate::private::Written {
            $crate::private::write_given(given, ty, out)
        }
    };
    (declared PutKey) => {
        fn put_key(
            key: &$crate::private::ForeignKey<Self>,
            ty: &$crate::private::Type,
            out: &mut $crate::private::Out,
        ) -> $crate::private::Written;
    };
    (defined PutKey) => {
        #[inline]
        fn put_key(
            key: &$crate::private::ForeignKey<Self>,
            ty: &$crate::private::Type,
            out: &mut $crate::private::Out,
        ) -> $crate::private::Written {
            $crate::private::Parameter::write(key, ty, out)
        }
    };
    (declared PutGivenKey) => {
        fn put_given_key(
            key: &::core::option::Option<$crate::private::ForeignKey<Self>>,
            ty: &$crate::private::Type,
            out: &mut $crate::private::Out,
        ) -> $crate::private::Written;
    };
    (defined PutGivenKey) => {
        #[inline]
        fn put_given_key(
            key: &::core::option::Option<$crate::private::ForeignKey<Self>>,
            ty: &$crate::private::Type,
            out: &mut $crate::private::Out,
        ) -> $crate::private::Written {
            $crate::private::write_given_key(key, ty, out)
        }
    };
    (declared ClientKey) => {
        fn generate() -> Self;
    };
    (defined ClientKey) => {
        fn generate() -> Self {
            <Self as $crate::private::ClientKey>::generate()
        }
    };
    (declared Field) => {
        fn take(
            raw: ::core::option::Option<&[u8]>,
        ) -> ::core::result::Result<Self, $crate::private::BoxError>;
    };
    (defined Field) => {
        fn take(
            raw: ::core::option::Option<&[u8]>,
        ) -> ::core::result::Result<Self, $crate::private::BoxError> {
            $crate::private::Holds::read(raw)
        }
    };
    (declared NamedType) => {
        const NAME: &'static str;
    };
    (defined NamedType) => {
        const NAME: &'static str = <Self as $crate::private::NamedType>::NAME;
    };
}

/// Stops the compiler unless a Rust type maps the enum or composite type of its column.
///
/// # Panics
/// While compiling, with the message.
#[track_caller]
pub const fn maps_type(found: &str, wanted: &str, message: &str) {
    if !same(found, wanted) {
        panic!("{}", message);
    }
}

/// Stops the compiler unless a struct maps the table that it must. A struct that has mistakes of its own maps
/// none, which is reported there.
///
/// # Panics
/// While compiling, with the message.
#[track_caller]
pub const fn maps(found: &str, wanted: &str, message: &str) {
    if !found.is_empty() && !same(found, wanted) {
        panic!("{}", message);
    }
}

/// Stops the compiler unless the struct of a relation [maps](maps) its table, or where loading it would never
/// end.
///
/// # Panics
/// While compiling, with the message.
#[track_caller]
pub const fn relates(found: &str, wanted: &str, message: &str, recursive: bool, why: &str) {
    maps(found, wanted, message);
    if recursive {
        panic!("{}", why);
    }
}

/// The label that a Rust enum does not know; the type was changed after the program was built.
pub fn unknown_label(ty: &str, raw: &[u8]) -> BoxError {
    let label = String::from_utf8_lossy(raw);
    format!("the enum `{ty}` has a label {label:?} that the program was not built for").into()
}

/// The same as the text that a fallback variant holds.
///
/// # Errors
/// It is no UTF-8, which no label of the server is.
pub fn other_label(raw: &[u8]) -> Result<String, BoxError> {
    Ok(std::str::from_utf8(raw)?.to_owned())
}

/// Can an enum be read from this SQL type, where no migration says more?
pub fn accepts_label(ty: &Type) -> bool {
    ty.oid() == pg::Text::OID || matches!(ty.kind(), Kind::Enum(_))
}

/// Writes the label of an enum.
///
/// # Errors
/// None; it is what [`Scalar::encode`](crate::value::scalar::Scalar::encode) wants.
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
