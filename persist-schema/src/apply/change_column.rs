//! Changes of one column, in the tables that inherit it too.

use crate::apply::fold::Fold;
use crate::apply::problem::{Outcome, Problem};
use crate::catalog::{Column, Table};
use crate::identifier::QualifiedName;

/// Applies a change to a column of a table and, unless ONLY was said, of those that inherit it.
pub(crate) fn change_column(
    fold: &mut Fold,
    table: &QualifiedName,
    column: &str,
    only: bool,
    change: impl Fn(&mut Column),
) -> Outcome {
    let family = if only { vec![table.clone()] } else { fold.family(table) };
    for name in family {
        let Some(found) = fold.table_mut(&name) else {
            continue;
        };
        match found.columns.iter_mut().find(|candidate| candidate.name == column) {
            Some(column) => change(column),
            None if found.opaque.is_some() => {}
            None => return Err(missing_column(found, column)),
        }
    }
    Ok(())
}

/// Makes a column NOT NULL, in the tables that inherit from this one too.
pub(crate) fn set_not_null(fold: &mut Fold, table: &QualifiedName, column: &str) -> Outcome {
    change_column(fold, table, column, false, |column| column.not_null = true)
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
