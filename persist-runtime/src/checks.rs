//! Questions that only the type checker can answer, asked by generated code while it is compiled.

use bytes::BytesMut;
use tokio_postgres::types::{Kind, Type};

use crate::scalar::BoxError;
use crate::sql_type::{SqlType, pg};

/// Makes one trait per column, which only the types that can hold it have; its message is about this column.
///
/// Generated code reads and writes cells by these traits only, each time underlined at the field's type: the compiler drops
/// messages that say the same of the same place, so a field that does not fit is reported once.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_columns {
    ($way:ident $($name:ident: $marker:tt $nullability:ident $(+ $extra:ident)*, $message:literal, $label:literal, $note:literal;)*) => {
        $($crate::__persist_columns!(@ $way $name $marker $nullability [$($extra)*] $message $label $note);)*
    };
    (@ __told $name:ident $marker:tt $nullability:ident $extras:tt $message:literal $label:literal $note:literal) => {
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
    (@ [$($told:tt)*] [$($quiet:tt)*] $name:ident $marker:tt $nullability:ident [$($extra:ident)*]) => {
        $($told)*
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
            $crate::private::write_key(key, ty, out)
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
    (declared EnumType) => {
        const ENUM: &'static str;
    };
    (defined EnumType) => {
        const ENUM: &'static str = <Self as $crate::private::EnumType>::NAME;
    };
}

/// Makes one trait per relation, which only the types have that can hold its rows; its message is about this relation.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_relations {
    ($way:ident $($name:ident: $field:ident, $message:literal, $label:literal;)*) => {
        $($crate::__persist_relations!(@ $way $name $field $message $label);)*
    };
    (@ __told $name:ident $field:ident $message:literal $label:literal) => {
        $crate::__persist_relations!(
            @ [#[diagnostic::on_unimplemented(message = $message, label = $label)]]
            [#[diagnostic::do_not_recommend]] $name $field
        );
    };
    // For crates that do not know the attributes of tools.
    (@ __plain $name:ident $field:ident $message:literal $label:literal) => {
        $crate::__persist_relations!(@ [] [] $name $field);
    };
    (@ [$($told:tt)*] [$($quiet:tt)*] $name:ident One) => {
        $($told)*
        pub trait $name: ::core::marker::Sized {
            type Shape: $crate::private::Shape;
            const TABLE: &'static str;
            fn read(row: &mut $crate::private::Row<'_>, is_optional: bool) -> $crate::private::Decoded<Self>;
        }

        $($quiet)*
        impl<__Field: $crate::private::OneField> $name for __Field {
            type Shape = <__Field as $crate::private::Related>::Shape;
            const TABLE: &'static str =
                <<__Field as $crate::private::Related>::Shape as $crate::private::Shape>::TABLE;
            #[inline]
            fn read(row: &mut $crate::private::Row<'_>, is_optional: bool) -> $crate::private::Decoded<Self> {
                $crate::private::one(row, is_optional)
            }
        }
    };
    (@ [$($told:tt)*] [$($quiet:tt)*] $name:ident Many) => {
        $($told)*
        pub trait $name: ::core::marker::Sized {
            type Shape: $crate::private::Shape;
            const TABLE: &'static str;
            fn read(
                row: &mut $crate::private::Row<'_>,
                at: $crate::private::At,
                relations: &'static [$crate::private::ToMany],
                index: usize,
            ) -> $crate::private::Decoded<Self>;
        }

        $($quiet)*
        impl<__Field: $crate::private::ManyField> $name for __Field {
            type Shape = <__Field as $crate::private::Related>::Shape;
            const TABLE: &'static str =
                <<__Field as $crate::private::Related>::Shape as $crate::private::Shape>::TABLE;
            #[inline]
            fn read(
                row: &mut $crate::private::Row<'_>,
                at: $crate::private::At,
                relations: &'static [$crate::private::ToMany],
                index: usize,
            ) -> $crate::private::Decoded<Self> {
                $crate::private::many(row, at, relations, index)
            }
        }
    };
    (@ [$($told:tt)*] [$($quiet:tt)*] $name:ident Map) => {
        $($told)*
        pub trait $name: ::core::marker::Sized {
            type Shape: $crate::private::Shape;
            type Key;
            const TABLE: &'static str;
            fn read(
                row: &mut $crate::private::Row<'_>,
                at: $crate::private::At,
                relations: &'static [$crate::private::ToMany],
                index: usize,
                key: impl ::core::ops::Fn(&Self::Shape) -> Self::Key,
            ) -> $crate::private::Decoded<Self>;
        }

        $($quiet)*
        impl<__Field: $crate::private::MapField> $name for __Field {
            type Shape = <__Field as $crate::private::Related>::Shape;
            type Key = <__Field as $crate::private::MapField>::Key;
            const TABLE: &'static str =
                <<__Field as $crate::private::Related>::Shape as $crate::private::Shape>::TABLE;
            #[inline]
            fn read(
                row: &mut $crate::private::Row<'_>,
                at: $crate::private::At,
                relations: &'static [$crate::private::ToMany],
                index: usize,
                key: impl ::core::ops::Fn(&Self::Shape) -> Self::Key,
            ) -> $crate::private::Decoded<Self> {
                $crate::private::keyed(row, at, relations, index, key)
            }
        }
    };
}

/// The columns of a struct: for each field what it is, and the data that it is made of.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_made_columns {
    ($columns:ident $scope:ident; $($field:ident: $sort:ident $data:expr),*) => {
        $columns { $($field: $crate::private::$sort::new($scope, $data)),* }
    };
}

/// The boilerplate of a generated repository.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_repository {
    ($repository:ident, $entity:ident) => {
        #[automatically_derived]
        impl<'a> ::core::convert::From<$crate::private::Session<'a>> for $repository<'a> {
            fn from(session: $crate::private::Session<'a>) -> Self {
                Self($crate::private::Repository::new(session))
            }
        }

        #[automatically_derived]
        impl<'a> ::core::ops::Deref for $repository<'a> {
            type Target = $crate::private::Repository<'a, $entity>;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }
    };
}

/// The parameters of a row: for each its index, how it is written, and its field.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_parameters {
    ($row:ident $count:literal; $($index:literal: $put:expr => $field:ident),*) => {
        #[automatically_derived]
        impl $crate::private::Parameters for $row {
            fn count(&self) -> usize {
                $count
            }

            fn write(
                &self,
                index: usize,
                ty: &$crate::private::Type,
                out: &mut $crate::private::Out,
            ) -> $crate::private::Written {
                match index {
                    $($index => $put(&self.$field, ty, out),)*
                    _ => $crate::private::no_parameter(index),
                }
            }
        }
    };
}

/// A new row: the indices and fields of what may be left to a DEFAULT, then the columns and fields of its foreign keys.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_new {
    ($new:ident $entity:ident; $($index:literal $optional:ident),*; $($column:literal $key:ident),*) => {
        #[automatically_derived]
        impl $crate::private::New for $new {
            type Entity = $entity;

            fn is_given(&self, index: usize) -> bool {
                match index {
                    $($index => self.$optional.is_some(),)*
                    _ => true,
                }
            }

            fn waits_for_parent(&self) -> ::core::option::Option<&'static str> {
                $crate::private::first_waiting(&[$(($column, &self.$key)),*])
            }
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

/// Stops the compiler unless the struct of a relation maps the table of the relation. A struct that has mistakes of its own
/// maps none, which is reported there.
///
/// # Panics
/// While compiling, with the message.
#[track_caller]
pub const fn maps(found: &str, wanted: &str, message: &str) {
    if !found.is_empty() && !same(found, wanted) {
        panic!("{}", message);
    }
}

/// Stops the compiler where loading a relation would never come to an end.
///
/// # Panics
/// While compiling, with the message.
#[track_caller]
pub const fn ends(endless: bool, message: &str) {
    if endless {
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
