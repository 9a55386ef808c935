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

/// What SQL may call a table of things that Rust calls `name`: `pipeline_steps` and `pipeline_step` for
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
    names.push(singular);
    names
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{camel, snake, table_names};

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
        assert_eq!(table_names("Category"), ["categorys", "categories", "category"]);
        assert_eq!(table_names("Box"), ["boxs", "boxes", "box"]);
    }
}
