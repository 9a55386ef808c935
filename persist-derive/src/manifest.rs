//! Reads what the derives need from a Cargo.toml: where the migrations are, and what the facade is called.
//!
//! This is no TOML parser, which would cost every user five crates: strings, `true` and inline tables are read,
//! other values are passed over.

use std::path::Path;

/// The values of a Cargo.toml that are strings or `true`, each with its full dotted key.
#[derive(Debug, Default)]
pub(crate) struct Manifest {
    values: Vec<(Vec<String>, String)>,
    is_workspace_root: bool,
}

/// The package that is looked for among the dependencies.
const FACADE: &str = "persist-postgres";

impl Manifest {
    /// Reads `Cargo.toml` in a folder; `None` where there is none.
    pub(crate) fn read(folder: &Path) -> Option<Self> {
        std::fs::read_to_string(folder.join("Cargo.toml")).ok().map(|text| Self::parse(&text))
    }

    fn parse(text: &str) -> Self {
        let mut manifest = Self::default();
        let mut section: Vec<String> = Vec::new();
        let mut lines = text.lines().map(|line| without_comment(line).trim());
        while let Some(line) = lines.next() {
            if line.starts_with('[') {
                section = dotted(line.trim_start_matches('[').trim_end_matches(']'));
                manifest.is_workspace_root |= section.first().is_some_and(|first| first == "workspace");
            } else if let Some((key, value)) = line.split_once('=') {
                let mut value = value.trim().to_owned();
                while is_open(&value)
                    && let Some(line) = lines.next()
                {
                    value.push_str(line);
                }
                manifest.add(section.iter().cloned().chain(dotted(key)).collect(), &value);
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
    /// `root`, or here where this is the root.
    pub(crate) fn facade(&self, root: Option<&Manifest>) -> Option<String> {
        let root = root.unwrap_or(self);
        self.values.iter().find_map(|(key, value)| match key.as_slice() {
            [first, ..] if first == "workspace" => None,
            [.., kind, name, field] if kind.ends_with("dependencies") => {
                let package = match field.as_str() {
                    "package" => Some(value.as_str()),
                    "workspace" => root.value(&["workspace", "dependencies", name, "package"]),
                    _ => None,
                };
                (package == Some(FACADE)).then(|| name.clone())
            }
            _ => None,
        })
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
            for entry in split(table, ',') {
                if let Some((name, value)) = entry.split_once('=') {
                    self.add(key.iter().cloned().chain(dotted(name)).collect(), value.trim());
                }
            }
        }
    }
}

/// `target."cfg(unix)".dependencies` as its parts.
fn dotted(key: &str) -> Vec<String> {
    split(key, '.').map(|part| part.trim().trim_matches(['"', '\'']).to_owned()).collect()
}

fn quoted(value: &str) -> Option<&str> {
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value.strip_prefix(quote)?.strip_suffix(quote)
}

fn without_comment(line: &str) -> &str {
    let mut place = Place::default();
    let comment = line.find(|c| {
        place.pass(c);
        c == '#' && place.quote.is_none()
    });
    &line[..comment.unwrap_or(line.len())]
}

/// Does a value go on in the next line: an array, a table, a text in three quotes?
fn is_open(value: &str) -> bool {
    if let Some(quote) = ["\"\"\"", "'''"].into_iter().find(|quote| value.starts_with(quote)) {
        return !value[quote.len()..].contains(quote);
    }
    let mut place = Place::default();
    value.chars().for_each(|c| place.pass(c));
    place.depth > 0
}

/// The parts between separators that are neither in quotes nor in brackets.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut place = Place::default();
    text.split(move |c| {
        place.pass(c);
        c == separator && place.quote.is_none() && place.depth == 0
    })
}

/// Where one is in a line: in quotes, in brackets.
#[derive(Default)]
struct Place {
    quote: Option<char>,
    depth: u32,
}

impl Place {
    fn pass(&mut self, c: char) {
        match (self.quote, c) {
            (Some(open), c) if open == c => self.quote = None,
            (None, '"' | '\'') => self.quote = Some(c),
            (None, '[' | '{') => self.depth += 1,
            (None, ']' | '}') => self.depth = self.depth.saturating_sub(1),
            (Some(_) | None, _) => {}
        }
    }
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

    /// What a crate calls the facade by its Cargo.toml, and by that of its workspace.
    fn called(manifest: &str, root: Option<&str>) -> Option<String> {
        Manifest::parse(manifest).facade(root.map(Manifest::parse).as_ref())
    }

    #[test]
    fn a_renamed_facade_is_found() {
        for (name, manifest) in [
            (
                "data-layer",
                "[dependencies]\nserde = \"1\"\ndata-layer = { version = \"1\", package = \"persist-postgres\" }",
            ),
            ("persist", "[dependencies]\npersist = { package = 'persist-postgres', path = \"..\" } # ours\n"),
            ("db", "[target.'cfg(unix)'.dependencies.db]\npackage = \"persist-postgres\"\n"),
            ("db", "[dev-dependencies]\ndb.package = \"persist-postgres\"\ndb.version = \"1\"\n"),
            (
                "db",
                "[dependencies]\nx = { features = [ # ] }\n  \"a\", # ]\n  \"b\",\n], version = \"1\" }\n\
                 db = { features = [\n  \"json\",\n  \"uuid\",\n], package = \"persist-postgres\" }\n",
            ),
            (
                "db",
                "[package]\ndescription = \"\"\"\n[\nno = { package = \"persist-postgres\" }\n\"\"\"\n\
                 [dependencies]\ndb = { version = \"1\", package = \"persist-postgres\" }\n",
            ),
        ] {
            assert_eq!(called(manifest, None).as_deref(), Some(name), "{manifest}");
        }
        for manifest in [
            "[dependencies]\npersist-postgres = { version = \"1\", features = [\"json\", \"uuid\"] }\n",
            "[dependencies]\npersist-postgres = \"1\"\npersist = { package = \"persisted\", version = \"1\" }",
            "[workspace.dependencies]\ndb = { package = \"persist-postgres\", version = \"1\" }\n",
        ] {
            assert_eq!(called(manifest, None), None, "{manifest}");
        }
    }

    #[test]
    fn a_name_of_the_workspace_is_found() {
        let root = "[workspace.dependencies]\nserde = \"1\"\nstore = { package = \"persist-postgres\", version = \"1\" }\n";
        for member in [
            "[dependencies]\nserde.workspace = true\nstore.workspace = true\n",
            "[dependencies]\nserde = \"1\"\nstore = { workspace = true, features = [\"decimal\"] }\n",
            "[dev-dependencies.store]\nworkspace = true\n",
        ] {
            assert_eq!(called(member, Some(root)).as_deref(), Some("store"), "{member}");
            let both = format!("{root}{member}");
            assert_eq!(called(&both, None).as_deref(), Some("store"), "the package of the root: {both}");
        }
        assert_eq!(called("[dependencies]\nserde.workspace = true\n", Some(root)), None);
    }
}
