//! Names in a tree: quoted, qualified, cut as the server cuts them.

use crate::analyse::literal;
use crate::identifier::truncate_identifier;
use crate::parse::{Kind, Node};

/// A name that may have a schema in front, as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) schema: Option<String>,
    pub(crate) name: String,
}

/// The name in a node such as `TABLE_NAME`, `TYPE_NAME_REF` or `INDEX_REF`; empty where the parser found
/// none.
pub(crate) fn name(node: Node<'_>) -> Name {
    let mut parts = parts(node);
    let name = parts.pop().unwrap_or_default();
    Name { schema: parts.pop(), name }
}

/// The parts of a dotted name, without a database name in front.
pub(crate) fn parts(node: Node<'_>) -> Vec<String> {
    node.descendants()
        .filter(|below| matches!(below.kind(), Kind::PATH_SEGMENT | Kind::PATH_SEGMENT_REF))
        .map(identifier)
        .collect()
}

/// The table and the column in a dotted name whose last part is a column.
pub(crate) fn column_of(node: Node<'_>) -> (Name, String) {
    let mut parts = parts(node);
    let column = parts.pop().unwrap_or_default();
    let table = parts.pop().unwrap_or_default();
    (Name { schema: parts.pop(), name: table }, column)
}

/// The single identifier that a node such as `COLUMN_NAME` consists of.
pub(crate) fn identifier(node: Node<'_>) -> String {
    match node.tokens().next() {
        Some(token) if token.text().starts_with(['u', 'U']) && token.text()[1..].starts_with("&\"") => {
            unescape_unicode(node.text())
        }
        Some(token) => unquote(token.text()),
        None => String::new(),
    }
}

/// The identifiers in all children of that kind.
pub(crate) fn identifiers(node: Node<'_>, kind: Kind) -> Vec<String> {
    node.descendants().filter(|below| below.is(kind)).map(identifier).collect()
}

/// The parts of a name in an expression: `a.b`.
pub(crate) fn identifiers_of(node: Node<'_>) -> Vec<String> {
    if node.is(Kind::NAME_REF) { vec![identifier(node)] } else { identifiers(node, Kind::NAME_REF) }
}

/// The parts of `a.b.c`, where nothing but names stands between the dots.
pub(crate) fn dotted(node: Node<'_>) -> Option<Vec<Node<'_>>> {
    match node.kind() {
        Kind::NAME_REF => Some(vec![node]),
        Kind::FIELD_EXPR => {
            let mut children = node.children().filter(|child| !child.is_token());
            let mut parts = dotted(children.next()?)?;
            parts.push(children.next().filter(|child| child.is(Kind::NAME_REF))?);
            Some(parts)
        }
        _ => None,
    }
}

/// An identifier as the server stores it: quotes taken off, or folded to lower case; cut to its length.
pub(crate) fn unquote(text: &str) -> String {
    let stored = match text.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"').unwrap_or(rest).replace("\"\"", "\""),
        None => text.to_ascii_lowercase(),
    };
    truncate_identifier(&stored).to_owned()
}

/// `U&"d\0061t\+000061" UESCAPE '!'`.
fn unescape_unicode(text: &str) -> String {
    let body = &text[3..];
    let (quoted, rest) = body.rsplit_once('"').unwrap_or((body, ""));
    // With UESCAPE '"' impossible, the last double quote ends the name, and what follows holds the escape
    // character.
    let escape = rest.split('\'').nth(1).and_then(|escape| escape.chars().next()).unwrap_or('\\');
    let stored = literal::decode_unicode(&quoted.replace("\"\"", "\""), escape);
    truncate_identifier(&stored).to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Name, name, unquote};
    use crate::parse::{Grammar, Kind, parse};

    fn table(sql: &str) -> Name {
        let tree = parse(sql, Grammar::Sql);
        name(tree.root().find(Kind::TABLE_NAME).expect("a table name"))
    }

    #[test]
    fn names_are_folded_unless_quoted() {
        assert_eq!(
            table("create table App.\"Users\" ()"),
            Name { schema: Some("app".into()), name: "Users".into() }
        );
        assert_eq!(table("create table U&\"d!0061t\" UESCAPE '!' ()").name, "dat");
        assert_eq!(unquote("\"a\"\"b\""), "a\"b");
    }
}
