//! ALTER TABLE … ALTER COLUMN.

use crate::analyse::{expression_text, name, operand};
use crate::apply::change_column::{change_column, set_not_null};
use crate::apply::fold::Fold;
use crate::apply::problem::{Outcome, Problem};
use crate::apply::{collation, column, sequence};
use crate::catalog::{Expression, Identity, Sequence, Table};
use crate::identifier::QualifiedName;
use crate::parse::{Kind, Node};

pub(crate) fn apply(fold: &mut Fold, table: &QualifiedName, action: Node<'_>, only: bool) -> Outcome {
    let Some(name) = action.child(Kind::COLUMN_NAME_REF).map(name::identifier) else {
        return Ok(());
    };
    let Some(change) = action.children().find(|child| !child.is_token() && !child.is(Kind::COLUMN_NAME_REF))
    else {
        return Ok(());
    };
    match change.kind() {
        Kind::SET_TYPE => set_type(fold, table, &name, change),
        Kind::SET_DEFAULT => {
            let default = column::default(change);
            change_column(fold, table, &name, only, |column| column.default.clone_from(&default))
        }
        Kind::DROP_DEFAULT => change_column(fold, table, &name, only, |column| column.default = None),
        Kind::SET_NOT_NULL => set_not_null(fold, table, &name),
        Kind::DROP_NOT_NULL => drop_not_null(fold, table, &name, only),
        Kind::ADD_GENERATED => add_identity(fold, table, &name, change),
        Kind::SET_GENERATED_OPTIONS => set_identity(fold, table, &name, change),
        Kind::DROP_IDENTITY => drop_identity(fold, table, &name),
        Kind::DROP_EXPRESSION => change_column(fold, table, &name, only, |column| column.generated = None),
        Kind::SET_EXPRESSION => set_expression(fold, table, &name, change),
        // Statistics, storage, compression and options do not change what is described.
        _ => Ok(()),
    }
}

/// A new type, and with it a new collation. A generated or serial column stays one.
fn set_type(fold: &mut Fold, table: &QualifiedName, name: &str, change: Node<'_>) -> Outcome {
    let ty = fold.type_of(change);
    let collation = change.child(Kind::COLLATE).and_then(|clause| collation::named(fold, clause));
    change_column(fold, table, name, false, |column| {
        column.ty.clone_from(&ty);
        column.collation.clone_from(&collation);
    })?;
    // The sequence of an identity column follows; that of a serial column keeps its type.
    for sequence in fold.schema(&table.schema).sequences.values_mut() {
        let owner =
            sequence.owned_by.as_ref().is_some_and(|(owner, column)| owner == table && column == name);
        if let Some(ty) = &ty
            && owner
            && sequence.identity
        {
            sequence.ty.clone_from(ty);
        }
    }
    Ok(())
}

fn drop_not_null(fold: &mut Fold, table: &QualifiedName, name: &str, only: bool) -> Outcome {
    if let Some(found) = fold.catalog.table_named(table)
        && found.is_key_column(name)
    {
        return Err(Problem::new(format!(
            "`{table}.{name}` is part of the primary key and must be NOT NULL"
        )));
    }
    change_column(fold, table, name, only, |column| column.not_null = false)
}

fn add_identity(fold: &mut Fold, table: &QualifiedName, name: &str, change: Node<'_>) -> Outcome {
    let identity = column::identity_kind(change);
    change_column(fold, table, name, true, |column| column.identity = Some(identity))?;
    let found = fold.catalog.table_named(table).and_then(|table| table.column(name)).cloned();
    if let Some(mut column) = found {
        column.origin = fold.origin(change);
        sequence::for_identity(fold, table, &column, change);
    }
    Ok(())
}

fn set_identity(fold: &mut Fold, table: &QualifiedName, name: &str, change: Node<'_>) -> Outcome {
    if let Some(clause) = change.child(Kind::SET_GENERATED) {
        let identity: Identity = column::identity_kind(clause);
        change_column(fold, table, name, true, |column| column.identity = Some(identity))?;
    }
    if let Some(mut sequence) = take_identity_sequence(fold, table, name) {
        sequence::options(fold, &mut sequence, change);
        fold.schema(&table.schema).sequences.insert(sequence.name.name.clone(), sequence);
    }
    Ok(())
}

fn drop_identity(fold: &mut Fold, table: &QualifiedName, name: &str) -> Outcome {
    take_identity_sequence(fold, table, name);
    change_column(fold, table, name, true, |column| column.identity = None)
}

fn take_identity_sequence(fold: &mut Fold, table: &QualifiedName, column: &str) -> Option<Sequence> {
    let sequences = &mut fold.schema(&table.schema).sequences;
    let found = sequences.values().find(|sequence| {
        sequence.identity && sequence.owned_by.as_ref().is_some_and(|(t, c)| t == table && c == column)
    });
    let name = found.map(|sequence| sequence.name.name.clone())?;
    sequences.remove(&name)
}

fn set_expression(fold: &mut Fold, table: &QualifiedName, name: &str, change: Node<'_>) -> Outcome {
    let Some(operand) = operand::operand(change) else {
        return Ok(());
    };
    let read = |table: &Table| expression_text::over(operand, table);
    let Some(expression): Option<Expression> = fold.catalog.table_named(table).map(read) else {
        return Ok(());
    };
    change_column(fold, table, name, false, |column| {
        if let Some(generated) = &mut column.generated {
            generated.expression.clone_from(&expression);
        }
    })
}
