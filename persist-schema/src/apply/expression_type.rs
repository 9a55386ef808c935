//! The types of expressions, as far as they can be told without knowing every function and operator.

use crate::apply::Fold;
use crate::apply::function;
use crate::apply::name;
use crate::apply::query::{self, Scope};
use crate::catalog::TypeKind;
use crate::parse::{Kind, Node};
use crate::pg_type::PgType;

/// Functions whose result is always of one type.
const RETURNS: &[(&str, &str)] = &[
    ("age", "interval"),
    ("array_length", "int4"),
    ("array_position", "int4"),
    ("array_to_string", "text"),
    ("ascii", "int4"),
    ("avg", "numeric"),
    ("bool_and", "bool"),
    ("bool_or", "bool"),
    ("btrim", "text"),
    ("cardinality", "int4"),
    ("char_length", "int4"),
    ("chr", "text"),
    ("clock_timestamp", "timestamptz"),
    ("concat", "text"),
    ("concat_ws", "text"),
    ("corr", "float8"),
    ("count", "int8"),
    ("cume_dist", "float8"),
    ("current_database", "name"),
    ("current_schema", "name"),
    ("current_setting", "text"),
    ("date_part", "float8"),
    ("dense_rank", "int8"),
    ("encode", "text"),
    ("every", "bool"),
    ("extract", "numeric"),
    ("format", "text"),
    ("gen_random_uuid", "uuid"),
    ("has_table_privilege", "bool"),
    ("initcap", "text"),
    ("json_agg", "json"),
    ("json_build_array", "json"),
    ("json_build_object", "json"),
    ("json_object_agg", "json"),
    ("jsonb_agg", "jsonb"),
    ("jsonb_array_length", "int4"),
    ("jsonb_build_array", "jsonb"),
    ("jsonb_build_object", "jsonb"),
    ("jsonb_extract_path_text", "text"),
    ("jsonb_object_agg", "jsonb"),
    ("jsonb_set", "jsonb"),
    ("jsonb_typeof", "text"),
    ("left", "text"),
    ("length", "int4"),
    ("lower", "text"),
    ("lpad", "text"),
    ("ltrim", "text"),
    ("md5", "text"),
    ("now", "timestamptz"),
    ("ntile", "int4"),
    ("overlay", "text"),
    ("percent_rank", "float8"),
    ("pg_table_size", "int8"),
    ("pg_total_relation_size", "int8"),
    ("position", "int4"),
    ("quote_ident", "text"),
    ("random", "float8"),
    ("rank", "int8"),
    ("regexp_replace", "text"),
    ("repeat", "text"),
    ("replace", "text"),
    ("reverse", "text"),
    ("right", "text"),
    ("row_number", "int8"),
    ("row_to_json", "json"),
    ("rpad", "text"),
    ("rtrim", "text"),
    ("split_part", "text"),
    ("statement_timestamp", "timestamptz"),
    ("string_agg", "text"),
    ("string_to_array", "text[]"),
    ("strpos", "int4"),
    ("substr", "text"),
    ("substring", "text"),
    ("to_char", "text"),
    ("to_date", "date"),
    ("to_json", "json"),
    ("to_jsonb", "jsonb"),
    ("to_timestamp", "timestamptz"),
    ("to_tsquery", "tsquery"),
    ("to_tsvector", "tsvector"),
    ("transaction_timestamp", "timestamptz"),
    ("trim", "text"),
    ("upper", "text"),
    ("uuid_generate_v4", "uuid"),
    ("xpath", "xml[]"),
];

/// The number types from narrow to wide: an operation on two gives the wider one.
const NUMBERS: &[&str] = &["int2", "int4", "int8", "numeric", "float4", "float8"];

/// The type of an expression; a string constant that no context gives a type is `text`.
pub(crate) fn of(fold: &Fold, node: Node<'_>, scope: &Scope<'_>) -> Option<PgType> {
    let ty = infer(fold, node, scope)?;
    Some(if ty.is("unknown") { PgType::built_in("text") } else { ty })
}

