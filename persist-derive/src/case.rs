//! The same name in another spelling.

/// `PipelineStep` as `pipeline_step`, `HTTPServer` as `http_server`.
pub(crate) fn snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (index, c) in chars.iter().enumerate() {
        let after_lower = index > 0 && !chars[index - 1].is_uppercase() && chars[index - 1] != '_';
        let before_lower = chars.get(index + 1).is_some_and(|next| next.is_lowercase());
        let ends_acronym = index > 0 && chars[index - 1].is_uppercase() && before_lower;
        if c.is_uppercase() && (after_lower || ends_acronym) {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}

/// `created_at` as `CreatedAt`.
pub(crate) fn camel(name: &str) -> String {
    let words = name.split('_').filter(|word| !word.is_empty());
    words.map(capitalized).collect()
}

/// How names of the database are spelled, as `rename_all` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

impl Spelling {
    /// Each, as it is written: in itself.
    pub(crate) const ALL: [(&str, Spelling); 8] = [
        ("camelCase", Spelling::Camel),
        ("PascalCase", Spelling::Pascal),
        ("snake_case", Spelling::Snake),
        ("SCREAMING_SNAKE_CASE", Spelling::ScreamingSnake),
        ("kebab-case", Spelling::Kebab),
        ("SCREAMING-KEBAB-CASE", Spelling::ScreamingKebab),
        ("lowercase", Spelling::Lower),
        ("UPPERCASE", Spelling::Upper),
    ];

    /// A name of Rust in this spelling.
    pub(crate) fn of(self, name: &str) -> String {
        let snake = snake(name);
        match self {
            Spelling::Lower => snake.replace('_', ""),
            Spelling::Upper => snake.replace('_', "").to_uppercase(),
            Spelling::Pascal => camel(&snake),
            Spelling::Camel => uncapitalized(&camel(&snake)),
            Spelling::Snake => snake,
            Spelling::ScreamingSnake => snake.to_uppercase(),
            Spelling::Kebab => snake.replace('_', "-"),
            Spelling::ScreamingKebab => snake.replace('_', "-").to_uppercase(),
        }
    }
}

/// What SQL may call a table of things that Rust calls `name`: `pipeline_steps`, `pipeline_step` and `PipelineStep` for
/// `PipelineStep`.
pub(crate) fn table_names(name: &str) -> Vec<String> {
    let singular = snake(name);
    let mut names = vec![format!("{singular}s")];
    if let Some(stem) = singular.strip_suffix('y') {
        names.push(format!("{stem}ies"));
    }
    if singular.ends_with(['s', 'x', 'z', 'h']) {
        names.push(format!("{singular}es"));
    }
    let is_other = singular != name;
    names.push(singular);
    names.extend(is_other.then(|| name.to_owned()));
    names
}

fn uncapitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Spelling, camel, snake, table_names};

    #[test]
    fn names_change_their_spelling() {
        assert_eq!(snake("PipelineStep"), "pipeline_step");
        assert_eq!(snake("HTTPServer"), "http_server");
        assert_eq!(snake("Utf8Text"), "utf8_text");
        assert_eq!(camel("created_at"), "CreatedAt");
        assert_eq!(camel("_x2_y"), "X2Y");
    }

    #[test]
    fn tables_are_plural_or_not() {
        assert_eq!(table_names("Category"), ["categorys", "categories", "category", "Category"]);
        assert_eq!(table_names("Box"), ["boxs", "boxes", "box", "Box"]);
        assert_eq!(table_names("box"), ["boxs", "boxes", "box"]);
    }

    #[test]
    fn spellings_are_written_in_themselves() {
        for (written, spelling) in Spelling::ALL {
            let name =
                if matches!(spelling, Spelling::Lower | Spelling::Upper) { "word" } else { "two_words" };
            let spelled = spelling.of(name);
            assert_eq!(spelled.contains('_'), written.contains('_'), "{written}: {spelled}");
            assert_eq!(spelled.contains('-'), written.contains('-'), "{written}: {spelled}");
        }
        assert_eq!(Spelling::Camel.of("created_at"), "createdAt");
        assert_eq!(Spelling::Camel.of("id"), "id");
        assert_eq!(Spelling::Pascal.of("created_at"), "CreatedAt");
        assert_eq!(Spelling::ScreamingSnake.of("InProgress"), "IN_PROGRESS");
        assert_eq!(Spelling::Kebab.of("InProgress"), "in-progress");
        assert_eq!(Spelling::Upper.of("InProgress"), "INPROGRESS");
    }
}
