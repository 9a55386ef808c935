//! CHECK constraints of tables.

use crate::analyse::{expression_text, operand};
use crate::apply::constraint_clauses::given_name;
use crate::apply::fold::Fold;
use crate::apply::problem::{Outcome, Problem};
use crate::catalog::Check;
use crate::identifier::QualifiedName;
use crate::parse::{Kind, Node};

/// Adds a CHECK constraint.
pub(crate) fn add(fold: &mut Fold, table: &QualifiedName, node: Node<'_>) -> Outcome {
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
    push(fold, table, check)
}

/// Adds a CHECK to a table and to those that inherit from it; one of the same name there is merged with it.
fn push(fold: &mut Fold, table: &QualifiedName, check: Check) -> Outcome {
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
