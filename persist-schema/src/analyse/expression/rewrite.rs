//! Writes an expression with its columns qualified and quoted, and without comments.

use super::checked::Named;
use super::resolve::ColumnUse;
use crate::identifier::quote_identifier;
use crate::parse::{Kind, Node};

/// The text of a node in which those columns are used.
pub(super) fn rewrite(node: Node<'_>, uses: &[ColumnUse<'_>], tables: &[Named<'_>]) -> String {
    let mut text = String::new();
    let mut uses = uses.iter().peekable();
    let mut written: Option<Node<'_>> = None;
    for token in node.tokens() {
        if written.is_some_and(|before| before.range().end > token.start()) {
            // It is part of a column's name.
            continue;
        }
        let column = uses.next_if(|column| column.node.start() == token.start());
        let next = column.map_or(token, |column| column.node);
        if let Some(before) = written {
            text.push_str(gap(before, next));
        }
        match column {
            Some(ColumnUse { table, column, .. }) => {
                text.push_str(tables[*table].alias);
                text.push('.');
                text.push_str(&quote_identifier(column));
            }
            None => text.push_str(token.text()),
        }
        written = Some(next);
    }
    text
}

/// What separates two pieces. The pieces of one string constant stay on lines of their own, as they must.
fn gap(before: Node<'_>, next: Node<'_>) -> &'static str {
    match () {
        () if before.range().end == next.start() => "",
        () if next.is(Kind::STRING) && before.is_token() && before.text().ends_with('\'') => "\n",
        () => " ",
    }
}
