//! Files that hold the way up and the way down: only the way up is kept.

use std::borrow::Cow;

/// The comments that start a section, without the dashes and in lower case, and whether it is the way up.
const MARKERS: &[(&str, bool)] = &[
    ("+goose up", true),
    ("+goose down", false),
    ("migrate:up", true),
    ("migrate:down", false),
    ("+migrate up", true),
    ("+migrate down", false),
];

/// What stands in front of a statement that is meant for us alone.
const DECLARATION: &str = "-- persist:";

/// The text without its sections for the way down, and with the statements in comments that start with `--
/// persist:`. Every line stays on its line, so that line numbers remain true.
///
/// A file without any marker is all way up.
pub(crate) fn way_up(text: &str) -> Cow<'_, str> {
    kept(text, true)
}

/// The same for a server, which knows nothing of what is meant for us alone.
pub(crate) fn sent(text: &str) -> Cow<'_, str> {
    kept(text, false)
}

fn kept(text: &str, with_declarations: bool) -> Cow<'_, str> {
    if !text.lines().any(|line| marker(line).is_some() || declaration(line).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    let mut up = true;
    for line in text.split_inclusive('\n') {
        up = marker(line).unwrap_or(up);
        match declaration(line) {
            Some(declared) if up && with_declarations => kept.push_str(declared),
            None if up => kept.push_str(line),
            _ => kept.push('\n'),
        }
    }
    Cow::Owned(kept)
}

fn declaration(line: &str) -> Option<&str> {
    line.trim_start().strip_prefix(DECLARATION)
}

fn marker(line: &str) -> Option<bool> {
    let comment = line.trim_start().strip_prefix("--")?.trim();
    let is = |name: &str| {
        comment.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
            && comment[name.len()..].chars().next().is_none_or(char::is_whitespace)
    };
    MARKERS.iter().find(|(name, _)| is(name)).map(|(_, up)| *up)
}

#[cfg(test)]
mod tests {
    use super::way_up;

    #[test]
    fn down_sections_become_empty_lines() {
        let file = "-- +goose Up\na;\n-- +goose Down\ndrop a;\n";
        assert_eq!(way_up(file), "-- +goose Up\na;\n\n\n");
        assert_eq!(
            way_up("-- migrate:down\nb;\n-- migrate:up transaction:false\na;"),
            "\n\n-- migrate:up transaction:false\na;"
        );
    }

    #[test]
    fn declarations_are_read() {
        assert_eq!(
            way_up("a;\n  -- persist: create table\n-- persist: t ();\nb;"),
            "a;\n create table\n t ();\nb;"
        );
    }

    #[test]
    fn a_file_without_markers_is_kept() {
        assert_eq!(way_up("-- up\na;"), "-- up\na;");
    }
}
