//! Sequences: their own statements, and those behind serial and identity columns.

use crate::apply::Fold;
use crate::catalog::{Column, Sequence};
use crate::diagnostic::Origin;
use crate::identifier::QualifiedName;
use crate::parse::{Kind, Node};
use crate::pg_type::PgType;

/// Makes the sequence of a serial column, which gives it a default and NOT NULL.
pub(crate) fn for_serial(fold: &mut Fold, table: &QualifiedName, column: &mut Column) {
    let name = QualifiedName::new(
        table.schema.clone(),
        fold.choose_sequence_name(table, &column.name),
    );
    let ty = column.ty.clone().unwrap_or_else(|| PgType::built_in("int8"));
    let mut sequence = new(name.clone(), ty, column.origin.clone());
    sequence.owned_by = Some((table.clone(), column.name.clone()));
    column.not_null = true;
    column.default = Some(next_value(&name));
    fold.schema(&name.schema).sequences.insert(name.name, sequence);
}

/// Makes the hidden sequence of an identity column.
pub(crate) fn for_identity(fold: &mut Fold, table: &QualifiedName, column: &Column, node: Node<'_>) {
    let name = QualifiedName::new(
        table.schema.clone(),
        fold.choose_sequence_name(table, &column.name),
    );
    let ty = column.ty.clone().unwrap_or_else(|| PgType::built_in("int8"));
    let mut sequence = new(name, ty, column.origin.clone());
    sequence.owned_by = Some((table.clone(), column.name.clone()));
    sequence.identity = true;
    options(fold, &mut sequence, node);
    fold.schema(&sequence.name.schema)
        .sequences
        .insert(sequence.name.name.clone(), sequence);
}

/// The default of a column that is filled from a sequence, as the server writes it.
pub(crate) fn next_value(sequence: &QualifiedName) -> String {
    let name = match sequence.schema.as_str() {
        "public" => crate::identifier::quote_identifier(&sequence.name),
        _ => sequence.to_sql(),
    };
    format!("nextval('{}'::regclass)", name.replace('\'', "''"))
}

/// A sequence as CREATE SEQUENCE makes it when nothing is said.
pub(crate) fn new(name: QualifiedName, ty: PgType, origin: Origin) -> Sequence {
    Sequence {
        name,
        ty,
        owned_by: None,
        identity: false,
        increment: 1,
        start: 1,
        cycle: false,
        comment: None,
        origin,
    }
}

/// Reads the options of a sequence from anywhere below a node.
pub(crate) fn options(fold: &mut Fold, sequence: &mut Sequence, node: Node<'_>) {
    let number =
        |kind| crate::apply::scope::number(node.find(kind).and_then(crate::apply::expression::operand));
    if let Some(ty) = node
        .find(Kind::OPTION_AS_TYPE)
        .and_then(|option| fold.type_of(option))
    {
        sequence.ty = ty;
    }
    if let Some(increment) = number(Kind::OPTION_INCREMENT) {
        sequence.increment = increment;
        if increment < 0 {
            sequence.start = -1;
        }
    }
    let first = match sequence.increment < 0 {
        true => Kind::OPTION_MAX_VALUE,
        false => Kind::OPTION_MIN_VALUE,
    };
    if let Some(start) = number(Kind::OPTION_START).or_else(|| number(first)) {
        sequence.start = start;
    }
    if node.find(Kind::OPTION_CYCLE).is_some() {
        sequence.cycle = true;
    }
    if node.find(Kind::OPTION_NO_CYCLE).is_some() {
        sequence.cycle = false;
    }
}
