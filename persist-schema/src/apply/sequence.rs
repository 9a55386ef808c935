//! Sequences: their own statements, and the sequences of serial and identity columns.

use crate::analyse::name::{self, Name};
use crate::analyse::{literal, lookup, operand};
use crate::apply::fold::Fold;
use crate::apply::move_object;
use crate::apply::next_value::next_value;
use crate::apply::problem::{Outcome, Problem};
use crate::catalog::{Column, Sequence};
use crate::diagnostic::Origin;
use crate::identifier::QualifiedName;
use crate::parse::{Kind, Node};
use crate::pg_type::PgType;

/// Makes the sequence of a serial column, which gives it a default and NOT NULL.
pub(crate) fn for_serial(fold: &mut Fold, table: &QualifiedName, column: &mut Column) {
    let name = QualifiedName::new(table.schema.clone(), fold.choose_sequence_name(table, &column.name));
    let ty = column.ty.clone().unwrap_or_else(|| PgType::built_in("int8"));
    let mut sequence = new(name.clone(), ty, column.origin.clone());
    sequence.owned_by = Some((table.clone(), column.name.clone()));
    column.not_null = true;
    column.default = Some(next_value(&name));
    fold.schema(&name.schema).sequences.insert(name.name, sequence);
}

/// Makes the hidden sequence of an identity column, under the name that SEQUENCE NAME gives or a name of its
/// own.
pub(crate) fn for_identity(fold: &mut Fold, table: &QualifiedName, column: &Column, node: Node<'_>) {
    let given = node.find(Kind::OPTION_SEQUENCE_NAME).map(name::name).filter(|given| !given.name.is_empty());
    let name = match given {
        Some(given) => QualifiedName::new(given.schema.unwrap_or_else(|| table.schema.clone()), given.name),
        None => QualifiedName::new(table.schema.clone(), fold.choose_sequence_name(table, &column.name)),
    };
    let ty = column.ty.clone().unwrap_or_else(|| PgType::built_in("int8"));
    let mut sequence = new(name, ty, column.origin.clone());
    sequence.owned_by = Some((table.clone(), column.name.clone()));
    sequence.identity = true;
    options(fold, &mut sequence, node);
    fold.schema(&sequence.name.schema).sequences.insert(sequence.name.name.clone(), sequence);
}

/// Makes the hidden sequence of a column that LIKE copies: with the options of the original, but always a
/// bigint.
pub(crate) fn copy_identity(fold: &mut Fold, source: &QualifiedName, table: &QualifiedName, column: &Column) {
    let name = QualifiedName::new(table.schema.clone(), fold.choose_sequence_name(table, &column.name));
    let owner = Some((source.clone(), column.name.clone()));
    let original =
        fold.schema(&source.schema).sequences.values().find(|found| found.owned_by == owner).cloned();
    let fresh = new(name.clone(), PgType::built_in("int8"), column.origin.clone());
    let sequence = match original {
        Some(original) => Sequence { name, ty: fresh.ty, comment: None, origin: fresh.origin, ..original },
        None => fresh,
    };
    let owned_by = Some((table.clone(), column.name.clone()));
    let sequence = Sequence { owned_by, identity: true, ..sequence };
    fold.schema(&sequence.name.schema).sequences.insert(sequence.name.name.clone(), sequence);
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
    let number = |kind| node.find(kind).and_then(operand::operand).and_then(literal::integer);
    if let Some(ty) = node.find(Kind::OPTION_AS_TYPE).and_then(|option| fold.type_of(option)) {
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

/// CREATE SEQUENCE.
pub(crate) fn create(fold: &mut Fold, node: Node<'_>) -> Outcome {
    let Some(written) = node.child(Kind::SEQUENCE) else { return Ok(()) };
    let origin = fold.origin(node);
    let mut written = name::name(written);
    if node.has(Kind::TEMP) {
        written.schema = Some(lookup::TEMPORARY.to_owned());
    }
    let name = fold.target(written)?;
    if fold.is_relation(&name.schema, &name.name) {
        let exists = Problem::new(format!("a relation `{name}` exists already"));
        return if node.has(Kind::IF_NOT_EXISTS) { Ok(()) } else { Err(exists) };
    }
    let mut sequence = new(name, PgType::built_in("int8"), origin);
    options(fold, &mut sequence, node);
    own(fold, &mut sequence, node);
    fold.schema(&sequence.name.schema).sequences.insert(sequence.name.name.clone(), sequence);
    Ok(())
}

/// ALTER SEQUENCE. Restarting and the like do not change what is described.
pub(crate) fn alter(fold: &mut Fold, node: Node<'_>) -> Outcome {
    let Some(written) = node.child(Kind::SEQUENCE_REF).map(name::name) else { return Ok(()) };
    let Some(found) = find(fold, &written) else {
        let fine = node.has(Kind::IF_EXISTS) || fold.may_be_elsewhere(&written);
        if fine {
            return Ok(());
        }
        return Err(fold.missing("sequence", &written, |schema| schema.sequences.keys().collect()));
    };
    if let Some(to) = node.child(Kind::SEQUENCE_RENAME_TO).and_then(|action| action.child(Kind::SEQUENCE)) {
        let to = QualifiedName::new(found.schema.clone(), name::name(to).name);
        move_object::sequence(fold, &found, to);
        return Ok(());
    }
    if let Some(schema) = node.child(Kind::SET_SCHEMA).and_then(|action| action.child(Kind::SCHEMA_REF)) {
        let to = QualifiedName::new(name::identifier(schema), found.name.clone());
        move_object::sequence(fold, &found, to);
        return Ok(());
    }
    let Some(mut sequence) = fold.schema(&found.schema).sequences.remove(&found.name) else { return Ok(()) };
    options(fold, &mut sequence, node);
    own(fold, &mut sequence, node);
    fold.schema(&found.schema).sequences.insert(found.name, sequence);
    Ok(())
}

/// DROP SEQUENCE; a default that takes values from it goes too.
pub(crate) fn drop(fold: &mut Fold, node: Node<'_>) -> Outcome {
    for written in node.all(Kind::SEQUENCE_REF).map(name::name) {
        let Some(found) = find(fold, &written) else { continue };
        fold.schema(&found.schema).sequences.remove(&found.name);
        let default = next_value(&found);
        for schema in fold.catalog.schemas.values_mut() {
            let columns = schema.tables.values_mut().flat_map(|table| &mut table.columns);
            for column in columns.filter(|column| column.default.as_ref() == Some(&default)) {
                column.default = None;
            }
        }
    }
    Ok(())
}

/// The sequence that a name means.
pub(crate) fn find(fold: &Fold, written: &Name) -> Option<QualifiedName> {
    fold.find(written, |schema, name| schema.sequences.contains_key(name))
}

fn own(fold: &Fold, sequence: &mut Sequence, node: Node<'_>) {
    let Some(option) = node.child(Kind::OPTION_OWNED_BY) else { return };
    sequence.owned_by = option.child(Kind::QUALIFIED_COLUMN_NAME_REF).and_then(|target| {
        let (table, column) = name::column_of(target);
        fold.find_table(&table).map(|table| (table, column))
    });
}
