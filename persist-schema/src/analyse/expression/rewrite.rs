//! Writes an expression with its columns qualified and quoted, with the schemas of what else it names, and without
//! comments.

use std::ops::Range;

use super::checked::Named;
use super::resolve::ColumnUse;
use crate::identifier::quote_identifier;
use crate::parse::{Kind, Node};

/// What is written in the place of a part of a text.
pub(super) struct Written {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

/// The text of a node in which those columns are used, and those other names are written with their schemas.
pub(super) fn rewrite(
    node: Node<'_>,
    uses: &[ColumnUse<'_>],
    tables: &[Named<'_>],
    names: Vec<Written>,
) -> String {
    let column = |column: &ColumnUse<'_>| Written {
        range: column.node.range(),
        text: format!("{}.{}", tables[column.table].alias, quote_identifier(&column.column)),
    };
    let mut instead: Vec<Written> = uses.iter().map(column).chain(names).collect();
    instead.sort_by_key(|written| written.range.start);
    let mut instead = instead.into_iter().peekable();
    let mut text = String::new();
    let mut before: Option<(Range<usize>, bool)> = None;
    for token in node.tokens() {
        if before.as_ref().is_some_and(|(range, _)| range.end > token.start()) {
            // It is part of what was written instead.
            continue;
        }
        let is_string = token.is(Kind::STRING);
        let (range, next) = match instead.next_if(|written| written.range.start == token.start()) {
            Some(Written { range, text }) => (range, text),
            None => (token.range(), token.text().to_owned()),
        };
        if let Some((before, was_string)) = before
            && !text.ends_with(' ')
            && !next.starts_with(' ')
        {
            text.push_str(gap(&before, &range, was_string && is_string));
        }
        text.push_str(&next);
        before = Some((range, is_string));
    }
    text
}

/// What separates two pieces. The pieces of one string constant stay on lines of their own, as they must.
fn gap(before: &Range<usize>, next: &Range<usize>, are_strings: bool) -> &'static str {
    match () {
        () if before.end == next.start => "",
        () if are_strings => "\n",
        () => " ",
    }
}