/// What a function in FROM gives per row, when that is one plain value.
pub(crate) fn of_set(fold: &Fold, call: Node<'_>, scope: &Scope<'_>) -> Option<PgType> {
    let callee = function::callee_name(call.children().next()?);
    let argument = call.child(Kind::ARG_LIST).and_then(|list| list.child(Kind::ARG));
    match callee.name.as_str() {
        "unnest" => infer(fold, argument?, scope).filter(|ty| ty.is_array).map(|ty| ty.element()),
        "generate_series" => infer(fold, argument?, scope).map(plain),
        "regexp_split_to_table" | "string_to_table" => Some(PgType::built_in("text")),
        _ => {
            let ty = function::returned(fold, &callee)?;
            let plain = match fold.catalog.type_kind(&ty) {
                TypeKind::Composite(_) | TypeKind::Row(_) => false,
                TypeKind::BuiltIn => !ty.is("record"),
                TypeKind::Enum(_) | TypeKind::Domain(_) | TypeKind::Range(_) | TypeKind::External => true,
            };
            plain.then_some(ty)
        }
    }
}

/// The type that two alternatives have together: the same, or the other's where one is a string constant or
/// NULL.
pub(crate) fn unify(left: Option<PgType>, right: Option<PgType>) -> Option<PgType> {
    let (left, right) = (left?, right?);
    match () {
        () if left == right || right.is("unknown") => Some(left),
        () if left.is("unknown") => Some(right),
        () if plain(left.clone()) == plain(right.clone()) => Some(plain(left)),
        () => wider(&left, &right),
    }
}

fn infer(fold: &Fold, node: Node<'_>, scope: &Scope<'_>) -> Option<PgType> {
    let built_in = |name: &str| Some(PgType::built_in(name));
    let first = || node.children().find(|child| !child.is_token());
    match node.kind() {
        Kind::NAME_REF => {
            let name = name::identifier(node);
            scope.column(None, &name).or_else(|| session_value(&name))
        }
        Kind::FIELD_EXPR => {
            let mut parts = name::identifiers(node, Kind::NAME_REF);
            let column = parts.pop()?;
            let table = parts.pop()?;
            scope.column(Some(&table), &column)
        }
        Kind::PAREN_EXPR | Kind::PAREN_SELECT => match query::inner_query(node) {
            Some(query) => query::columns(fold, query, scope)?.into_iter().next()?.ty,
            None => infer(fold, first()?, scope),
        },
        Kind::SELECT | Kind::COMPOUND_SELECT => query::columns(fold, node, scope)?.into_iter().next()?.ty,
        Kind::ARG | Kind::COLLATE | Kind::SLICE_EXPR => infer(fold, first()?, scope),
        Kind::INDEX_EXPR => infer(fold, first()?, scope).filter(|ty| ty.is_array).map(|ty| ty.element()),
        Kind::LITERAL => literal_type(node),
        Kind::CAST_EXPR => fold.type_of(node),
        Kind::CALL_EXPR => call(fold, node, scope),
        Kind::CASE_EXPR => case(fold, node, scope),
        Kind::ARRAY_EXPR => {
            let mut elements =
                node.children().filter(|child| !child.is_token()).map(|child| infer(fold, child, scope));
            let first = elements.next()?;
            let element = elements.fold(first, unify)?;
            let element = if element.is("unknown") { PgType::built_in("text") } else { element };
            (!element.is_array).then(|| element.array())
        }
        Kind::PREFIX_EXPR => match node.tokens().next()?.text() {
            text if text.eq_ignore_ascii_case("not") => built_in("bool"),
            "-" | "+" => infer(fold, first()?, scope).map(plain),
            _ => None,
        },
        Kind::BETWEEN_EXPR => built_in("bool"),
        Kind::POSTFIX_EXPR => built_in("bool"),
        Kind::BIN_EXPR => binary(fold, node, scope),
        _ => None,
    }
}

/// What keywords such as CURRENT_DATE stand for.
fn session_value(name: &str) -> Option<PgType> {
    let ty = match name {
        "current_date" => "date",
        "current_timestamp" => "timestamptz",
        "current_time" => "timetz",
        "localtimestamp" => "timestamp",
        "localtime" => "time",
        "current_user" | "session_user" | "user" | "current_role" | "current_catalog" | "current_schema" => {
            "name"
        }
        _ => return None,
    };
    Some(PgType::built_in(ty))
}

