//! Expressions as text, with the columns they name and the name that the server would give them.

use std::ops::Range;

use crate::analyse::{name, type_name};
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

/// The first child that is an expression: neither a keyword nor punctuation.
pub(crate) fn operand(node: Node<'_>) -> Option<Node<'_>> {
    node.children().find(|child| !child.is_token() && !child.is(Kind::CONSTRAINT_NAME_CLAUSE))
}

/// What is inside of any number of parentheses.
pub(crate) fn without_parentheses(mut node: Node<'_>) -> Node<'_> {
    while node.is(Kind::PAREN_EXPR) {
        match node.children().find(|child| !child.is_token()) {
            Some(inner) => node = inner,
            None => break,
        }
    }
    node
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

/// The name that the server derives from an expression, for a column of a view or a part of an index's name;
/// `None` where it has none, which is called `?column?` there and `expr` here.
pub(crate) fn figure_name(node: Node<'_>) -> Option<String> {
    figure(node).map(|(name, _)| name)
}

/// The same for the text of an expression.
pub(crate) fn figure_name_of(text: &str) -> Option<String> {
    let sql = format!("select {text}");
    let tree = parse(&sql, Grammar::Sql);
    tree.root().find(Kind::TARGET).and_then(figure_name)
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

/// The name and whether it is a strong one: one that a type cast around it does not replace.
fn figure(node: Node<'_>) -> Option<(String, bool)> {
    let first = || node.children().find(|child| !child.is_token());
    match node.kind() {
        Kind::NAME_REF => Some((name::identifier(node), true)),
        Kind::FIELD_EXPR => node.all(Kind::NAME_REF).last().map(|last| (name::identifier(last), true)),
        Kind::PAREN_EXPR => figure(first()?),
        Kind::COLLATE | Kind::INDEX_EXPR | Kind::SLICE_EXPR | Kind::ARG | Kind::TARGET => figure(first()?),
        Kind::CALL_EXPR => match first()? {
            callee if matches!(callee.kind(), Kind::NAME_REF | Kind::FIELD_EXPR) => figure(callee),
            // EXTRACT, SUBSTRING and their like are named by their first word.
            special => {
                let word = special.tokens().next()?.text().to_ascii_lowercase();
                let name = match word.as_str() {
                    "trim" => trim_name(special).to_owned(),
                    _ => word,
                };
                Some((name, true))
            }
        },
        Kind::CAST_EXPR => {
            let ty = node.children().find(|child| type_name::is_type(*child))?;
            let strong = node
                .children()
                .find(|child| {
                    !child.is_token() && !child.is(Kind::COLON_COLON) && child.start() != ty.start()
                })
                .and_then(figure)
                .filter(|(_, strong)| *strong);
            strong.or_else(|| Some((type_name::catalog_name(ty), false)))
        }
        Kind::CASE_EXPR => {
            let otherwise = node
                .child(Kind::ELSE_CLAUSE)
                .and_then(|clause| clause.children().find(|child| !child.is_token()).and_then(figure));
            otherwise.filter(|(_, strong)| *strong).or_else(|| Some(("case".to_owned(), false)))
        }
        Kind::ARRAY_EXPR => Some(("array".to_owned(), true)),
        Kind::TUPLE_EXPR if node.text().get(..3).is_some_and(|word| word.eq_ignore_ascii_case("row")) => {
            Some(("row".to_owned(), true))
        }
        // A scalar sub-select is named like its one column.
        Kind::SELECT => {
            let target = node.child(Kind::SELECT_CLAUSE)?.child(Kind::TARGET_LIST)?.child(Kind::TARGET)?;
            match target.child(Kind::AS_NAME) {
                Some(alias) => Some((name::identifier(alias.child(Kind::COLUMN_NAME)?), true)),
                None => figure(target),
            }
        }
        Kind::BIN_EXPR if node.has(Kind::AT_TIME_ZONE) => Some(("timezone".to_owned(), true)),
        _ => None,
    }
}

fn trim_name(call: Node<'_>) -> &'static str {
    let has = |kind| call.descendants().any(|below| below.is(kind));
    match () {
        () if has(Kind::LEADING_KW) => "ltrim",
        () if has(Kind::TRAILING_KW) => "rtrim",
        () => "btrim",
    }
}
