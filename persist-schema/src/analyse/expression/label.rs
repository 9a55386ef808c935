//! Strings that stand for the labels of an enum.

use super::context::Context;
use super::extract::range;
use super::mistake::{ExpressionMistake, MistakeKind};
use crate::analyse::call::arguments;
use crate::analyse::literal;
use crate::analyse::operand::without_parentheses;
use crate::catalog::{EnumType, TypeKind};
use crate::missing::Missing;
use crate::parse::{Kind, Node};

/// Finds the first string that is compared with an enum, or made one, and is none of its labels.
pub(super) fn check(context: &Context<'_>, node: Node<'_>) -> Result<(), ExpressionMistake> {
    [node].into_iter().chain(node.descendants()).try_for_each(|below| check_one(context, below))
}

fn check_one(context: &Context<'_>, node: Node<'_>) -> Result<(), ExpressionMistake> {
    let alike = match node.kind() {
        Kind::BIN_EXPR if compares(node) => operands(node),
        Kind::BETWEEN_EXPR => operands(node),
        Kind::CASE_EXPR => tested(node),
        Kind::CALL_EXPR => alternatives(node),
        Kind::CAST_EXPR => {
            let Some(ty) = context.lookup().type_of(node) else { return Ok(()) };
            let ty = context.catalog.base_type(&ty);
            let TypeKind::Enum(found) = context.catalog.type_kind(&ty) else { return Ok(()) };
            let values = node.all(Kind::LITERAL).filter(|_| !ty.is_array);
            return values.into_iter().try_for_each(|value| is_label(found, value));
        }
        _ => return Ok(()),
    };
    let Some(found) = alike.iter().find_map(|operand| enum_of(context, *operand)) else { return Ok(()) };
    alike.into_iter().filter(|operand| operand.is(Kind::LITERAL)).try_for_each(|value| is_label(found, value))
}

/// Whether both sides of an operator are of one type.
fn compares(node: Node<'_>) -> bool {
    node.children().any(|child| {
        matches!(
            child.kind(),
            Kind::EQ
                | Kind::NEQ
                | Kind::NEQB
                | Kind::L_ANGLE
                | Kind::R_ANGLE
                | Kind::LTEQ
                | Kind::GTEQ
                | Kind::IN_KW
                | Kind::NOT_IN
                | Kind::IS_DISTINCT_FROM
                | Kind::IS_NOT_DISTINCT_FROM
        )
    })
}

/// What stands around an operator; for IN also what is in its list, for ANY what is in its array.
fn operands(node: Node<'_>) -> Vec<Node<'_>> {
    let sides = node.children().filter(|child| !child.is_token()).map(without_parentheses);
    let is_list =
        |side: Node<'_>| side.is(Kind::TUPLE_EXPR) && (node.has(Kind::IN_KW) || node.has(Kind::NOT_IN));
    sides
        .flat_map(|side| match side {
            side if is_list(side) => elements(side),
            side => match side.descendants().take(4).find(|below| below.is(Kind::ARRAY_EXPR)) {
                Some(array) if side.children().any(is_any) => elements(array),
                _ => vec![side],
            },
        })
        .map(without_parentheses)
        .collect()
}

fn elements(node: Node<'_>) -> Vec<Node<'_>> {
    node.children().filter(|child| !child.is_token()).collect()
}

/// ANY and ALL over an array.
fn is_any(node: Node<'_>) -> bool {
    matches!(node.kind(), Kind::ANY_FN | Kind::ALL_FN | Kind::SOME_FN)
}

/// CASE x WHEN y: x and all y.
fn tested(node: Node<'_>) -> Vec<Node<'_>> {
    let subject = node.children().find(|child| !child.is_token() && !child.is(Kind::WHEN_CLAUSE_LIST));
    let Some(subject) = subject.filter(|subject| !subject.is(Kind::ELSE_CLAUSE)) else { return Vec::new() };
    let clauses = node.child(Kind::WHEN_CLAUSE_LIST).into_iter().flat_map(|list| list.all(Kind::WHEN_CLAUSE));
    let values = clauses.filter_map(|clause| clause.children().find(|child| !child.is_token()));
    [subject].into_iter().chain(values).map(without_parentheses).collect()
}

/// The arguments of COALESCE and its like, which are all of one type.
fn alternatives(call: Node<'_>) -> Vec<Node<'_>> {
    const ALIKE: &[&str] = &["coalesce", "greatest", "least", "nullif"];
    let callee = call.children().next().map_or("", Node::text);
    if !ALIKE.iter().any(|name| callee.eq_ignore_ascii_case(name)) {
        return Vec::new();
    }
    arguments(call).filter_map(|argument| argument.children().next()).map(without_parentheses).collect()
}

fn enum_of<'c>(context: &Context<'c>, node: Node<'_>) -> Option<&'c EnumType> {
    let ty = context.types().of(node)?;
    match context.catalog.type_kind(&context.catalog.base_type(&ty)) {
        TypeKind::Enum(found) if !ty.is_array => Some(found),
        _ => None,
    }
}

fn is_label(found: &EnumType, value: Node<'_>) -> Result<(), ExpressionMistake> {
    let Some(label) = literal::string(value).filter(|label| !found.labels.contains(label)) else {
        return Ok(());
    };
    let missing = Missing::label(&label, found);
    let kind = MistakeKind::UnknownLabel { label, labels: found.labels.clone() };
    Err(ExpressionMistake::missing(kind, range(value), missing))
}
