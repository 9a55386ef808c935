//! PostgreSQL's functions whose result has a type that follows from the types of their arguments.

use crate::builtin::common_type::{common_type, nullif_type};
use crate::builtin::range;
use crate::catalog::{Catalog, TypeKind};
use crate::pg_type::PgType;

/// What the arguments of a call say about the type of its result.
pub(crate) enum ResultType {
    /// It is this type, or one that cannot be known here.
    Follows(Option<PgType>),
    /// The function returns one type whatever its arguments are, or is none of PostgreSQL's.
    Fixed,
}

/// The type that a function returns for arguments of these types.
pub(crate) fn result_type(catalog: &Catalog, function: &str, arguments: &[Option<PgType>]) -> ResultType {
    let argument = |at: usize| arguments.get(at).cloned().flatten();
    let first = || argument(0).map(PgType::without_modifiers);
    ResultType::Follows(match function {
        "coalesce" | "greatest" | "least" => {
            let all = arguments.iter().cloned();
            all.reduce(|left, right| common_type(catalog, left, right)).flatten()
        }
        "nullif" => {
            argument(0).zip(argument(1)).map(|(left, right)| nullif_type(catalog.base_type(&left), &right))
        }
        "min" | "max" => first().map(|ty| if ty.is("varchar") { PgType::built_in("text") } else { ty }),
        "first_value" | "last_value" | "nth_value" | "lag" | "lead" | "mode" => argument(0),
        "abs" | "any_value" | "bit_and" | "bit_or" => first(),
        "sum" => first().and_then(|ty| sum(&ty)),
        "avg" => first().and_then(|ty| average(&ty)),
        "ceil" | "ceiling" | "floor" | "round" | "trunc" => first().and_then(|ty| rounded(&ty)),
        "sqrt" | "power" | "exp" | "ln" => real(arguments),
        "array_agg" => first().filter(|ty| !ty.is_array).map(PgType::array),
        "array_append" | "array_cat" | "array_remove" => argument(0),
        "date_trunc" => argument(1).and_then(|ty| truncated_time(&ty)),
        "lower" | "upper" | "substring" | "substr" | "overlay" | "btrim" | "ltrim" | "rtrim" | "reverse" => {
            match argument(0).map(|ty| catalog.base_type(&ty)) {
                Some(ty) => return part(catalog, &ty),
                None => None,
            }
        }
        _ => return ResultType::Fixed,
    })
}

fn sum(argument: &PgType) -> Option<PgType> {
    let ty = match argument.built_in_name()? {
        "int2" | "int4" => "int8",
        "int8" | "numeric" => "numeric",
        same @ ("float4" | "float8" | "interval" | "money") => same,
        _ => return None,
    };
    Some(PgType::built_in(ty))
}

fn average(argument: &PgType) -> Option<PgType> {
    let ty = match argument.built_in_name()? {
        "float4" | "float8" => "float8",
        "interval" => "interval",
        _ => "numeric",
    };
    Some(PgType::built_in(ty))
}

/// `round` and its like.
fn rounded(argument: &PgType) -> Option<PgType> {
    let ty = match argument.built_in_name()? {
        "numeric" => "numeric",
        "float8" | "float4" | "int2" | "int4" | "int8" => "float8",
        _ => return None,
    };
    Some(PgType::built_in(ty))
}

/// `sqrt` and its like: `numeric` unless a float takes part, and for whole numbers a float as well.
fn real(arguments: &[Option<PgType>]) -> Option<PgType> {
    let is = |name: &str| arguments.iter().flatten().any(|ty| ty.is(name));
    let is_numeric = is("numeric") && !is("float8") && !is("float4");
    let known = arguments.iter().all(Option::is_some);
    known.then(|| PgType::built_in(if is_numeric { "numeric" } else { "float8" }))
}

fn truncated_time(argument: &PgType) -> Option<PgType> {
    let ty = match argument.built_in_name()? {
        "date" | "timestamptz" => "timestamptz",
        same @ ("timestamp" | "interval") => same,
        _ => return None,
    };
    Some(PgType::built_in(ty))
}

/// Functions over text that exist for ranges, `bytea` and `bit` too, and return those then.
fn part(catalog: &Catalog, argument: &PgType) -> ResultType {
    match catalog.type_kind(argument) {
        TypeKind::Range(range) if !argument.is_array => ResultType::Follows(Some(range.subtype.clone())),
        _ if argument.is("bytea") || argument.is("bit") || argument.is("varbit") => ResultType::Follows(None),
        _ if argument.name.name.ends_with("range") => {
            ResultType::Follows(range::subtype(argument).map(PgType::built_in))
        }
        _ => ResultType::Fixed,
    }
}
