//! Constraints of tables, written beside a column, below the columns or in ALTER TABLE.

use crate::analyse::name;
use crate::apply::fold::Fold;
use crate::apply::problem::Outcome;
use crate::apply::{change_column, check, exclusion, foreign_key, key};
use crate::identifier::QualifiedName;
use crate::parse::{Kind, Node};

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
        Kind::CHECK_CONSTRAINT => check::add(fold, table, node),
        Kind::PRIMARY_KEY_CONSTRAINT | Kind::UNIQUE_CONSTRAINT => key::add(fold, table, node, column),
        Kind::EXCLUDE_CONSTRAINT => exclusion::add(fold, table, node),
        Kind::FOREIGN_KEY_CONSTRAINT | Kind::REFERENCES_CONSTRAINT => {
            foreign_key::add(fold, table, node, column)
        }
        Kind::NOT_NULL_CONSTRAINT => {
            let named = node.child(Kind::COLUMN_NAME_REF).map(name::identifier);
            match named.as_deref().or(column) {
                Some(column) => change_column::set_not_null(fold, table, column),
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}
