//! Binary operators in a tree: what stands on their sides.

use crate::parse::{Kind, Node};

/// The left side, the operator with its words in lower case and one space between them, and the right side.
pub(crate) fn parts(node: Node<'_>) -> Option<(Node<'_>, String, Node<'_>)> {
    let mut operands = node.children().filter(|child| !child.is_token() && !is_operator(*child));
    let (left, right) = (operands.next()?, operands.last()?);
    let between = node
        .children()
        .filter(|child| child.start() >= left.range().end && child.range().end <= right.start());
    let words: Vec<String> = between
        .flat_map(|child| match child.kind() {
            Kind::CUSTOM_OP => vec![child.text().to_owned()],
            _ => child.tokens().map(|token| token.text().to_ascii_lowercase()).collect(),
        })
        .collect();
    Some((left, words.join(" "), right))
}

/// Whether a node is an operator of several tokens.
pub(crate) fn is_operator(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        Kind::CUSTOM_OP
            | Kind::OP
            | Kind::OPERATOR_CALL
            | Kind::AT_TIME_ZONE
            | Kind::IS_NOT
            | Kind::IS_DISTINCT_FROM
            | Kind::IS_NOT_DISTINCT_FROM
            | Kind::NOT_IN
            | Kind::NOT_LIKE
            | Kind::NOT_ILIKE
            | Kind::SIMILAR_TO
            | Kind::NOT_SIMILAR_TO
    )
}