fn literal_type(node: Node<'_>) -> Option<PgType> {
    let token = node.tokens().next()?;
    let ty = match token.kind() {
        Kind::INT_NUMBER => match token.text().parse::<i64>() {
            Ok(number) if i32::try_from(number).is_ok() => "int4",
            Ok(_) => "int8",
            Err(_) => "numeric",
        },
        Kind::NUMERIC_NUMBER => "numeric",
        Kind::TRUE_KW | Kind::FALSE_KW => "bool",
        Kind::BIT_STRING => "bit",
        _ => "unknown",
    };
    Some(PgType::built_in(ty))
}

fn call(fold: &Fold, node: Node<'_>, scope: &Scope<'_>) -> Option<PgType> {
    let callee = node.children().next()?;
    if !matches!(callee.kind(), Kind::NAME_REF | Kind::FIELD_EXPR) {
        return match callee.kind() {
            Kind::EXISTS_FN => Some(PgType::built_in("bool")),
            _ => constant_result(&callee.tokens().next()?.text().to_ascii_lowercase()),
        };
    }
    let written = function::callee_name(callee);
    let arguments: Vec<Option<PgType>> = match node.child(Kind::ARG_LIST) {
        Some(list) => list.all(Kind::ARG).map(|argument| infer(fold, argument, scope)).collect(),
        None => Vec::new(),
    };
    let argument = |at: usize| arguments.get(at).cloned().flatten();
    match written.name.as_str() {
        "coalesce" | "greatest" | "least" => arguments.iter().cloned().reduce(unify).flatten(),
        "nullif" => argument(0),
        "min" | "max" => {
            argument(0).map(plain).map(|ty| if ty.is("varchar") { PgType::built_in("text") } else { ty })
        }
        "first_value" | "last_value" | "nth_value" | "lag" | "lead" | "mode" => argument(0),
        "abs" | "any_value" | "bit_and" | "bit_or" => argument(0).map(plain),
        "sum" => sum(&argument(0)?),
        "avg" => match argument(0)?.built_in_name()? {
            "float4" | "float8" => Some(PgType::built_in("float8")),
            "interval" => Some(PgType::built_in("interval")),
            _ => constant_result("avg"),
        },
        "ceil" | "ceiling" | "floor" | "round" | "trunc" => match argument(0)?.built_in_name()? {
            "numeric" => Some(PgType::built_in("numeric")),
            "float8" | "float4" | "int2" | "int4" | "int8" => Some(PgType::built_in("float8")),
            _ => None,
        },
        "array_agg" => argument(0).map(plain).filter(|ty| !ty.is_array).map(PgType::array),
        "array_append" | "array_cat" | "array_remove" => argument(0),
        "date_trunc" => argument(1).map(plain),
        "substring" | "left" | "right" | "length" if argument(0).is_some_and(|ty| ty.is("bytea")) => None,
        name => function::returned(fold, &written).or_else(|| constant_result(name)),
    }
}

