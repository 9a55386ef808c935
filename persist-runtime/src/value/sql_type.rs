//! SQL types as Rust types, so that the type checker can say which Rust type fits a column.

use std::marker::PhantomData;

use tokio_postgres::types::Oid;

/// A SQL type as it travels on the wire.
///
/// A type that the driver does not know (an enum, `citext`, …) travels as the built-in type that it is cast
/// to.
pub trait SqlType {
    /// The OID under which values travel.
    const OID: Oid;
    /// The OID of an array of it, or 0 where PostgreSQL has none.
    const ARRAY_OID: Oid;
    /// What a Rust type must agree with to hold it: types of one family share their wire format.
    type Family;
    /// Is a value made of several? Then `IS NULL` also holds where all of those are NULL.
    const IS_RECORD: bool = false;
}

/// A column declared `NOT NULL`.
pub struct NotNull;

/// A column that may be NULL.
pub struct Nullable;

/// An array of `S`.
pub struct Array<S>(PhantomData<S>);

impl<S: SqlType> SqlType for Array<S> {
    const OID: Oid = S::ARRAY_OID;
    const ARRAY_OID: Oid = 0;
    type Family = family::Array<S::Family>;
}

/// Families of SQL types that share a wire format.
pub mod family {
    use std::marker::PhantomData;

    /// Arrays whose elements are of the family `F`.
    pub struct Array<F>(PhantomData<F>);

    /// Ranges of values of the family `F`.
    pub struct Range<F>(PhantomData<F>);

    /// Multiranges of values of the family `F`.
    pub struct Multirange<F>(PhantomData<F>);

    macro_rules! families {
        ($($name:ident)*) => { $(
            #[doc = concat!("The family `", stringify!($name), "`.")]
            pub struct $name;
        )* };
    }
    families! {
        Bool Int2 Int4 Int8 Oid Float4 Float8 Numeric Char Text Bytes Uuid Json Date Time Timestamp Timestamptz
        Inet Interval Enum Composite
    }
}

/// Families of types over which PostgreSQL has ranges.
pub trait Ranged {
    /// The OID of the range.
    const RANGE: Oid;
    /// The OID of the multirange.
    const MULTIRANGE: Oid;
}

macro_rules! ranged {
    ($($family:ident $range:ident $multirange:ident;)*) => { $(
        impl Ranged for family::$family {
            const RANGE: Oid = pg::$range::OID;
            const MULTIRANGE: Oid = pg::$multirange::OID;
        }
    )* };
}
ranged! {
    Int4 Int4range Int4multirange;
    Int8 Int8range Int8multirange;
    Numeric Numrange Nummultirange;
    Timestamp Tsrange Tsmultirange;
    Timestamptz Tstzrange Tstzmultirange;
    Date Daterange Datemultirange;
}

/// The SQL types that a column can have, under their names in `pg_catalog`.
///
/// Source of the numbers: PostgreSQL's `pg_type.dat`; a test compares them with the driver's table.
pub mod pg {
    use super::{Oid, SqlType, family};

    macro_rules! types {
        ($($name:ident $oid:literal $array:literal $family:ident $(of $element:ident)?;)*) => { $(
            #[doc = concat!("The SQL type `", stringify!($name), "`.")]
            pub struct $name;

            impl SqlType for $name {
                const OID: Oid = $oid;
                const ARRAY_OID: Oid = $array;
                type Family = family::$family $(<family::$element>)?;
            }
        )*

            /// The OID of the array of a type, as a slice of one; empty where there is none.
            pub(crate) const fn array_oids(element: Oid) -> &'static [Oid] {
                match element {
                    $($oid => &[$array],)*
                    _ => &[],
                }
            }

            /// Names beside OIDs, for the test that compares them with the driver's table.
            #[cfg(test)]
            pub(crate) const ALL: &[(&str, Oid, Oid)] = &[$((stringify!($name), $oid, $array)),*];
        };
    }

    types! {
        Bool 16 1000 Bool;
        Bytea 17 1001 Bytes;
        Char 18 1002 Char;
        Name 19 1003 Text;
        Int8 20 1016 Int8;
        Int2 21 1005 Int2;
        Int4 23 1007 Int4;
        Text 25 1009 Text;
        Oid_ 26 1028 Oid;
        Json 114 199 Json;
        Float4 700 1021 Float4;
        Float8 701 1022 Float8;
        Inet 869 1041 Inet;
        Bpchar 1042 1014 Text;
        Varchar 1043 1015 Text;
        Date 1082 1182 Date;
        Time 1083 1183 Time;
        Timestamp 1114 1115 Timestamp;
        Timestamptz 1184 1185 Timestamptz;
        Interval 1186 1187 Interval;
        Numeric 1700 1231 Numeric;
        Uuid 2950 2951 Uuid;
        Jsonb 3802 3807 Json;
        Int4range 3904 3905 Range of Int4;
        Numrange 3906 3907 Range of Numeric;
        Tsrange 3908 3909 Range of Timestamp;
        Tstzrange 3910 3911 Range of Timestamptz;
        Daterange 3912 3913 Range of Date;
        Int8range 3926 3927 Range of Int8;
        Int4multirange 4451 6150 Multirange of Int4;
        Nummultirange 4532 6151 Multirange of Numeric;
        Tsmultirange 4533 6152 Multirange of Timestamp;
        Tstzmultirange 4534 6153 Multirange of Timestamptz;
        Datemultirange 4535 6155 Multirange of Date;
        Int8multirange 4536 6157 Multirange of Int8;
    }

    /// An enum made by `CREATE TYPE … AS ENUM`; it travels as the text of its label.
    pub struct Enum;

    impl SqlType for Enum {
        const OID: Oid = Text::OID;
        const ARRAY_OID: Oid = Text::ARRAY_OID;
        type Family = family::Enum;
    }

    /// A composite type made by `CREATE TYPE … AS (…)`; it travels as its text.
    pub struct Composite;

    impl SqlType for Composite {
        const OID: Oid = Text::OID;
        const ARRAY_OID: Oid = Text::ARRAY_OID;
        type Family = family::Composite;
        const IS_RECORD: bool = true;
    }

    pub use super::Array;
}

#[cfg(test)]
mod tests {
    use tokio_postgres::types::{Kind, Type};

    use super::pg;

    #[test]
    fn oids_are_the_drivers() {
        for (name, oid, array) in pg::ALL {
            let ty = Type::from_oid(*oid).expect("a built-in type");
            assert_eq!(ty.name(), name.trim_end_matches('_').to_lowercase());
            let array = Type::from_oid(*array).expect("a built-in array type");
            assert_eq!(array.kind(), &Kind::Array(ty));
        }
    }
}
