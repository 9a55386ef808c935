//! The definition of a column, in CREATE TABLE and ADD COLUMN.

use crate::analyse::{expression_text, name, operand, type_name};
use crate::apply::constraint::{self, is_constraint};
use crate::apply::fold::Fold;
use crate::apply::problem::Outcome;
use crate::apply::{collation, key, sequence};
use crate::catalog::{Column, Generated, GeneratedKind, Identity, Table};
use crate::identifier::QualifiedName;
use crate::parse::{Kind, Node};

/// A column as defined, and the constraints beside it that are still to be added.
pub(crate) struct Definition<'t> {
    pub(crate) column: Column,
    pub(crate) constraints: Vec<Node<'t>>,
}

/// Reads a definition: a node with a name, a type and constraints among its children. The columns of `table`
/// are those that its generation expression may name.
pub(crate) fn read<'t>(fold: &mut Fold, table: &Table, node: Node<'t>) -> Option<Definition<'t>> {
    let origin = fold.origin(node);
    let column_name = name::identifier(node.child(Kind::COLUMN_NAME)?);
    let (ty, serial) = match type_name::child(node) {
        Some(ty) => fold.resolve_type(ty),
        None => (None, false),
    };
    let mut column = Column::new(column_name, ty, origin);
    column.collation = node.child(Kind::COLLATE).and_then(|clause| collation::named(fold, clause));
    let mut constraints = Vec::new();
    for part in node.children() {
        match part.kind() {
            Kind::NOT_NULL_CONSTRAINT => column.not_null = true,
            Kind::DEFAULT_CONSTRAINT => column.default = default(part),
            Kind::GENERATED_CONSTRAINT => generated(fold, table, &mut column, part),
            kind if is_constraint(kind) => constraints.push(part),
            _ => {}
        }
    }
    if serial {
        sequence::for_serial(fold, &table.name, &mut column);
    }
    Some(Definition { column, constraints })
}

/// The text of a DEFAULT; `None` for DEFAULT NULL, which is none.
pub(crate) fn default(node: Node<'_>) -> Option<String> {
    let value = operand::operand(node)?;
    let mut inner = operand::without_parentheses(value);
    while inner.is(Kind::CAST_EXPR) {
        inner = operand::without_parentheses(operand::operand(inner)?);
    }
    let is_null = inner.is(Kind::LITERAL) && inner.text().eq_ignore_ascii_case("null");
    (!is_null).then(|| value.text().to_owned())
}

/// Reads GENERATED … AS IDENTITY or AS (…) STORED.
fn generated(fold: &mut Fold, table: &Table, column: &mut Column, node: Node<'_>) {
    if let Some(identity) = node.child(Kind::GENERATED_IDENTITY) {
        column.not_null = true;
        column.identity = Some(identity_kind(identity));
        sequence::for_identity(fold, &table.name, column, identity);
    } else if let Some(stored) = node.child(Kind::GENERATED_STORED) {
        let operand = stored.children().find(|child| !child.is_token() && !child.is(Kind::GENERATED_ALWAYS));
        if let Some(operand) = operand {
            // The columns may be defined further down, therefore any name counts for now.
            let expression = expression_text::read(operand, |_| true);
            let kind = match stored.has(Kind::STORED) {
                true => GeneratedKind::Stored,
                false => GeneratedKind::Virtual,
            };
            column.generated = Some(Generated { expression, kind });
        }
    }
}

/// ALWAYS or BY DEFAULT.
pub(crate) fn identity_kind(node: Node<'_>) -> Identity {
    if node.find(Kind::GENERATED_BY_DEFAULT).is_some() { Identity::ByDefault } else { Identity::Always }
}

/// Adds the constraints of a statement, each with the column that it stood beside, in the order of the
/// server.
pub(crate) fn add_constraints(
    fold: &mut Fold,
    table: &QualifiedName,
    mut pending: Vec<(Node<'_>, Option<String>)>,
) -> Outcome {
    pending.sort_by_key(|(node, _)| constraint::rank(node.kind()));
    let is_key =
        |node: Node<'_>| matches!(node.kind(), Kind::PRIMARY_KEY_CONSTRAINT | Kind::UNIQUE_CONSTRAINT);
    let (keys, others): (Vec<_>, Vec<_>) = pending.into_iter().partition(|(node, _)| is_key(*node));
    let (before, after): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|(node, _)| constraint::rank(node.kind()) < constraint::KEY_RANK);
    let add = |fold: &mut Fold, (node, column): &(Node<'_>, Option<String>)| {
        constraint::add(fold, table, *node, column.as_deref())
    };
    before.iter().try_for_each(|pending| add(fold, pending))?;
    key::add_all(fold, table, &keys)?;
    after.iter().try_for_each(|pending| add(fold, pending))
}
