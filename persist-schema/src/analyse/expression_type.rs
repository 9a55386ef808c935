//! The types of expressions, as far as they can be told without knowing every function and operator.

use crate::analyse::name;
use crate::analyse::names::Names;
use crate::analyse::operator::{self, NUMBERS, plain, wider};
use crate::analyse::query::{self, Scope};
use crate::apply::function;
use crate::builtin::function_result::constant_result;
use crate::catalog::TypeKind;
use crate::parse::{Kind, Node};
use crate::pg_type::PgType;

/// The times that can be compared, from the one that the others are converted to least.
const TIMES: &[&str] = &["date", "timestamp", "timestamptz"];

/// The type of an expression; a string constant that no context gives a type is `text`.
pub(crate) fn of(names: Names<'_>, node: Node<'_>, scope: &Scope<'_>) -> Option<PgType> {
    let ty = infer(names, node, scope)?;
    Some(if ty.is("unknown") { PgType::built_in("text") } else { ty })
}

/// What a function in FROM gives per row, when that is one plain value.
pub(crate) fn of_set(names: Names<'_>, call: Node<'_>, scope: &Scope<'_>) -> Option<PgType> {
    let callee = function::callee_name(call.children().next()?);
    let argument = call.child(Kind::ARG_LIST).and_then(|list| list.child(Kind::ARG));
    match callee.name.as_str() {
        "unnest" => infer(names, argument?, scope).filter(|ty| ty.is_array).map(|ty| ty.element()),
        "generate_series" => infer(names, argument?, scope).map(plain),
        "regexp_split_to_table" | "string_to_table" => Some(PgType::built_in("text")),
        _ => {
            let ty = function::returned(names, &callee)?;
            let plain = match names.catalog.type_kind(&ty) {
                TypeKind::Composite(_) | TypeKind::Row(_) => false,
                TypeKind::BuiltIn => !ty.is("record"),
                TypeKind::Enum(_) | TypeKind::Domain(_) | TypeKind::Range(_) | TypeKind::External => true,
            };
            plain.then_some(ty)
        }
    }
}

