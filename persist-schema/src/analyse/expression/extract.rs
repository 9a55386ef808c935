//! Finds the expression, or the items of an ORDER BY, in a text that must hold nothing else.

use std::ops::Range;

use super::mistake::{ExpressionMistake, MistakeKind};
use crate::parse::{Kind, Node, Tree};

const SELECT: &str = "SELECT ";
const SELECT_ORDERED: &str = "SELECT 1 ORDER BY ";

/// The statement that is parsed for an expression. The line break ends a comment.
pub(super) fn select(text: &str) -> String {
    format!("{SELECT}{text}\n")
}

/// The statement that is parsed for the items of an ORDER BY.
pub(super) fn select_ordered(text: &str) -> String {
    format!("{SELECT_ORDERED}{text}\n")
}

/// How many bytes stand in front of the text in the statement that a node belongs to.
fn prefix(statement: &str) -> usize {
    if statement.starts_with(SELECT_ORDERED) { SELECT_ORDERED.len() } else { SELECT.len() }
}

/// The bytes of the user's text that a node covers.
pub(super) fn range(node: Node<'_>) -> Range<usize> {
    let statement = node.whole_text();
    let prefix = prefix(statement);
    // A string that does not end swallows the line break after the text.
    let in_text = |at: usize| at.min(statement.len() - 1).saturating_sub(prefix);
    in_text(node.start())..in_text(node.range().end)
}

/// The one expression in the text.
pub(super) fn expression<'t>(tree: &'t Tree<'_>, text: &str) -> Result<Node<'t>, ExpressionMistake> {
    understood(tree, text, SELECT.len())?;
    let select = only_child(tree.root(), Kind::SELECT)?;
    let clause = only_child(select, Kind::SELECT_CLAUSE)?;
    let list = only_child(clause, Kind::TARGET_LIST)?;
    let mut targets = list.all(Kind::TARGET);
    let Some(target) = targets.next() else { return Err(empty()) };
    if let Some(second) = targets.next() {
        let message = "several expressions where one is wanted";
        return Err(ExpressionMistake::new(MistakeKind::Several, range(second), message));
    }
    let mut parts = target.children();
    let Some(node) = parts.next() else { return Err(empty()) };
    match parts.next() {
        Some(more) => Err(trailing(more)),
        None => Ok(node),
    }
}

/// The items of the ORDER BY in the text.
pub(super) fn order<'t>(tree: &'t Tree<'_>, text: &str) -> Result<Vec<Node<'t>>, ExpressionMistake> {
    understood(tree, text, SELECT_ORDERED.len())?;
    let select = only_child(tree.root(), Kind::SELECT)?;
    let mut clauses = select.children().skip(1);
    let Some(clause) = clauses.next().filter(|clause| clause.is(Kind::ORDER_BY_CLAUSE)) else {
        return Err(empty());
    };
    match clauses.next() {
        Some(more) => Err(trailing(more)),
        None => Ok(clause.child(Kind::SORT_BY_LIST).into_iter().flat_map(|l| l.all(Kind::SORT_BY)).collect()),
    }
}

/// The child of that kind, when nothing but the keyword in front of it stands beside it.
fn only_child(node: Node<'_>, kind: Kind) -> Result<Node<'_>, ExpressionMistake> {
    let mut children = node.children().skip_while(|child| child.is(Kind::SELECT_KW));
    match (children.next(), children.next()) {
        (Some(child), None) if child.is(kind) => Ok(child),
        (Some(child), Some(more)) if child.is(kind) => Err(trailing(more)),
        // INTO and UNION make another statement of it.
        (Some(other), _) => {
            let end = other.find(Kind::TARGET_LIST).map_or(0, |list| list.range().end);
            let unexpected = other.tokens().find(|token| token.start() >= end && !range(*token).is_empty());
            Err(trailing(unexpected.unwrap_or(other)))
        }
        (None, _) => Err(empty()),
    }
}

fn understood(tree: &Tree<'_>, text: &str, prefix: usize) -> Result<(), ExpressionMistake> {
    let Some((at, message)) = &tree.error else { return Ok(()) };
    if tree.root().tokens().all(|token| token.range().end <= prefix) && text.trim().is_empty() {
        return Err(empty());
    }
    // The parser stops after the last token that it understood; the next one is unexpected.
    let unexpected = tree.root().tokens().find(|token| token.range().end > *at);
    let (range, message) = match unexpected.map(|token| (range(token), token.text())) {
        Some((range, found)) if !range.is_empty() => {
            (range, format!("the SQL cannot be understood at `{found}`"))
        }
        _ if message.contains("nested") || message.contains("gave up") => {
            (0..text.len(), format!("the SQL cannot be understood: {message}"))
        }
        _ => (text.trim_end().len()..text.len(), "the SQL ends where something more is needed".to_owned()),
    };
    Err(ExpressionMistake::new(MistakeKind::Syntax, range, message))
}

fn empty() -> ExpressionMistake {
    ExpressionMistake::new(MistakeKind::Empty, 0..0, "there is no SQL expression in this text")
}

fn trailing(node: Node<'_>) -> ExpressionMistake {
    let found = node.tokens().next().map_or("", Node::text);
    let message = format!("only an expression can stand here, and `{found}` does not belong to it");
    ExpressionMistake::new(MistakeKind::TrailingText, range(node), message)
}
