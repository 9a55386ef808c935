//! Reads what the derives need from a Cargo.toml: where the migrations are, and what the facade is called.
//!
//! This is no TOML parser, which would cost every user five crates: strings and inline tables on one line are
//! read, what spans several lines is passed over.

use std::path::Path;

/// The values of a Cargo.toml that are strings or `true`, each with its full dotted key.
#[derive(Debug, Default)]
pub(crate) struct Manifest {
    values: Vec<(Vec<String>, String)>,
    is_workspace_root: bool,
}

/// The package that is looked for among the dependencies.
const FACADE: &str = "persist";

impl Manifest {
    /// Reads `Cargo.toml` in a folder; `None` where there is none.
    pub(crate) fn read(folder: &Path) -> Option<Self> {
        std::fs::read_to_string(folder.join("Cargo.toml")).ok().map(|text| Self::parse(&text))
    }

    fn parse(text: &str) -> Self {
        let mut manifest = Self::default();
        let mut section: Vec<String> = Vec::new();
        let mut open = 0;
        for line in text.lines() {
            let line = without_comment(line).trim();
            if open == 0 && line.starts_with('[') {
                section = dotted(line.trim_start_matches('[').trim_end_matches(']'));
                manifest.is_workspace_root |= section.first().is_some_and(|first| first == "workspace");
            } else if let (0, Some((key, value))) = (open, line.split_once('=')) {
                manifest.add(section.iter().cloned().chain(dotted(key)).collect(), value.trim());
                open = depth(value);
            } else {
                open += depth(line);
            }
        }
        manifest
    }

    /// Is there a `[workspace]`?
    pub(crate) fn is_workspace_root(&self) -> bool {
        self.is_workspace_root
    }

    /// `schema = "…"` under `[package.metadata.persist]`.
    pub(crate) fn schema(&self) -> Option<&str> {
        self.value(&["package", "metadata", "persist", "schema"])
    }

    /// The name under which this package depends on the facade, which may be declared in the workspace's
    /// `root`.
    pub(crate) fn facade(&self, root: Option<&Manifest>) -> Option<String> {
        let dependency = |key: &[String], last: &str| match key {
            [.., kind, name, field] if kind.ends_with("dependencies") && field == last => Some(name.clone()),
            _ => None,
        };
        let renamed = self
            .values
            .iter()
            .find_map(|(key, value)| dependency(key, "package").filter(|_| value == FACADE));
        let inherited = || {
            let inherits = self.values.iter().filter_map(|(key, _)| dependency(key, "workspace"));
            let is_facade = |name: &String| {
                root.is_some_and(|root| {
                    root.value(&["workspace", "dependencies", name, "package"]) == Some(FACADE)
                })
            };
            inherits.into_iter().find(is_facade)
        };
        renamed.or_else(inherited)
    }

    fn value(&self, key: &[&str]) -> Option<&str> {
        self.values.iter().find(|(found, _)| found == key).map(|(_, value)| value.as_str())
    }

    fn add(&mut self, key: Vec<String>, value: &str) {
        if let Some(text) = quoted(value) {
            self.values.push((key, text.to_owned()));
        } else if value == "true" {
            self.values.push((key, value.to_owned()));
        } else if let Some(table) = value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            for entry in outside_of_quotes(table, ',') {
                if let Some((name, value)) = entry.split_once('=') {
                    self.add(key.iter().cloned().chain(dotted(name)).collect(), value.trim());
                }
            }
        }
    }
}

/// `target."cfg(unix)".dependencies` as its parts.
fn dotted(key: &str) -> Vec<String> {
    outside_of_quotes(key, '.').map(|part| part.trim().trim_matches(['"', '\'']).to_owned()).collect()
}

fn quoted(value: &str) -> Option<&str> {
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value.strip_prefix(quote)?.strip_suffix(quote)
}

fn without_comment(line: &str) -> &str {
    outside_of_quotes(line, '#').next().unwrap_or_default()
}

/// How many brackets a piece of a value opens and does not close.
fn depth(value: &str) -> i32 {
    let mut quote = None;
    let mut depth = 0;
    for c in value.chars() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth -= 1,
            (Some(_) | None, _) => {}
        }
    }
    depth
}

fn outside_of_quotes(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quote = None;
    text.split(move |c| {
        match quote {
            Some(open) if open == c => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None => return c == separator,
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::Manifest;

    #[test]
    fn the_schema_folder_is_found() {
        let manifest = Manifest::parse(
            "[package]\nname = \"app\" # schema = \"no\"\n[package.metadata.persist]\nschema = \"db/migrations\"\n",
        );
        assert_eq!(manifest.schema(), Some("db/migrations"));
        let manifest = Manifest::parse(
            "[package]\nmetadata.persist.schema = 'db'\nauthors = [\n  \"x = y\",\n]\n[workspace]\n",
        );
        assert_eq!(manifest.schema(), Some("db"));
        assert!(manifest.is_workspace_root());
    }

    #[test]
    fn a_renamed_facade_is_found() {
        let inline = Manifest::parse(
            "[dependencies]\nserde = \"1\"\ndata-layer = { version = \"1\", package = \"persist\" }",
        );
        assert_eq!(inline.facade(None).as_deref(), Some("data-layer"));
        let section = Manifest::parse("[target.'cfg(unix)'.dependencies.db]\npackage = \"persist\"\n");
        assert_eq!(section.facade(None).as_deref(), Some("db"));
        let plain = Manifest::parse(
            "[dependencies]\npersist = { version = \"1\", features = [\"json\", \"uuid\"] }\n",
        );
        assert_eq!(plain.facade(None), None);
        let root =
            Manifest::parse("[workspace.dependencies]\nstore = { package = \"persist\", version = \"1\" }\n");
        let member = Manifest::parse("[dependencies]\nstore.workspace = true\n");
        assert_eq!(member.facade(Some(&root)).as_deref(), Some("store"));
    }
}