/// The type that two alternatives have together: the same, or the other's where one is a string constant or
/// NULL, or of two numbers the wider one.
pub(crate) fn unify(names: Names<'_>, left: Option<PgType>, right: Option<PgType>) -> Option<PgType> {
    let (left, right) = (left?, right?);
    if left == right {
        return Some(left);
    }
    let (left, right) = (plain(names.catalog.base_type(&left)), plain(names.catalog.base_type(&right)));
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

/// The type as operators see it: domains are their base.
fn operand_type(names: Names<'_>, node: Node<'_>, scope: &Scope<'_>) -> Option<PgType> {
    infer(names, node, scope).map(|ty| names.catalog.base_type(&ty))
}

fn infer(names: Names<'_>, node: Node<'_>, scope: &Scope<'_>) -> Option<PgType> {
    let built_in = |name: &str| Some(PgType::built_in(name));
    let first = || node.children().find(|child| !child.is_token());
    match node.kind() {
        Kind::NAME_REF => {
            let name = name::identifier(node);
            scope.column(None, &name).or_else(|| session_value(&name))
        }
        Kind::FIELD_EXPR => match name::dotted(node) {
            Some(parts) => {
                let mut parts = parts.into_iter().map(name::identifier);
                let column = parts.next_back()?;
                scope.column(Some(&parts.next_back()?), &column)
            }
            None => field(names, node, scope),
        },
        Kind::PAREN_EXPR | Kind::PAREN_SELECT => match query::inner_query(node) {
            Some(query) => query::columns(names, query, scope)?.into_iter().next()?.ty,
            None => infer(names, first()?, scope),
        },
        Kind::SELECT | Kind::COMPOUND_SELECT => query::columns(names, node, scope)?.into_iter().next()?.ty,
        Kind::ARG | Kind::COLLATE => infer(names, first()?, scope),
        Kind::INDEX_EXPR | Kind::SLICE_EXPR => subscripted(names, node, scope),
        Kind::LITERAL => literal_type(node),
        Kind::CAST_EXPR => names.type_of(node),
        Kind::CALL_EXPR => call(names, node, scope),
        Kind::CASE_EXPR => case(names, node, scope),
        Kind::ARRAY_EXPR => {
            let mut elements =
                node.children().filter(|child| !child.is_token()).map(|child| infer(names, child, scope));
            let first = elements.next()?;
            let element = elements.fold(first, |left, right| unify(names, left, right))?;
            let element = if element.is("unknown") { PgType::built_in("text") } else { element };
            (!element.is_array).then(|| element.array())
        }
        Kind::PREFIX_EXPR => match node.tokens().next()?.text() {
            text if text.eq_ignore_ascii_case("not") => built_in("bool"),
            "-" | "+" => infer(names, first()?, scope).map(plain),
            _ => None,
        },
        Kind::BETWEEN_EXPR => built_in("bool"),
        Kind::POSTFIX_EXPR => built_in("bool"),
        Kind::BIN_EXPR => binary(names, node, scope),
        _ => None,
    }
}

/// The type of an attribute: `(address).city`.
fn field(names: Names<'_>, node: Node<'_>, scope: &Scope<'_>) -> Option<PgType> {
    let attribute = node.all(Kind::NAME_REF).last().map(name::identifier)?;
    let whole = operand_type(names, node.children().find(|child| !child.is_token())?, scope)?;
    if whole.is_array {
        return None;
    }
    match names.catalog.type_kind(&whole) {
        TypeKind::Composite(composite) => {
            let field = composite.fields.iter().find(|field| field.name == attribute)?;
            Some(field.ty.clone())
        }
        TypeKind::Row(table) => table.column(&attribute)?.ty.clone(),
        TypeKind::BuiltIn
        | TypeKind::Enum(_)
        | TypeKind::Domain(_)
        | TypeKind::Range(_)
        | TypeKind::External => None,
    }
}

/// What a range of PostgreSQL's own is a range of.
fn range_of(ty: &PgType) -> Option<&'static str> {
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

/// What `array[1]` and `array[1:2]` give: one slice among several subscripts makes slices of all.
fn subscripted(names: Names<'_>, node: Node<'_>, scope: &Scope<'_>) -> Option<PgType> {
    let (mut whole, mut sliced) = (node, false);
    while matches!(whole.kind(), Kind::INDEX_EXPR | Kind::SLICE_EXPR) {
        sliced |= whole.is(Kind::SLICE_EXPR);
        whole = whole.children().next()?;
    }
    let array = operand_type(names, whole, scope).filter(|ty| ty.is_array)?;
    Some(if sliced { array } else { array.element() })
}

/// The first side of a comparison as NULLIF returns it: converted where `=` needs that.
fn compared(left: PgType, right: &PgType) -> Option<PgType> {
    let family = |ty: &PgType| match ty.built_in_name() {
        Some("int2" | "int4" | "int8") => Some(1),
        Some("float4" | "float8") => Some(2),
        _ => None,
    };
    match wider(&left, right) {
        _ if left.is("varchar") => Some(PgType::built_in("text")),
        Some(both)
            if !left.is(&both.name.name) && family(&left).is_none_or(|of| Some(of) != family(right)) =>
        {
            Some(both)
        }
        _ => Some(left),
    }
}

/// What keywords such as CURRENT_DATE stand for.
pub(crate) fn session_value(name: &str) -> Option<PgType> {
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

fn call(names: Names<'_>, node: Node<'_>, scope: &Scope<'_>) -> Option<PgType> {
    let callee = node.children().next()?;
    if !matches!(callee.kind(), Kind::NAME_REF | Kind::FIELD_EXPR) {
        return match callee.kind() {
            Kind::EXISTS_FN => Some(PgType::built_in("bool")),
            Kind::SUBSTRING_FN | Kind::OVERLAY_FN | Kind::TRIM_FN => part_of_text(names, callee, scope),
            _ => constant_result(&callee.tokens().next()?.text().to_ascii_lowercase()),
        };
    }
    let written = function::callee_name(callee);
    let arguments: Vec<Option<PgType>> = match node.child(Kind::ARG_LIST) {
        Some(list) => list.all(Kind::ARG).map(|argument| infer(names, argument, scope)).collect(),
        None => Vec::new(),
    };
    let argument = |at: usize| arguments.get(at).cloned().flatten();
    let constant = |name: &str| Some(PgType::built_in(name));
    match written.name.as_str() {
        "coalesce" | "greatest" | "least" => {
            arguments.iter().cloned().reduce(|left, right| unify(names, left, right)).flatten()
        }
        "nullif" => compared(names.catalog.base_type(&argument(0)?), &argument(1)?),
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
        "sqrt" | "power" | "exp" | "ln" => {
            let is = |name: &str| arguments.iter().flatten().any(|ty| ty.is(name));
            let known = arguments.iter().all(Option::is_some);
            known.then(|| {
                PgType::built_in(if is("numeric") && !is("float8") && !is("float4") {
                    "numeric"
                } else {
                    "float8"
                })
            })
        }
        "array_agg" => argument(0).map(plain).filter(|ty| !ty.is_array).map(PgType::array),
        "array_append" | "array_cat" | "array_remove" => argument(0),
        "date_trunc" => match argument(1)?.built_in_name()? {
            "date" | "timestamptz" => constant("timestamptz"),
            same @ ("timestamp" | "interval") => constant(same),
            _ => None,
        },
        // These are made for other types too, and return those then.
        "lower" | "upper" | "substring" | "substr" | "overlay" | "btrim" | "ltrim" | "rtrim" | "reverse" => {
            let ty = names.catalog.base_type(&argument(0)?);
            match names.catalog.type_kind(&ty) {
                TypeKind::Range(range) if !ty.is_array => Some(range.subtype.clone()),
                _ if ty.is("bytea") || ty.is("bit") || ty.is("varbit") => None,
                _ if ty.name.name.ends_with("range") => range_of(&ty).and_then(constant),
                _ => function::returned(names, &written).or_else(|| constant("text")),
            }
        }
        name => function::returned(names, &written).or_else(|| constant_result(name)),
    }
}

/// SUBSTRING, OVERLAY and TRIM of text. Those of `bytea` and `bit` are left to the server.
fn part_of_text(names: Names<'_>, callee: Node<'_>, scope: &Scope<'_>) -> Option<PgType> {
    let is_sides =
        |node: Node<'_>| matches!(node.kind(), Kind::TRIM_BOTH | Kind::TRIM_LEADING | Kind::TRIM_TRAILING);
    let parts = callee.children().find(|child| !child.is_token() && !is_sides(*child))?;
    let mut values = parts.children().filter(|child| !child.is_token());
    let whole = if parts.is(Kind::TRIM_EXPR_FROM) { values.last()? } else { values.next()? };
    let ty = operand_type(names, whole, scope)?;
    let is_text = matches!(ty.built_in_name(), Some("text" | "varchar" | "bpchar" | "name" | "unknown"));
    is_text.then(|| PgType::built_in("text"))
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

fn case(names: Names<'_>, node: Node<'_>, scope: &Scope<'_>) -> Option<PgType> {
    let value = |clause: Node<'_>| {
        clause.children().filter(|child| !child.is_token()).last().and_then(|v| infer(names, v, scope))
    };
    let clauses = node.child(Kind::WHEN_CLAUSE_LIST).into_iter().flat_map(|list| list.all(Kind::WHEN_CLAUSE));
    // Without ELSE there is a NULL, which takes part like any other.
    let otherwise = match node.child(Kind::ELSE_CLAUSE) {
        Some(clause) => value(clause),
        None => Some(PgType::built_in("unknown")),
    };
    let results = clauses.map(value).chain([otherwise]);
    results.reduce(|left, right| unify(names, left, right)).flatten()
}

fn binary(names: Names<'_>, node: Node<'_>, scope: &Scope<'_>) -> Option<PgType> {
    let (left, operator, right) = operator::parts(node)?;
    operator::result(&operator, operand_type(names, left, scope), operand_type(names, right, scope))
}
