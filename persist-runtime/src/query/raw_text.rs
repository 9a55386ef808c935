//! What SQL of the caller's own would leave on its connection, as far as its text shows that.

/// Statements whose effect on the session outlives them.
const OUTLIVING: [&str; 17] = [
    "ABORT",
    "BEGIN",
    "COMMIT",
    "DEALLOCATE",
    "DECLARE",
    "DISCARD",
    "END",
    "LISTEN",
    "LOAD",
    "PREPARE",
    "RELEASE",
    "RESET",
    "ROLLBACK",
    "SAVEPOINT",
    "SET",
    "START",
    "UNLISTEN",
];

/// The first word of a statement that is refused, because it would change the connection for others.
pub(super) fn refused_word(text: &str) -> Option<&str> {
    let word = word(after_blanks(text));
    OUTLIVING.iter().any(|outliving| word.eq_ignore_ascii_case(outliving)).then_some(word)
}

/// May the statement leave something on its connection, so that nobody else can have that afterwards? Temporary
/// tables, settings, and whatever code in it does.
pub(super) fn leaves_traces(text: &str) -> bool {
    let is = |word: &str, others: &[&str]| others.iter().any(|other| word.eq_ignore_ascii_case(other));
    let mut rest = after_blanks(text);
    if is(word(rest), &["DO", "CALL"]) {
        return true;
    }
    let (mut before, mut last) = ("", "");
    let (mut is_temporary, mut is_dropped) = (false, false);
    while let Some(at) = rest.find(is_of_word) {
        let word = word(&rest[at..]);
        rest = &rest[at + word.len()..];
        // What is called so after INSERT INTO is a table.
        is_temporary |= is(word, &["TEMP", "TEMPORARY"])
            && is(last, &["CREATE", "REPLACE", "LOCAL", "GLOBAL", "INTO"])
            && !is(before, &["INSERT", "MERGE"]);
        is_temporary |= is(word, &["pg_temp"]);
        is_dropped |= is(word, &["DROP"]) && is(last, &["COMMIT"]);
        if is(word, &["set_config"]) && !ends_with_transaction(rest) {
            return true;
        }
        (before, last) = (last, word);
    }
    is_temporary && !is_dropped
}

/// Is the last of the arguments that follow `set_config` the word `true`?
fn ends_with_transaction(arguments: &str) -> bool {
    let (mut depth, mut is_quoted) = (0, false);
    for (at, character) in arguments.char_indices() {
        match character {
            '\'' => is_quoted = !is_quoted,
            '(' if !is_quoted => depth += 1,
            ')' if !is_quoted => depth -= 1,
            _ => {}
        }
        if depth == 0 && character == ')' {
            let last = arguments[..at].rsplit(',').next().unwrap_or_default().trim();
            return last.eq_ignore_ascii_case("true");
        }
    }
    false
}

fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The word with which a text begins.
fn word(text: &str) -> &str {
    text.split(|character| !is_of_word(character)).next().unwrap_or_default()
}

/// A text after all that the server skips: blanks, comments, empty statements.
fn after_blanks(text: &str) -> &str {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ';');
        rest = if let Some(comment) = rest.strip_prefix("--") {
            comment.split_once(['\n', '\r']).map_or("", |(_, rest)| rest)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            after_comment(comment)
        } else {
            return rest;
        };
    }
}

/// What follows a comment, in which there may be others.
fn after_comment(mut rest: &str) -> &str {
    let mut depth = 1;
    while depth > 0 {
        let Some(mark) = rest.find(['/', '*']) else { return "" };
        rest = &rest[mark..];
        (rest, depth) = if let Some(inside) = rest.strip_prefix("/*") {
            (inside, depth + 1)
        } else if let Some(outside) = rest.strip_prefix("*/") {
            (outside, depth - 1)
        } else {
            (&rest[1..], depth)
        };
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::leaves_traces;

    #[test]
    fn what_may_leave_something() {
        for text in [
            "CREATE TEMP TABLE x (a int)",
            " /* why */ create temporary view x AS SELECT 1",
            "CREATE OR REPLACE TEMP VIEW x AS SELECT 1",
            "CREATE LOCAL TEMPORARY TABLE x (a int)",
            "CREATE TEMP SEQUENCE x",
            "SELECT 1 AS a INTO TEMP x",
            "WITH y AS (SELECT 1) SELECT * INTO TEMPORARY TABLE x FROM y",
            "EXPLAIN ANALYZE CREATE TEMP TABLE x AS SELECT 1",
            "CREATE TABLE pg_temp.x (a int)",
            "DO $$ BEGIN SET search_path = x; END $$",
            "-- why\nCALL p()",
            "SELECT set_config('a.b', $1, false)",
            "SELECT set_config('a.b', ')true', is_local) FROM t",
            "SELECT pg_catalog.set_config('a.b', (SELECT 'x'), $2)",
        ] {
            assert!(leaves_traces(text), "{text}");
        }
    }

    #[test]
    fn what_leaves_nothing() {
        for text in [
            "SELECT temp, temporary FROM readings",
            "INSERT INTO temp VALUES (1)",
            "MERGE INTO temp USING x ON true WHEN MATCHED THEN DELETE",
            "CREATE TABLE temp (a int)",
            "CREATE TEMP TABLE x (a int) ON COMMIT DROP",
            "SELECT set_config('a.b', $1, true), set_config('c', upper('(x'), TRUE)",
            "SELECT current_setting('a.b')",
            "",
        ] {
            assert!(!leaves_traces(text), "{text}");
        }
    }
}
