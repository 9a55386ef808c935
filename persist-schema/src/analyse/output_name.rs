//! The name that the server derives from an expression.

use crate::analyse::{name, type_name};
use crate::parse::{Grammar, Kind, Node, parse};

/// The name that the server derives from an expression, for a column of a view or a part of an index's name;
/// `None` where it has none, which is called `?column?` there and `expr` here.
pub(crate) fn output_name(node: Node<'_>) -> Option<String> {
    figure(node).map(|(name, _)| name)
}

/// The same for the text of an expression.
pub(crate) fn output_name_of(text: &str) -> Option<String> {
    let sql = format!("select {text}");
    let tree = parse(&sql, Grammar::Sql);
    tree.root().find(Kind::TARGET).and_then(output_name)
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
