//! The names in an expression that are looked for along the search path of whoever runs it: types, functions, collations
//! and the operators of types that an extension brings. Each is written with its schema.

use super::context::Context;
use super::extract::range;
use super::mistake::{ExpressionMistake, MistakeKind};
use super::rewrite::Written;
use crate::analyse::call::callee_name;
use crate::analyse::function;
use crate::analyse::name;
use crate::analyse::operand::without_parentheses;
use crate::analyse::operator;
use crate::identifier::quote_identifier;
use crate::parse::{Kind, Node};
use crate::pg_type::PgType;

/// What is written in the place of such names.
pub(super) fn qualify(context: &Context<'_>, node: Node<'_>) -> Result<Vec<Written>, ExpressionMistake> {
    let mut names = Vec::new();
    for below in [node].into_iter().chain(node.descendants()) {
        match below.kind() {
            Kind::PATH_TYPE => names.extend(ty(context, below)),
            Kind::COLLATION_REF => names.extend(collation(context, below)),
            Kind::CALL_EXPR => {
                names.extend(function(context, below));
                refuse_hidden_equality(context, below, "NULLIF")?;
            }
            Kind::BIN_EXPR => names.extend(operator(context, below)?),
            Kind::BETWEEN_EXPR => refuse_hidden_equality(context, below, "BETWEEN")?,
            Kind::CASE_EXPR => refuse_hidden_equality(context, below, "CASE")?,
            _ => {}
        }
    }
    Ok(names)
}

/// The path of a type of the user's or of an extension; what stands in its parentheses stays.
fn ty(context: &Context<'_>, node: Node<'_>) -> Option<Written> {
    let path = node.child(Kind::PATH_REF)?;
    let (ty, _) = context.lookup().resolve_type(node);
    let ty = ty.filter(|ty| !ty.is_built_in() && !ty.name.schema.is_empty())?;
    Some(Written { range: path.range(), text: ty.name.to_sql() })
}

fn collation(context: &Context<'_>, node: Node<'_>) -> Option<Written> {
    let found =
        context.lookup().find(&name::name(node), |schema, name| schema.collations.contains_key(name))?;
    Some(Written { range: node.range(), text: found.to_sql() })
}

fn function(context: &Context<'_>, call: Node<'_>) -> Option<Written> {
    let callee = call.children().next().filter(|callee| name::dotted(*callee).is_some())?;
    let found = function::find(context.lookup(), &callee_name(callee))?;
    Some(Written { range: callee.range(), text: found.to_sql() })
}

/// An operator of a type of an extension. Without its schema the server would take the type for text where
/// the extension's schema is not in the search path, and compare otherwise without a word.
fn operator(context: &Context<'_>, node: Node<'_>) -> Result<Option<Written>, ExpressionMistake> {
    let Some((left, words, right)) = operator::parts(node) else { return Ok(None) };
    let Some(ty) = of_extension(context, left).or_else(|| of_extension(context, right)) else {
        return Ok(None);
    };
    let symbol = match words.as_str() {
        "like" => "~~",
        "not like" => "!~~",
        "ilike" => "~~*",
        "not ilike" => "!~~*",
        "in" | "not in" | "is distinct from" | "is not distinct from" => {
            return refuse(node, &ty, &words.to_ascii_uppercase()).map(|()| None);
        }
        symbol if symbol.starts_with(|c: char| c.is_ascii_alphabetic()) => return Ok(None),
        symbol => &symbol.replace(' ', ""),
    };
    let fits =
        |side: Node<'_>| is_string(side) || of_extension(context, side).is_some_and(|other| other == ty);
    let is_operator = fits(left) && fits(right);
    let first = node.children().find(|child| child.start() >= left.range().end);
    Ok(first.filter(|_| is_operator).map(|first| Written {
        range: first.start()..right.start(),
        text: format!(" OPERATOR({}.{symbol}) ", quote_identifier(&ty.name.schema)),
    }))
}

/// The type of a value, without the domains over it, where an extension brings it and its schema is known.
fn of_extension(context: &Context<'_>, node: Node<'_>) -> Option<PgType> {
    let ty = context.types().of(node)?;
    context.catalog.extension_type(&ty).map(PgType::without_modifiers)
}

/// Is it a constant that takes the type of the other side?
fn is_string(node: Node<'_>) -> bool {
    let node = without_parentheses(node);
    node.is(Kind::LITERAL) && node.tokens().next().is_some_and(|token| token.is(Kind::STRING))
}

/// What compares by an operator that cannot be named.
fn refuse_hidden_equality(
    context: &Context<'_>,
    node: Node<'_>,
    words: &str,
) -> Result<(), ExpressionMistake> {
    let mut children = node.children().filter(|child| !child.is_token());
    let first = match node.kind() {
        Kind::CALL_EXPR => {
            let callee = children.next();
            let is_nullif = callee.is_some_and(|callee| callee.text().eq_ignore_ascii_case("nullif"));
            let list = node.child(Kind::ARG_LIST).filter(|_| is_nullif);
            list.and_then(|list| list.child(Kind::ARG))
        }
        Kind::CASE_EXPR => children.next().filter(|first| !first.is(Kind::WHEN_CLAUSE_LIST)),
        _ => children.next(),
    };
    match first.and_then(|first| of_extension(context, first)) {
        Some(ty) => refuse(node, &ty, words),
        None => Ok(()),
    }
}

/// In `public` the server finds the operator, unless a role was told to look elsewhere.
fn refuse(node: Node<'_>, ty: &PgType, words: &str) -> Result<(), ExpressionMistake> {
    if ty.name.schema == "public" {
        return Ok(());
    }
    let message = format!(
        "{words} compares values of `{ty}` by an operator that cannot be named, and the schema `{}` may not be in \
         the search path",
        ty.name.schema
    );
    Err(ExpressionMistake::new(MistakeKind::Unsupported, range(node), message)
        .with_help("write it by `=`, `<>`, `<` or `>`, with AND and OR"))
}
