//! Expressions as text, with the columns they name.

use std::ops::Range;

use crate::analyse::name;
use crate::analyse::operand::without_parentheses;
use crate::catalog::{Expression, Table};
use crate::identifier::quote_identifier;
use crate::parse::{Grammar, Kind, Node, parse};

/// The expression in a node, without parentheses around it. Only names for which `is_column` holds count as
/// columns.
pub(crate) fn read(node: Node<'_>, is_column: impl Fn(&str) -> bool) -> Expression {
    let node = without_parentheses(node);
    let mut columns: Vec<String> = Vec::new();
    for name in names(node) {
        if is_column(&name) && !columns.contains(&name) {
            columns.push(name);
        }
    }
    Expression { text: node.text().to_owned(), columns }
}

/// The same for an expression over the columns of a table.
pub(crate) fn over(node: Node<'_>, table: &Table) -> Expression {
    read(node, |name| table.column(name).is_some())
}

/// The names in an expression that can be columns: all but those of functions.
fn names(node: Node<'_>) -> impl Iterator<Item = String> {
    let functions: Vec<usize> = node
        .descendants()
        .chain([node])
        .filter(|below| below.is(Kind::CALL_EXPR))
        .filter_map(|call| call.children().next())
        .filter(|callee| matches!(callee.kind(), Kind::NAME_REF | Kind::FIELD_EXPR))
        .map(|callee| callee.range().end)
        .collect();
    [node]
        .into_iter()
        .chain(node.descendants())
        .filter(move |below| below.is(Kind::NAME_REF) && !functions.contains(&below.range().end))
        .map(name::identifier)
}

/// The text with a column's name replaced.
pub(crate) fn rename(text: &str, from: &str, to: &str) -> String {
    replace_names(text, from, to, |place, sql| !is_qualifier(place, sql))
}

/// The text with a table's name replaced where it stands in front of a column.
pub(crate) fn rename_table(text: &str, from: &str, to: &str) -> String {
    replace_names(text, from, to, is_qualifier)
}

/// Whether the text of a query names a column, or asks for all columns of something.
pub(crate) fn mentions(query: &str, column: &str) -> bool {
    let tree = parse(query, Grammar::Sql);
    let asks_for_all = |target: Node<'_>| {
        target.has(Kind::STAR) || target.all(Kind::FIELD_EXPR).any(|field| field.has(Kind::STAR))
    };
    tree.root().descendants().any(|node| match node.kind() {
        Kind::NAME_REF | Kind::COLUMN_NAME_REF => name::identifier(node) == column,
        Kind::TARGET => asks_for_all(node),
        _ => false,
    })
}

fn is_qualifier(place: &Range<usize>, sql: &str) -> bool {
    sql[place.end..].trim_start().starts_with('.')
}

fn replace_names(text: &str, from: &str, to: &str, counts: impl Fn(&Range<usize>, &str) -> bool) -> String {
    const SELECT: &str = "select ";
    let sql = format!("{SELECT}{text}");
    let tree = parse(&sql, Grammar::Sql);
    let mut renamed = sql.clone();
    let uses: Vec<Range<usize>> = tree
        .root()
        .descendants()
        .filter(|node| matches!(node.kind(), Kind::NAME_REF | Kind::COLUMN_NAME_REF))
        .filter(|node| name::identifier(*node) == from)
        .map(Node::range)
        .filter(|place| counts(place, &sql))
        .collect();
    for place in uses.into_iter().rev() {
        renamed.replace_range(place, &quote_identifier(to));
    }
    renamed.split_off(SELECT.len())
}
