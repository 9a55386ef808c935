//! The crate that is being compiled: where its migrations are, and what it calls the facade.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use persist_schema::Loaded;
use proc_macro2::{Ident, Span};

use crate::context::Mistake;
use crate::manifest::Manifest;

/// Where the migrations are unless Cargo.toml or the environment says otherwise.
const FOLDER: &str = "schema";

/// Where other tools have them.
const HABITS: [&str; 12] = [
    "migrations",
    "prisma/migrations",
    "supabase/migrations",
    "db/migrations",
    "db/migrate",
    "db/migration",
    "database/migrations",
    "sql/migrations",
    "src/main/resources/db/migration",
    "db/structure.sql",
    "structure.sql",
    "schema.sql",
];

/// Overrides the folder, for build systems whose crates do not lie beside their migrations.
const VARIABLE: &str = "PERSIST_SCHEMA";

/// The crate whose structs are expanded.
pub(crate) struct Project {
    folder: PathBuf,
    manifest: Manifest,
    /// The workspace's Cargo.toml, if it is another one, and its folder.
    root: Option<(PathBuf, Manifest)>,
    /// What the environment says about the migrations.
    schema: Option<PathBuf>,
    /// The file of the struct.
    file: Option<PathBuf>,
}

impl Project {
    /// The crate that Cargo is compiling.
    ///
    /// `file` is where the struct is.
    pub(crate) fn from_environment(file: Option<PathBuf>) -> Self {
        let folder = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
        Self { file, ..Self::new(folder, env::var_os(VARIABLE).map(PathBuf::from)) }
    }

    /// The file of the struct.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The crate in a folder, with its migrations there or where `schema` says.
    pub(crate) fn new(folder: PathBuf, schema: Option<PathBuf>) -> Self {
        let manifest = Manifest::read(&folder).unwrap_or_default();
        let root = (!manifest.is_workspace_root()).then(|| workspace_root(&folder)).flatten();
        Self { folder, manifest, root, schema, file: None }
    }

    /// The path to the facade under the name that Cargo.toml gives it; its library is called `persist` where it gives none.
    pub(crate) fn facade(&self) -> syn::Path {
        let renamed = self.manifest.facade(self.root.as_ref().map(|(_, root)| root));
        let name = renamed.map_or_else(|| "persist".to_owned(), |name| name.replace('-', "_"));
        let ident = Ident::new(&name, Span::call_site());
        syn::parse_quote!(::#ident)
    }

    /// What the migrations describe.
    pub(crate) fn schema(&self) -> Result<Arc<Loaded>, Mistake> {
        self.schema_folder().map(|folder| persist_schema::cached(&folder))
    }

    /// The Cargo.toml that says where the migrations are, if one does.
    pub(crate) fn manifest_with_schema(&self) -> Option<PathBuf> {
        self.manifest.schema().map(|_| self.folder.join("Cargo.toml"))
    }

    fn schema_folder(&self) -> Result<PathBuf, Mistake> {
        if let Some(folder) = &self.schema {
            return existing(folder, format!("`{VARIABLE}` in the environment"));
        }
        if let Some(folder) = self.manifest.schema() {
            let said = "`[package.metadata.persist]` in Cargo.toml".to_owned();
            return existing(&self.folder.join(folder), said);
        }
        let root = self.root.as_ref().map_or(&self.folder, |(root, _)| root);
        let candidates = self.folder.ancestors().take_while(|folder| folder.starts_with(root));
        let found = candidates.map(|folder| folder.join(FOLDER)).find(|folder| holds_sql(folder, 2));
        found.ok_or_else(|| self.no_folder(root))
    }

    fn no_folder(&self, root: &Path) -> Mistake {
        let name = |folder: &Path| folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut found = format!("no folder `{FOLDER}` with `*.sql` files in `{}`", name(&self.folder));
        if root != self.folder {
            found.push_str(&format!(" or above it, up to the workspace `{}`", name(root)));
        }
        let mistake = Mistake::new("there are no SQL migrations to compare this with");
        let named = |folder: &str| {
            format!("in Cargo.toml:\n        [package.metadata.persist]\n        schema = \"{folder}\"")
        };
        match self.elsewhere(root) {
            Some(folder) => mistake
                .found(format!("{found}; but `{folder}` holds SQL"))
                .write(format!("name it {}", named(&folder))),
            None => mistake.found(found).write(format!(
                "create `{FOLDER}/0001_first.sql`, or name another folder {}",
                named("migrations")
            )),
        }
    }

    /// Where migrations are by the habits of other tools, from this crate.
    fn elsewhere(&self, root: &Path) -> Option<String> {
        let folders = self.folder.ancestors().take_while(|folder| folder.starts_with(root));
        folders.enumerate().find_map(|(up, folder)| {
            let found = HABITS.iter().find(|habit| {
                let path = folder.join(habit);
                path.is_file() || holds_sql(&path, 2)
            })?;
            Some(format!("{}{found}", "../".repeat(up)))
        })
    }
}

fn existing(folder: &Path, said: String) -> Result<PathBuf, Mistake> {
    if folder.exists() {
        return Ok(folder.to_path_buf());
    }
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    Err(Mistake::new(format!("the migrations `{name}` do not exist")).found(format!("{said} names them")))
}

/// The nearest folder above with a `[workspace]`.
fn workspace_root(folder: &Path) -> Option<(PathBuf, Manifest)> {
    folder.ancestors().skip(1).find_map(|folder| {
        let manifest = Manifest::read(folder).filter(Manifest::is_workspace_root)?;
        Some((folder.to_path_buf(), manifest))
    })
}

/// Is there an SQL file, at most `depth` folders down? A folder may be called `schema` for other reasons.
fn holds_sql(folder: &Path, depth: usize) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| {
        let path = entry.path();
        path.extension().is_some_and(|extension| extension == "sql")
            || depth > 0 && holds_sql(&path, depth - 1)
    })
}
