//! The expression or the query below a node.

use crate::parse::{Kind, Node};

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

/// The query in parentheses.
pub(crate) fn inner_query(node: Node<'_>) -> Option<Node<'_>> {
    node.children().find(|child| {
        matches!(
            child.kind(),
            Kind::SELECT | Kind::COMPOUND_SELECT | Kind::PAREN_SELECT | Kind::VALUES | Kind::TABLE
        )
    })
}
