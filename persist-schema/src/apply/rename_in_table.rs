//! Names inside of one table: its columns, its constraints and its own name in expressions.

use crate::analyse::expression_text;
use crate::catalog::{Expression, IndexTarget, Table};

/// Gives a column another name wherever the table names it.
pub(crate) fn column(table: &mut Table, from: &str, to: &str) {
    for key in table.primary_key.iter_mut().chain(&mut table.unique_keys) {
        replace(&mut key.columns, from, to);
        replace(&mut key.include, from, to);
    }
    for key in &mut table.foreign_keys {
        replace(&mut key.columns, from, to);
        replace(&mut key.on_delete_columns, from, to);
    }
    for index in &mut table.indexes {
        replace(&mut index.include, from, to);
        for key in &mut index.keys {
            if let IndexTarget::Column(name) = &mut key.target
                && name == from
            {
                to.clone_into(name);
            }
        }
    }
    expressions(table).into_iter().for_each(|expression| in_expression(expression, from, to));
}

/// Gives a constraint another name. True when it was there.
pub(crate) fn constraint(table: &mut Table, from: &str, to: &str) -> bool {
    let keys = table.primary_key.iter_mut().chain(&mut table.unique_keys).map(|key| &mut key.name);
    let foreign = table.foreign_keys.iter_mut().map(|key| &mut key.name);
    let checks = table.checks.iter_mut().map(|check| &mut check.name);
    let exclusions = table.exclusions.iter_mut().map(|exclusion| &mut exclusion.name);
    let mut found = keys.chain(foreign).chain(checks).chain(exclusions).filter(|name| *name == from);
    found.next().map(|name| to.clone_into(name)).is_some()
}

/// Replaces the table's own name where it stands in front of a column.
pub(crate) fn qualifier(table: &mut Table, from: &str, to: &str) {
    for expression in expressions(table) {
        expression.text = expression_text::rename_table(&expression.text, from, to);
    }
}

/// All expressions over the columns of a table.
fn expressions(table: &mut Table) -> Vec<&mut Expression> {
    let mut found: Vec<&mut Expression> =
        table.checks.iter_mut().map(|check| &mut check.expression).collect();
    for exclusion in &mut table.exclusions {
        found.push(&mut exclusion.elements);
        found.extend(exclusion.predicate.as_mut());
    }
    for index in &mut table.indexes {
        found.extend(index.predicate.as_mut());
        found.extend(index.keys.iter_mut().filter_map(|key| match &mut key.target {
            IndexTarget::Expression(expression) => Some(expression),
            IndexTarget::Column(_) => None,
        }));
    }
    let generated = table.columns.iter_mut().filter_map(|column| column.generated.as_mut());
    found.extend(generated.map(|generated| &mut generated.expression));
    found
}

/// Replaces a name in a list.
pub(crate) fn replace(names: &mut [String], from: &str, to: &str) {
    for name in names.iter_mut().filter(|name| *name == from) {
        to.clone_into(name);
    }
}

/// Replaces a column's name in an expression.
fn in_expression(expression: &mut Expression, from: &str, to: &str) {
    for column in &mut expression.columns {
        if column == from {
            to.clone_into(column);
            expression.text = expression_text::rename(&expression.text, from, to);
        }
    }
}
