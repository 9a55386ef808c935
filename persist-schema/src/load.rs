//! The entry points: from a folder or from text to a catalog.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::panic::resume_unwind;
use std::path::{self, Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::SystemTime;

use crate::apply::{self, Fold};
use crate::catalog::Catalog;
use crate::diagnostic::{Diagnostic, Origin};
use crate::read::layout;
use crate::read::sections::way_up;
use crate::read::split::{Statement, split};

/// The text of one migration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The name to show in messages.
    pub file: String,
    /// The SQL text.
    pub text: String,
}

/// What a folder of migrations came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
/// The names in the folder show which tool it belongs to: diesel, sqlx, refinery, Flyway, Prisma,
/// golang-migrate, goose, dbmate, or none. Files are applied in the order in which that tool applies them;
/// those that lead back are left out. Problems, a missing folder among them, are [`Loaded::diagnostics`].
pub fn load(folder: &Path) -> Loaded {
    let folder = path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
    let mut loaded = Loaded::default();
    let files = match layout::files(&folder) {
        Ok(files) => files,
        Err(error) => {
            loaded.diagnostics.push(unreadable_folder(&folder, &error));
            return loaded;
        }
    };
    if files.is_empty() {
        let message = format!("the schema folder `{}` holds no migration", folder.display());
        loaded.diagnostics.push(Diagnostic::general(message).with_help("put your `*.sql` files there"));
    }
    let mut sources = Vec::new();
    for file in files {
        match read(&folder, &file) {
            Ok(source) => sources.push(source),
            Err(diagnostic) => loaded.diagnostics.push(diagnostic),
        }
        loaded.files.push(file);
    }
    let (catalog, diagnostics) = fold(&sources);
    loaded.catalog = catalog;
    loaded.diagnostics.extend(diagnostics);
    loaded
}

/// Like [`load`], remembered for this process until a file in the folder changes, appears or goes away.
pub fn cached(folder: &Path) -> Arc<Loaded> {
    type Cache = Mutex<HashMap<PathBuf, (Fingerprint, Arc<Loaded>)>>;
    static CACHE: OnceLock<Cache> = OnceLock::new();
    // Taken before the files are read: a change in between is then seen the next time.
    let now = fingerprint(folder);
    let mut cache = CACHE.get_or_init(Cache::default).lock().unwrap_or_else(PoisonError::into_inner);
    match cache.get(folder) {
        Some((then, loaded)) if *then == now => Arc::clone(loaded),
        _ => {
            let loaded = Arc::new(load(folder));
            cache.insert(folder.to_path_buf(), (now, Arc::clone(&loaded)));
            loaded
        }
    }
}

/// Applies the sources one after the other to an empty database.
///
/// Each starts with the default search path, and of one that holds both ways (goose, dbmate) only the way up
/// counts.
pub fn fold(sources: &[Source]) -> (Catalog, Vec<Diagnostic>) {
    on_large_stack(|| {
        let mut fold = Fold::new();
        for source in sources {
            fold.start_file(&source.file);
            for Statement { text, line, begins_again, .. } in split(&way_up(&source.text)) {
                apply::statement(&mut fold, text, line, begins_again);
            }
            fold.end_file();
        }
        (fold.catalog, fold.diagnostics)
    })
}

/// Runs something with room for statements that nest deeply: parser and reader are recursive, and a stack
/// that runs out ends the compiler. The memory is only taken where it is used.
fn on_large_stack<T: Send>(work: impl Fn() -> T + Sync) -> T {
    const BYTES: usize = if cfg!(target_pointer_width = "64") { 512 << 20 } else { 64 << 20 };
    thread::scope(|scope| match thread::Builder::new().stack_size(BYTES).spawn_scoped(scope, &work) {
        Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
        Err(_) => work(),
    })
}

/// The state of a folder, to detect changes: each file with its time and size.
type Fingerprint = Vec<(PathBuf, Option<SystemTime>, u64)>;

fn fingerprint(folder: &Path) -> Fingerprint {
    let files = layout::files(folder).unwrap_or_default();
    let stamp = |file: PathBuf| match fs::metadata(&file) {
        Ok(metadata) => (file, metadata.modified().ok(), metadata.len()),
        Err(_) => (file, None, 0),
    };
    files.into_iter().map(stamp).collect()
}

fn read(folder: &Path, file: &Path) -> Result<Source, Diagnostic> {
    let shown = shown(folder, file);
    let origin = |line| Origin::new(shown.as_str(), line);
    let bytes = fs::read(file).map_err(|error| {
        Diagnostic::at(origin(1), format!("the migration cannot be read: {error}"))
            .with_help("check the file's permissions")
    })?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Source { file: shown, text }),
        Err(error) => {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let newlines = good.iter().filter(|&&byte| byte == b'\n').count();
            let line = u32::try_from(newlines).unwrap_or(0) + 1;
            let message = "the migration is not UTF-8 text";
            Err(Diagnostic::at(origin(line), message).with_help("save the file as UTF-8"))
        }
    }
}

/// The name of the folder that is read and the path below it, with slashes on every platform.
fn shown(folder: &Path, file: &Path) -> String {
    let folder = if folder == file { file.parent() } else { Some(folder) };
    let base = folder.and_then(Path::parent).unwrap_or(Path::new(""));
    let below = file.strip_prefix(base).unwrap_or(file);
    let parts: Vec<_> = below.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

fn unreadable_folder(folder: &Path, error: &io::Error) -> Diagnostic {
    let shown = folder.display();
    let help = "create it, or name another one in Cargo.toml: `[package.metadata.persist]` `schema = \"…\"`";
    match error.kind() {
        io::ErrorKind::NotFound => {
            Diagnostic::general(format!("the schema folder `{shown}` does not exist")).with_help(help)
        }
        _ => Diagnostic::general(format!("the schema folder `{shown}` cannot be read: {error}"))
            .with_help(help),
    }
}
