//! PostgreSQL's range types.

use crate::pg_type::PgType;

/// The type of the bounds of a built-in range type.
pub(crate) fn subtype(ty: &PgType) -> Option<&'static str> {
    Some(match ty.built_in_name()? {
        "int4range" => "int4",
        "int8range" => "int8",
        "numrange" => "numeric",
        "daterange" => "date",
        "tsrange" => "timestamp",
        "tstzrange" => "timestamptz",
        _ => return None,
    })
}
