//! Which rows are in a partial index, where its condition is a plain one: `deleted_at IS NULL AND is_active`.

use persist_schema::Catalog;
use persist_schema::catalog::{Column, Expression, Table, TypeKind};

use crate::model::Meets;

/// What must hold of a row of the index, with the places of the columns; `None` where that is more than this knows.
pub(crate) fn tests(table: &Table, catalog: &Catalog, condition: &Expression) -> Option<Vec<(usize, Meets)>> {
    conjuncts(&condition.text)?.into_iter().map(|text| test(table, catalog, text)).collect()
}

/// The parts that are joined by AND; `None` where parentheses or quotes do not match.
fn conjuncts(text: &str) -> Option<Vec<&str>> {
    let (mut parts, mut start, mut depth, mut quote) = (Vec::new(), 0, 0_usize, None);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if quote == Some(byte) => quote = None,
            _ if quote.is_some() => {}
            b'\'' | b'"' => quote = Some(byte),
            b'(' => depth += 1,
            b')' => depth = depth.checked_sub(1)?,
            b' ' | b'\n' | b'\t' if depth == 0 => {
                let rest = &text.as_bytes()[at + 1..];
                let is_and = rest.len() > 3 && rest[..3].eq_ignore_ascii_case(b"and");
                if is_and && (rest[3].is_ascii_whitespace() || rest[3] == b'(') {
                    parts.push(&text[start..at]);
                    start = at + 4;
                }
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    (depth == 0 && quote.is_none()).then_some(parts)
}

fn test(table: &Table, catalog: &Catalog, text: &str) -> Option<(usize, Meets)> {
    let text = unwrapped(text);
    let (text, is_negated) = match word(text) {
        Some((word, rest)) if word.eq_ignore_ascii_case("not") => (unwrapped(rest), true),
        _ => (text, false),
    };
    let (name, rest) = word(text)?;
    let place = table.columns.iter().position(|column| is_named(column, name))?;
    let column = &table.columns[place];
    let words: Vec<String> = rest.split_whitespace().map(str::to_ascii_lowercase).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let is_bool = is_built_in(catalog, column, &["bool"]);
    let holds = match words.as_slice() {
        ["is", "null"] => Meets::Null,
        ["is", "not", "null"] => Meets::NotNull,
        [] | ["=" | "is", "true"] if is_bool => Meets::True,
        ["=" | "is", "false"] if is_bool => Meets::False,
        _ => Meets::Is(text_equal_to(catalog, column, rest)?),
    };
    let holds = match (is_negated, holds) {
        (false, holds) => holds,
        (true, Meets::True) if words.is_empty() => Meets::False,
        (true, Meets::Null) => Meets::NotNull,
        (true, Meets::NotNull) => Meets::Null,
        (true, _) => return None,
    };
    Some((place, holds))
}

/// The text of `= 'text'` and `= 'text'::type`, where the column is compared by its bytes, which are those of the text.
fn text_equal_to(catalog: &Catalog, column: &Column, rest: &str) -> Option<String> {
    let is_enum = column
        .ty
        .as_ref()
        .is_some_and(|ty| !ty.is_array && matches!(catalog.type_kind(ty), TypeKind::Enum(_)));
    let is_text = is_built_in(catalog, column, &["text", "varchar"]) && catalog.is_byte_equal(column);
    let literal = rest.strip_prefix('=')?.trim_start().strip_prefix('\'')?;
    let (literal, cast) = literal.split_once('\'')?;
    let is_name = |name: &str| name.chars().all(|c| c.is_alphanumeric() || "_.\"".contains(c));
    let is_plain = cast.is_empty() || cast.strip_prefix("::").is_some_and(is_name);
    ((is_enum || is_text) && is_plain && !literal.contains('\\')).then(|| literal.to_owned())
}

fn is_built_in(catalog: &Catalog, column: &Column, names: &[&str]) -> bool {
    column.ty.as_ref().is_some_and(|ty| {
        catalog.type_kind(ty) == TypeKind::BuiltIn && !ty.is_array && names.iter().any(|name| ty.is(name))
    })
}

/// Is it the name of the column, as it is written?
fn is_named(column: &Column, word: &str) -> bool {
    match word.strip_prefix('"').and_then(|word| word.strip_suffix('"')) {
        Some(quoted) => quoted == column.name,
        None => word.to_ascii_lowercase() == column.name,
    }
}

/// The first word, which may be a quoted name, and what follows.
fn word(text: &str) -> Option<(&str, &str)> {
    let end = match text.strip_prefix('"') {
        Some(rest) => rest.find('"')? + 2,
        None => text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len()),
    };
    (end > 0).then(|| (&text[..end], text[end..].trim()))
}

/// The text without parentheses around all of it.
fn unwrapped(text: &str) -> &str {
    let mut text = text.trim();
    while let Some(inner) = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        match inner.contains(['(', ')']) {
            true => break,
            false => text = inner.trim(),
        }
    }
    text
}
