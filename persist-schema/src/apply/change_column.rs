//! Changes of one column, in the tables that inherit it too.

use crate::apply::fold::Fold;
use crate::apply::problem::Outcome;
use crate::catalog::Column;
use crate::identifier::QualifiedName;
use crate::missing::Missing;

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
            None => return Err(Missing::column(column, &[found]).into()),
        }
    }
    Ok(())
}

/// Makes a column NOT NULL, in the tables that inherit from this one too.
pub(crate) fn set_not_null(fold: &mut Fold, table: &QualifiedName, column: &str) -> Outcome {
    change_column(fold, table, column, false, |column| column.not_null = true)
}
