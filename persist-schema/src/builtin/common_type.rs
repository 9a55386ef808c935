//! The one type that several alternatives have, as in CASE, COALESCE, ARRAY and UNION.

use crate::builtin::operator::{NUMBERS, wider};
use crate::catalog::Catalog;
use crate::pg_type::PgType;

/// The times that can be compared, from the one that the others are converted to least.
const TIMES: &[&str] = &["date", "timestamp", "timestamptz"];

/// The type that two alternatives have together: the same, or the other's where one is a string constant or
/// NULL, or of two numbers the wider one.
pub(crate) fn common_type(catalog: &Catalog, left: Option<PgType>, right: Option<PgType>) -> Option<PgType> {
    let (left, right) = (left?, right?);
    if left == right {
        return Some(left);
    }
    let base = |ty: &PgType| catalog.base_type(ty).without_modifiers();
    let (left, right) = (base(&left), base(&right));
    let is_text = |ty: &PgType| matches!(ty.built_in_name(), Some("text" | "varchar" | "bpchar"));
    match () {
        () if left == right || right.is("unknown") || (is_text(&left) && is_text(&right)) => Some(left),
        () if left.is("unknown") => Some(right),
        () => [NUMBERS, TIMES].into_iter().find_map(|order| {
            let rank = |ty: &PgType| order.iter().position(|name| ty.is(name));
            Some(PgType::built_in(order[rank(&left)?.max(rank(&right)?)]))
        }),
    }
}

/// The first side of a comparison as NULLIF returns it: converted where `=` needs that.
pub(crate) fn nullif_type(left: PgType, right: &PgType) -> PgType {
    let family = |ty: &PgType| match ty.built_in_name() {
        Some("int2" | "int4" | "int8") => Some(1),
        Some("float4" | "float8") => Some(2),
        _ => None,
    };
    match wider(&left, right) {
        _ if left.is("varchar") => PgType::built_in("text"),
        Some(both)
            if !left.is(&both.name.name) && family(&left).is_none_or(|of| Some(of) != family(right)) =>
        {
            both
        }
        _ => left,
    }
}
