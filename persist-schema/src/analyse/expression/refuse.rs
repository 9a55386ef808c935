//! What cannot stand in an expression over one row.

use super::context::Context;
use super::extract::range;
use super::mistake::{ExpressionMistake, MistakeKind};
use crate::analyse::call::callee_name;
use crate::analyse::name::{self, Name};
use crate::builtin::function_kind::{is_aggregate, is_set_returning, is_volatile, is_window};
use crate::catalog::{Function, FunctionKind};
use crate::parse::{Kind, Node};

/// Finds the first thing that cannot stand in any expression.
pub(super) fn refuse(context: &Context<'_>, node: Node<'_>) -> Result<(), ExpressionMistake> {
    if node.is(Kind::STAR) {
        return Err(star(node));
    }
    [node].into_iter().chain(node.descendants()).try_for_each(|below| refuse_one(context, below))
}

/// Finds the first function that would sort differently each time.
pub(super) fn refuse_volatile(node: Node<'_>) -> Result<(), ExpressionMistake> {
    for call in [node].into_iter().chain(node.descendants()).filter(|below| below.is(Kind::CALL_EXPR)) {
        if let Some(name) = callee(call).map(|name| name.name).filter(|name| is_volatile(name)) {
            let message = format!("`{name}()` gives another order each time");
            return Err(ExpressionMistake::new(MistakeKind::Volatile, range(call), message)
                .with_help("order by columns, so that lists and pages are stable"));
        }
    }
    Ok(())
}

fn refuse_one(context: &Context<'_>, node: Node<'_>) -> Result<(), ExpressionMistake> {
    let (kind, message, help) = match node.kind() {
        Kind::SELECT | Kind::COMPOUND_SELECT | Kind::VALUES | Kind::TABLE | Kind::PAREN_SELECT => (
            MistakeKind::SubSelect,
            "a query cannot stand in this expression".to_owned(),
            "name columns only; what comes from other tables is a relation",
        ),
        Kind::OVER_CLAUSE => (
            MistakeKind::Window,
            "a window function cannot stand in an expression over one row".to_owned(),
            "make a view of it in a migration",
        ),
        Kind::FILTER_CLAUSE | Kind::WITHIN_CLAUSE | Kind::JSON_ARRAY_AGG_FN | Kind::JSON_OBJECT_AGG_FN => {
            return Err(aggregate(node, "an aggregate"));
        }
        Kind::FIELD_EXPR if node.has(Kind::STAR) => return Err(star(node)),
        Kind::LITERAL => match node.tokens().next() {
            Some(token) if token.is(Kind::POSITIONAL_PARAM) => (
                MistakeKind::Parameter,
                format!("`{}` is a parameter, and it gets no value here", token.text()),
                "write a constant, or filter where the query is made",
            ),
            Some(token) if token.is(Kind::DEFAULT_KW) => {
                let message = "DEFAULT cannot stand in an expression";
                return Err(ExpressionMistake::new(MistakeKind::Unsupported, range(node), message));
            }
            _ => return Ok(()),
        },
        Kind::CALL_EXPR => return refuse_call(context, node),
        _ => return Ok(()),
    };
    Err(ExpressionMistake::new(kind, range(node), message).with_help(help))
}

fn refuse_call(context: &Context<'_>, call: Node<'_>) -> Result<(), ExpressionMistake> {
    if call.has(Kind::OVER_CLAUSE) {
        return Ok(()); // The clause itself is refused.
    }
    let Some(written) = callee(call) else { return Ok(()) };
    let users = functions(context, &written);
    let name = written.name.as_str();
    let is_builtin = |is: fn(&str) -> bool| users.is_empty() && is(name);
    if is_builtin(is_aggregate) || users.iter().any(|function| function.kind == FunctionKind::Aggregate) {
        return Err(aggregate(call, &format!("`{name}` is an aggregate: it")));
    }
    if is_builtin(is_window) {
        let message = format!("`{name}` is a window function: it cannot stand in an expression over one row");
        return Err(ExpressionMistake::new(MistakeKind::Window, range(call), message)
            .with_help("make a view of it in a migration"));
    }
    if is_builtin(is_set_returning)
        || (!users.is_empty() && users.iter().all(|function| function.returns_set))
    {
        let message = format!("`{name}` returns many rows: it cannot stand in an expression over one row");
        return Err(ExpressionMistake::new(MistakeKind::SetReturning, range(call), message)
            .with_help("ask with an operator instead, such as `= ANY(…)` or `@>`"));
    }
    match call.child(Kind::ARG_LIST).and_then(|list| list.child(Kind::STAR)) {
        Some(found) => Err(star(found)),
        None => Ok(()),
    }
}

fn aggregate(node: Node<'_>, what: &str) -> ExpressionMistake {
    let message = format!("{what} cannot stand in an expression over one row");
    ExpressionMistake::new(MistakeKind::Aggregate, range(node), message)
        .with_help("aggregates of a relation are fields of a view: `count`, `sum`, `min`, `max`, `avg`")
}

fn star(node: Node<'_>) -> ExpressionMistake {
    ExpressionMistake::new(MistakeKind::Star, range(node), "`*` is no expression")
        .with_help("name the columns")
}

/// The name of the function that a call names; `None` for those that are grammar, such as EXTRACT.
fn callee(call: Node<'_>) -> Option<Name> {
    let callee = call.children().next().filter(|callee| name::dotted(*callee).is_some())?;
    Some(callee_name(callee))
}

/// The functions of that name which migrations create.
fn functions<'c>(context: &Context<'c>, written: &Name) -> Vec<&'c Function> {
    let schemas = context.catalog.schemas.values();
    let schemas = schemas.filter(|schema| written.schema.as_ref().is_none_or(|name| *name == schema.name));
    schemas
        .flat_map(|schema| &schema.functions)
        .filter(|function| function.name.name == written.name)
        .collect()
}
