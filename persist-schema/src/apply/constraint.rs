//! Constraints of tables, written beside a column, below the columns or in ALTER TABLE.

use crate::analyse::{expression_text, name, operand};
use crate::apply::{Fold, Outcome, Problem, foreign_key, key};
use crate::catalog::{Check, Expression, Table};
use crate::identifier::QualifiedName;
use crate::parse::{Kind, Node};

/// When a constraint is checked.
pub(crate) struct Timing {
    pub(crate) deferrable: bool,
    pub(crate) initially_deferred: bool,
}

/// Whether a node is a constraint that [`add`] understands.
pub(crate) fn is_constraint(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::CHECK_CONSTRAINT
            | Kind::PRIMARY_KEY_CONSTRAINT
            | Kind::UNIQUE_CONSTRAINT
            | Kind::EXCLUDE_CONSTRAINT
            | Kind::FOREIGN_KEY_CONSTRAINT
            | Kind::REFERENCES_CONSTRAINT
            | Kind::NOT_NULL_CONSTRAINT
    )
}

/// The rank of primary keys.
pub(crate) const KEY_RANK: u8 = 2;

/// The order in which the server adds the constraints of one statement, which decides about names that clash.
pub(crate) fn rank(kind: Kind) -> u8 {
    match kind {
        Kind::NOT_NULL_CONSTRAINT => 0,
        Kind::CHECK_CONSTRAINT => 1,
        Kind::PRIMARY_KEY_CONSTRAINT => KEY_RANK,
        Kind::UNIQUE_CONSTRAINT | Kind::EXCLUDE_CONSTRAINT => 3,
        _ => 4,
    }
}

/// Adds a constraint to a table; `column` is the one that it was written beside.
pub(crate) fn add(fold: &mut Fold, table: &QualifiedName, node: Node<'_>, column: Option<&str>) -> Outcome {
    match node.kind() {
        Kind::CHECK_CONSTRAINT => add_check(fold, table, node),
        Kind::PRIMARY_KEY_CONSTRAINT | Kind::UNIQUE_CONSTRAINT => key::add(fold, table, node, column),
        Kind::EXCLUDE_CONSTRAINT => key::add_exclusion(fold, table, node),
        Kind::FOREIGN_KEY_CONSTRAINT | Kind::REFERENCES_CONSTRAINT => {
            foreign_key::add(fold, table, node, column)
        }
        Kind::NOT_NULL_CONSTRAINT => {
            let named = node.child(Kind::COLUMN_NAME_REF).map(name::identifier);
            match named.as_deref().or(column) {
                Some(column) => set_not_null(fold, table, column),
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// The name in a constraint's CONSTRAINT clause.
pub(crate) fn given_name(node: Node<'_>) -> Option<String> {
    node.child(Kind::CONSTRAINT_NAME_CLAUSE)?.child(Kind::CONSTRAINT_NAME).map(name::identifier)
}

/// What a constraint says about when it is checked.
pub(crate) fn timing(node: Node<'_>) -> Timing {
    let initially_deferred = node.has(Kind::INITIALLY_DEFERRED_CONSTRAINT_OPTION);
    Timing {
        deferrable: initially_deferred || node.has(Kind::DEFERRABLE_CONSTRAINT_OPTION),
        initially_deferred,
    }
}

/// Makes a column NOT NULL, in the tables that inherit from this one too.
pub(crate) fn set_not_null(fold: &mut Fold, table: &QualifiedName, column: &str) -> Outcome {
    for name in fold.family(table) {
        let Some(found) = fold.table_mut(&name) else {
            continue;
        };
        match found.columns.iter_mut().find(|candidate| candidate.name == column) {
            Some(column) => column.not_null = true,
            None if found.opaque.is_some() => {}
            None => return Err(missing_column(found, column)),
        }
    }
    Ok(())
}

/// A column that a statement names and the table does not have.
pub(crate) fn missing_column(table: &Table, column: &str) -> Problem {
    Problem::new(format!("the table `{}` ({}) has no column `{column}`", table.name, table.origin)).with_help(
        format!(
            "its columns here are {}",
            table.column_names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        ),
    )
}

fn add_check(fold: &mut Fold, table: &QualifiedName, node: Node<'_>) -> Outcome {
    let origin = fold.origin(node);
    let Some(operand) = operand::operand(node) else {
        return Ok(());
    };
    let Some(found) = fold.table_mut(table) else {
        return Ok(());
    };
    let expression = expression_text::over(operand, found);
    let name = given_name(node).unwrap_or_else(|| fold.choose_check_name(table, &expression.columns));
    let check = Check {
        name,
        expression,
        no_inherit: node.has(Kind::NO_INHERIT),
        validated: !node.has(Kind::NOT_VALID),
        inherited: false,
        local: true,
        comment: None,
        origin,
    };
    push_check(fold, table, check)
}

/// Adds a CHECK to a table and to those that inherit from it; one of the same name there is merged with it.
pub(crate) fn push_check(fold: &mut Fold, table: &QualifiedName, check: Check) -> Outcome {
    fold.remember(&check.name);
    let family = if check.no_inherit { vec![table.clone()] } else { fold.family(table) };
    for (depth, name) in family.iter().enumerate() {
        let Some(found) = fold.table_mut(name) else {
            continue;
        };
        match found.checks.iter_mut().find(|existing| existing.name == check.name) {
            Some(existing) if depth > 0 => existing.inherited = true,
            Some(existing) => {
                let (name, origin) = (&check.name, &existing.origin);
                return Err(Problem::new(format!("`{table}` has a constraint `{name}` already ({origin})")));
            }
            None => {
                let inherited = depth > 0 || check.inherited;
                found.checks.push(Check { inherited, local: depth == 0, ..check.clone() });
            }
        }
    }
    Ok(())
}

/// The expression with every use of a column's old name replaced by the new one.
pub(crate) fn rename_in(expression: &mut Expression, from: &str, to: &str) {
    for column in &mut expression.columns {
        if column == from {
            to.clone_into(column);
            expression.text = expression_text::rename(&expression.text, from, to);
        }
    }
}
