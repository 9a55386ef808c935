//! The types that PostgreSQL's binary operators return.

use crate::pg_type::PgType;

/// The number types from narrow to wide: an operation on two gives the wider one.
pub(crate) const NUMBERS: &[&str] = &["int2", "int4", "int8", "numeric", "float4", "float8"];

/// The type that an operator of PostgreSQL returns. The types of the sides are no domains.
pub(crate) fn result(operator: &str, left: Option<PgType>, right: Option<PgType>) -> Option<PgType> {
    match operator {
        "at time zone" => match left?.built_in_name()? {
            "timestamptz" | "date" => Some(PgType::built_in("timestamp")),
            "timestamp" => Some(PgType::built_in("timestamptz")),
            _ => None,
        },
        "->>" | "#>>" => Some(PgType::built_in("text")),
        "->" | "#>" => left.filter(|ty| ty.is("json") || ty.is("jsonb")),
        "-" | "#-" if left.as_ref().is_some_and(|ty| ty.is("jsonb")) => left,
        "||" => concatenated(left?, right?),
        "+" | "-" | "*" | "/" | "%" => arithmetic(operator, &left?, &right?),
        operator if is_predicate(operator) => Some(PgType::built_in("bool")),
        _ => None,
    }
}

/// Whether an operator returns `boolean`.
fn is_predicate(operator: &str) -> bool {
    const SYMBOLS: &[&str] = &[
        "=", "<>", "!=", "<", "<=", ">", ">=", "~", "~*", "!~", "!~*", "~~", "~~*", "!~~", "!~~*", "@>",
        "<@", "&&", "?", "?|", "?&", "@?", "@@", "^@",
    ];
    SYMBOLS.contains(&operator) || operator.starts_with(|c: char| c.is_ascii_alphabetic())
}

fn concatenated(left: PgType, right: PgType) -> Option<PgType> {
    let either =
        |wanted: &dyn Fn(&PgType) -> bool| [&left, &right].into_iter().find(|ty| wanted(ty)).cloned();
    if let Some(array) = either(&|ty| ty.is_array) {
        return Some(array.without_modifiers());
    }
    if either(&|ty| ty.is("text") || ty.is("varchar") || ty.is("bpchar")).is_some() {
        return Some(PgType::built_in("text"));
    }
    if let Some(same) = either(&|ty| ty.is("jsonb") || ty.is("bytea") || ty.is("tsvector")) {
        return Some(same);
    }
    let is_other =
        |ty: &PgType| !ty.is_built_in() || matches!(ty.built_in_name(), Some("bit" | "varbit" | "tsquery"));
    let has_constant = left.is("unknown") || right.is("unknown");
    (has_constant && either(&is_other).is_none()).then(|| PgType::built_in("text"))
}

fn arithmetic(operator: &str, left: &PgType, right: &PgType) -> Option<PgType> {
    // A string constant takes the type of the other side; beside a time it is an interval, unless it is
    // subtracted.
    let is_time = |ty: &PgType| ty.is("timestamptz") || ty.is("timestamp");
    let (left, right) = match (left.is("unknown"), right.is("unknown")) {
        (false, true) if operator == "+" && is_time(left) => return Some(left.clone().without_modifiers()),
        (true, false) => (right, right),
        (false, true) => (left, left),
        _ => (left, right),
    };
    let ty = match (left.built_in_name()?, right.built_in_name()?) {
        ("timestamptz" | "timestamp", "timestamptz" | "timestamp") if operator == "-" => "interval",
        ("time", "time") if operator == "-" => "interval",
        ("date", "date") if operator == "-" => "int4",
        ("date", "int2" | "int4") | ("int4", "date") => "date",
        ("date", "interval" | "time") | ("interval" | "time", "date") => "timestamp",
        (same @ ("timestamptz" | "timestamp" | "interval"), "interval") => same,
        ("interval", same @ ("timestamptz" | "timestamp")) => same,
        ("interval", same @ ("time" | "timetz")) | (same @ ("time" | "timetz"), "interval") => same,
        ("interval", _) | (_, "interval") => "interval",
        (range, same) if range == same && range.ends_with("range") => range,
        _ => return wider(left, right),
    };
    Some(PgType::built_in(ty))
}

/// The wider of two number types. A number that is no whole one meets a float as double precision.
pub(crate) fn wider(left: &PgType, right: &PgType) -> Option<PgType> {
    let rank = |ty: &PgType| NUMBERS.iter().position(|name| ty.is(name));
    let (left, right) = (rank(left)?, rank(right)?);
    let widest = NUMBERS[left.max(right)];
    Some(PgType::built_in(if widest == "float4" && left != right { "float8" } else { widest }))
}
