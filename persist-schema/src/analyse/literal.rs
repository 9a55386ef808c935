//! String constants, read as the server reads them.

use crate::parse::{Kind, Node};

/// The value of the string constant in a node, adjacent pieces joined; `None` when it is no string.
pub(crate) fn string(node: Node<'_>) -> Option<String> {
    let mut value: Option<String> = None;
    for token in node.tokens() {
        match token.kind() {
            Kind::STRING
            | Kind::ESC_STRING
            | Kind::DOLLAR_QUOTED_STRING
            | Kind::UNICODE_ESC_STRING
            | Kind::NATIONAL_STRING => value.get_or_insert_default().push_str(&decode(token.text())),
            _ => break,
        }
    }
    value
}

/// The first string constant at or below a node.
pub(crate) fn first_string(node: Node<'_>) -> Option<String> {
    if node.is(Kind::LITERAL) {
        return string(node);
    }
    node.descendants().filter(|below| below.is(Kind::LITERAL)).find_map(string)
}

/// The whole number in a node, with its sign.
pub(crate) fn integer(node: Node<'_>) -> Option<i64> {
    let digits: String = node.text().chars().filter(|c| !c.is_whitespace() && *c != '_').collect();
    digits.parse().ok()
}

/// Where the contents of a string constant start in its text: after `'`, `E'` or `$tag$`.
pub(crate) fn contents_offset(text: &str) -> usize {
    match text.strip_prefix('$') {
        Some(rest) => rest.find('$').map_or(1, |length| length + 2),
        None => text.find('\'').map_or(0, |quote| quote + 1),
    }
}

fn decode(text: &str) -> String {
    let start = contents_offset(text);
    let body = &text[start..];
    if text.starts_with('$') {
        return body.strip_suffix(&text[..start]).unwrap_or(body).to_owned();
    }
    let body = body.strip_suffix('\'').unwrap_or(body).replace("''", "'");
    match text.as_bytes()[0] {
        b'e' | b'E' => decode_backslashes(&body),
        b'u' | b'U' => decode_unicode(&body, '\\'),
        _ => body,
    }
}

fn decode_backslashes(body: &str) -> String {
    let mut value = String::with_capacity(body.len());
    let mut chars = body.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            value.push(c);
            continue;
        }
        let Some(escape) = chars.next() else { break };
        let (radix, max) = match escape {
            'x' => (16, 2),
            'u' => (16, 4),
            'U' => (16, 8),
            '0'..='7' => (8, 3),
            'b' | 'f' | 'n' | 'r' | 't' => {
                value.push(match escape {
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'n' => '\n',
                    'r' => '\r',
                    _ => '\t',
                });
                continue;
            }
            other => {
                value.push(other);
                continue;
            }
        };
        let mut digits = if radix == 8 { String::from(escape) } else { String::new() };
        while digits.len() < max {
            match chars.next_if(|c| c.is_digit(radix)) {
                Some(digit) => digits.push(digit),
                None => break,
            }
        }
        value.extend(u32::from_str_radix(&digits, radix).ok().and_then(char::from_u32));
    }
    value
}

/// Replaces `\0061` and `\+000061`, where the backslash is whatever `escape` is.
pub(crate) fn decode_unicode(body: &str, escape: char) -> String {
    let mut value = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.find(escape) {
        value.push_str(&rest[..at]);
        rest = &rest[at + escape.len_utf8()..];
        let (skip, length) = if rest.starts_with('+') { (1, 6) } else { (0, 4) };
        let code = rest.get(skip..skip + length).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        match code.and_then(char::from_u32) {
            Some(c) => {
                value.push(c);
                rest = &rest[skip + length..];
            }
            None => {
                value.push(escape);
                rest = rest.strip_prefix(escape).unwrap_or(rest);
            }
        }
    }
    value + rest
}

#[cfg(test)]
mod tests {
    use super::{decode, decode_unicode};

    #[test]
    fn constants_are_decoded() {
        assert_eq!(decode("'it''s'"), "it's");
        assert_eq!(decode(r"E'a\n\x41\u00e4\101\''"), "a\nAäA'");
        assert_eq!(decode("$x$a'b$x$"), "a'b");
        assert_eq!(decode_unicode(r"d\0061t\+000061\\", '\\'), "data\\");
    }
}
