//! The state that statements change: the catalog so far, the search path, the place in the text.

use std::collections::HashSet;
use std::sync::Arc;

use crate::analyse::lookup::{TEMPORARY, default_search_path};
use crate::apply::problem::Problem;
use crate::catalog::{Catalog, Opaque, Schema};
use crate::diagnostic::{Diagnostic, Origin};
use crate::identifier::QualifiedName;
use crate::parse::Node;

/// The catalog so far, and where the reader is.
pub(crate) struct Fold {
    pub(crate) catalog: Catalog,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Every name that a constraint or an index ever had. Most new names are in none of them, and then the
    /// tables need not be searched.
    pub(super) names: HashSet<String>,
    /// Whether any table ever inherited from another one.
    pub(super) inheritance: bool,
    /// The schemas in which unqualified names are looked for.
    pub(super) search_path: Vec<String>,
    /// The text that is being applied: a statement of a file, or one inside of it.
    pub(super) place: Place,
    /// Inside of a block that handles exceptions: what fails there does nothing.
    pub(super) lenient: bool,
}

/// Where a text comes from.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) file: Arc<str>,
    /// The line that the text starts in.
    pub(super) line: u32,
    pub(super) text: Arc<str>,
}

/// Applies one statement of any kind: handed to those statements that hold others.
pub(super) type ApplyStatement = fn(&mut Fold, Node<'_>);

impl Fold {
    /// An empty database: the schema `public` and nothing in it.
    pub(crate) fn new() -> Self {
        let mut catalog = Catalog::default();
        catalog.schemas.insert("public".to_owned(), Schema::new("public", None));
        Self {
            catalog,
            diagnostics: Vec::new(),
            names: HashSet::new(),
            inheritance: false,
            search_path: default_search_path(),
            place: Place { file: Arc::from(""), line: 1, text: Arc::from("") },
            lenient: false,
        }
    }

    /// Starts with the statements of another file, and with the default search path.
    pub(crate) fn start_file(&mut self, file: &str) {
        self.place.file = Arc::from(file);
        self.search_path = default_search_path();
    }

    /// Ends a file, and with it what is temporary.
    pub(crate) fn end_file(&mut self) {
        self.catalog.schemas.remove(TEMPORARY);
    }

    /// Notes why a statement could not be applied.
    pub(super) fn report(&mut self, node: Node<'_>, problem: Problem) {
        if self.lenient {
            return;
        }
        // After a statement that may have done anything, what cannot be applied is no mistake: it is unknown
        // as well.
        if self.anything_may_have_happened() {
            let statement = format!("a statement that needs what cannot be known: {}", problem.message);
            self.hide(node, statement, None);
            return;
        }
        let diagnostic = Diagnostic::at(self.origin(node), problem.message);
        self.diagnostics.push(Diagnostic { help: problem.help, ..diagnostic });
    }

    /// Whether some statement before may have done anything.
    pub(crate) fn anything_may_have_happened(&self) -> bool {
        self.catalog.opaque.iter().any(|note| note.hides.is_none())
    }

    /// Where a node stands.
    pub(crate) fn origin(&self, node: Node<'_>) -> Origin {
        let before = self.place.text.as_bytes().get(..node.start()).unwrap_or_default();
        let newlines = before.iter().filter(|&&byte| byte == b'\n').count();
        Origin::new(Arc::clone(&self.place.file), self.place.line + u32::try_from(newlines).unwrap_or(0))
    }

    /// Notes that a statement does what cannot be known.
    pub(crate) fn hide(
        &mut self,
        node: Node<'_>,
        statement: impl Into<String>,
        hides: Option<QualifiedName>,
    ) -> Opaque {
        let note = Opaque { origin: self.origin(node), statement: statement.into(), hides };
        self.catalog.opaque.push(note.clone());
        note
    }
}