fn constant_result(function: &str) -> Option<PgType> {
    let (_, ty) = RETURNS.iter().find(|(name, _)| *name == function)?;
    Some(match ty.strip_suffix("[]") {
        Some(element) => PgType::built_in(element).array(),
        None => PgType::built_in(ty),
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

fn case(fold: &Fold, node: Node<'_>, scope: &Scope<'_>) -> Option<PgType> {
    let value = |clause: Node<'_>| {
        clause.children().filter(|child| !child.is_token()).last().map(|v| infer(fold, v, scope))
    };
    let branches = node
        .child(Kind::WHEN_CLAUSE_LIST)
        .into_iter()
        .flat_map(|list| list.all(Kind::WHEN_CLAUSE))
        .chain(node.child(Kind::ELSE_CLAUSE));
    branches.filter_map(value).reduce(unify).flatten()
}

fn binary(fold: &Fold, node: Node<'_>, scope: &Scope<'_>) -> Option<PgType> {
    let mut operands = node.children().filter(|child| !child.is_token() && !is_operator(*child));
    let (left, right) = (operands.next()?, operands.last()?);
    let between =
        node.text().get(left.range().end - node.start()..right.start().checked_sub(node.start())?)?;
    let operator: String = between.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase();
    if node.has(Kind::AT_TIME_ZONE) {
        return match infer(fold, left, scope)?.built_in_name()? {
            "timestamptz" => Some(PgType::built_in("timestamp")),
            "timestamp" => Some(PgType::built_in("timestamptz")),
            _ => None,
        };
    }
    match operator.as_str() {
        "->>" | "#>>" => Some(PgType::built_in("text")),
        "->" | "#>" => infer(fold, left, scope).map(plain),
        "||" => concatenated(infer(fold, left, scope), infer(fold, right, scope)),
        "+" | "-" | "*" | "/" | "%" => {
            arithmetic(&operator, &infer(fold, left, scope)?, &infer(fold, right, scope)?)
        }
        "&" | "|" | "#" | "<<" | ">>" | "^" | ".." | "::" => None,
        // Comparisons, AND, OR, IS, IN, LIKE and whatever else asks a question.
        _ => Some(PgType::built_in("bool")),
    }
}

fn is_operator(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        Kind::CUSTOM_OP
            | Kind::OP
            | Kind::OPERATOR_CALL
            | Kind::AT_TIME_ZONE
            | Kind::IS_NOT
            | Kind::IS_DISTINCT_FROM
            | Kind::IS_NOT_DISTINCT_FROM
            | Kind::NOT_IN
            | Kind::NOT_LIKE
            | Kind::NOT_ILIKE
            | Kind::SIMILAR_TO
            | Kind::NOT_SIMILAR_TO
    )
}

fn concatenated(left: Option<PgType>, right: Option<PgType>) -> Option<PgType> {
    let known: Vec<PgType> =
        left.into_iter().chain(right).filter(|ty| !ty.is("unknown")).map(plain).collect();
    match known.as_slice() {
        [] => None,
        _ if known.iter().any(|ty| ty.is_array) => known.into_iter().find(|ty| ty.is_array),
        _ if known.iter().any(|ty| ty.is("jsonb")) => Some(PgType::built_in("jsonb")),
        _ if known.iter().any(|ty| ty.is("bytea") || ty.is("tsvector")) => known.into_iter().next(),
        _ => Some(PgType::built_in("text")),
    }
}

fn arithmetic(operator: &str, left: &PgType, right: &PgType) -> Option<PgType> {
    // A string constant takes the type of the other side, when that is a number.
    let (left, right) = match (left.is("unknown"), right.is("unknown")) {
        (true, false) => (right, right),
        (false, true) => (left, left),
        _ => (left, right),
    };
    let names = (left.built_in_name()?, right.built_in_name()?);
    let ty = match names {
        ("timestamptz" | "timestamp", "timestamptz" | "timestamp") if operator == "-" => "interval",
        ("date", "date") if operator == "-" => "int4",
        ("date", "int2" | "int4") | ("int4", "date") => "date",
        ("date", "interval") => "timestamp",
        (same @ ("timestamptz" | "timestamp" | "interval"), "interval") => same,
        ("interval", same @ ("timestamptz" | "timestamp")) => same,
        ("interval", _) | (_, "interval") => "interval",
        _ => return wider(left, right),
    };
    Some(PgType::built_in(ty))
}

/// The wider of two number types. A number that is no whole one meets a float as double precision.
fn wider(left: &PgType, right: &PgType) -> Option<PgType> {
    let rank = |ty: &PgType| NUMBERS.iter().position(|name| ty.is(name));
    let (left, right) = (rank(left)?, rank(right)?);
    let widest = NUMBERS[left.max(right)];
    Some(PgType::built_in(if widest == "float4" && left != right { "float8" } else { widest }))
}

/// The type without modifiers: what functions and operators return.
fn plain(ty: PgType) -> PgType {
    PgType { modifiers: Vec::new(), interval_fields: None, ..ty }
}
