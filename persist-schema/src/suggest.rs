//! "Did you mean …?"

/// The candidate that `written` was probably meant to be.
///
/// Names that differ only in case and underscores are the same; else a third of the letters may be wrong.
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (written.chars().count() / 3).max(1);
    let measured = candidates.into_iter().map(|candidate| (closeness(written, candidate), candidate));
    measured
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// The names in the order of their likeness to what was written: first those that have most words in common with it, then those
/// that differ by fewest letters.
pub fn ranked<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let words = words(written);
    let mut names: Vec<(usize, usize, &str)> = names
        .into_iter()
        .map(|name| {
            let common = self::words(name).iter().filter(|word| words.contains(word)).count();
            (usize::MAX - common, closeness(written, name), name)
        })
        .collect();
    names.sort_unstable();
    names.into_iter().map(|(.., name)| name).collect()
}

/// The words of a name in any case, in the singular: `PipelineSteps` and `pipeline_step` are `pipeline` and `step`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    for character in name.chars() {
        if character.is_uppercase() || !character.is_alphanumeric() {
            words.push(String::new());
        }
        if let (true, Some(word)) = (character.is_alphanumeric(), words.last_mut()) {
            word.extend(character.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words.into_iter().map(|word| word.strip_suffix('s').map(str::to_owned).unwrap_or(word)).collect()
}

/// Names for a message: `a`, `b` and `c`; the rest is only counted.
pub fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 8;
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        names if names.len() > SHOWN => {
            format!("{} and {} more", names[..SHOWN].join(", "), names.len() - SHOWN)
        }
        [names @ .., last] => format!("{} and {last}", names.join(", ")),
    }
}

fn closeness(left: &str, right: &str) -> usize {
    if plain(left) == plain(right) { 0 } else { distance(left, right) }
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect()
}

/// How many letters must be put in, taken out, replaced or swapped with their neighbour (the restricted
/// Damerau-Levenshtein distance).
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for i in 1..=left.len() {
        let mut row = vec![i];
        for j in 1..=right.len() {
            let replaced = above[j - 1] + usize::from(left[i - 1] != right[j - 1]);
            let mut best = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[right.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, listed, nearest, ranked};

    #[test]
    fn distances_count_letters() {
        assert_eq!(distance("naem", "name"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn the_likeliest_name_comes_first() {
        let tables = ["accounts", "pipeline_executions", "pipeline_steps", "pipelines", "users"];
        assert_eq!(ranked("Step", tables)[0], "pipeline_steps");
        assert_eq!(ranked("PipelineExecutionCard", tables)[0], "pipeline_executions");
        assert_eq!(ranked("user", tables)[0], "users");
        assert_eq!(
            ranked("approved_by", ["created_by_id", "approver_id", "approved_by_id"])[0],
            "approved_by_id"
        );
    }

    #[test]
    fn the_nearest_name_is_meant() {
        let columns = ["id", "name", "createdAt", "description"];
        assert_eq!(nearest("naem", columns), Some("name"));
        assert_eq!(nearest("created_at", columns), Some("createdAt"));
        assert_eq!(nearest("owner", columns), None);
    }

    #[test]
    fn lists_read_like_sentences() {
        assert_eq!(listed(["a"]), "`a`");
        assert_eq!(listed(["a", "b", "c"]), "`a`, `b` and `c`");
        let many: Vec<String> = (0..10).map(|n| n.to_string()).collect();
        assert!(listed(many.iter().map(String::as_str)).ends_with("`7` and 2 more"));
    }
}
