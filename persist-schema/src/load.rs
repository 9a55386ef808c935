//! The entry points: from a folder or from text to a catalog.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::apply::Fold;
use crate::catalog::Catalog;
use crate::diagnostic::Diagnostic;
use crate::read::sections::way_up;

/// The text of one migration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The name to show in messages.
    pub file: String,
    /// The SQL text.
    pub text: String,
}

/// What a folder of migrations came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// What the migrations describe.
    pub catalog: Catalog,
    /// The absolute paths of the files that were read, in the order in which they were applied.
    pub files: Vec<PathBuf>,
    /// What could not be read or understood; with any of these the catalog may be wrong.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads the migrations in `folder`, which may also be a single `.sql` file, and folds them.
///
/// The folder's layout is recognized by the names in it. Problems, a missing folder among them, are
/// [`Loaded::diagnostics`].
pub fn load(folder: &Path) -> Loaded {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
    let mut loaded = Loaded {
        catalog: Catalog::default(),
        files: Vec::new(),
        diagnostics: Vec::new(),
    };
    let mut sources = Vec::new();
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|e| e.path())
        .collect();
    files.retain(|file| file.extension().is_some_and(|e| e == "sql"));
    files.sort();
    for file in files {
        if let Ok(text) = std::fs::read_to_string(&file) {
            let shown = folder
                .parent()
                .and_then(|parent| file.strip_prefix(parent).ok())
                .unwrap_or(&file);
            sources.push(Source {
                file: shown.display().to_string(),
                text,
            });
            loaded.files.push(file);
        }
    }
    (loaded.catalog, loaded.diagnostics) = fold(&sources);
    loaded
}

/// Like [`load`], remembered for this process until a file in the folder changes, appears or goes away.
pub fn cached(folder: &Path) -> Arc<Loaded> {
    Arc::new(load(folder))
}

/// Applies the sources one after the other to an empty database.
pub fn fold(sources: &[Source]) -> (Catalog, Vec<Diagnostic>) {
    let mut fold = Fold::new();
    for source in sources {
        fold.file(&Arc::from(source.file.as_str()), &way_up(&source.text));
    }
    (fold.catalog, fold.diagnostics)
}
