//! Applies statements to a catalog, one kind of statement per file.

use std::collections::HashSet;
use std::sync::Arc;

use crate::analyse::lookup;
use crate::catalog::{Catalog, Opaque, Schema};
use crate::diagnostic::{Diagnostic, Origin};
use crate::identifier::QualifiedName;
use crate::parse::{Grammar, Kind, Node, parse};

mod alter_column;
mod alter_table;
mod alter_type;
mod attach;
mod collation;
mod column;
mod comment;
mod condition;
mod constraint;
mod constraint_name;
mod create_index;
mod create_table;
mod create_type;
mod do_block;
mod drop;
mod foreign_key;
pub(crate) mod function;
mod inheritance;
mod key;
mod like;
mod partition;
mod rename;
mod schema;
mod scope;
mod sequence;
mod system_catalog;
mod trigger;
mod unknown;
mod view;

/// A catalog in the making, and where the reader is.
pub(crate) struct Fold {
    pub(crate) catalog: Catalog,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Every name that a constraint or an index ever had. Most new names are in none of them, and then the
    /// tables need not be searched.
    names: HashSet<String>,
    /// Whether any table ever followed another one.
    inheritance: bool,
    /// The schemas in which unqualified names are looked for.
    search_path: Vec<String>,
    /// The text that is being applied: a statement of a file, or one inside of it.
    place: Place,
    /// Inside of a block that handles exceptions: what fails there does nothing.
    lenient: bool,
}

/// Where a text comes from.
#[derive(Clone)]
struct Place {
    file: Arc<str>,
    /// The line that the text starts in.
    line: u32,
    text: Arc<str>,
}

/// Why a statement could not be applied.
#[derive(Debug)]
pub(crate) struct Problem {
    message: String,
    help: Option<String>,
}

/// The result of applying something.
pub(crate) type Outcome = Result<(), Problem>;

impl Problem {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

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
            search_path: lookup::default_search_path(),
            place: Place { file: Arc::from(""), line: 1, text: Arc::from("") },
            lenient: false,
        }
    }

    /// Starts with the statements of another file, and with the default search path.
    pub(crate) fn start_file(&mut self, file: &str) {
        self.place.file = Arc::from(file);
        self.search_path = lookup::default_search_path();
    }

    /// Ends a file, and with it what is temporary.
    pub(crate) fn end_file(&mut self) {
        self.drop_temporary();
    }

    /// Applies the text of a statement that starts in that line of the file.
    pub(crate) fn statement(&mut self, text: &str, line: u32) {
        if !may_matter(text) {
            return;
        }
        (self.place.line, self.place.text) = (line, Arc::from(text));
        if text.starts_with('\\') {
            let origin = Origin::new(Arc::clone(&self.place.file), line);
            let statement = "a file that psql includes".to_owned();
            self.catalog.opaque.push(Opaque { origin, statement, hides: None });
            return;
        }
        let tree = parse(text, Grammar::Sql);
        if let Some((at, message)) = &tree.error {
            self.misunderstood(tree.root(), *at, message);
            return;
        }
        tree.root().children().for_each(|node| self.apply(node));
    }

    /// Applies one parsed statement and notes what goes wrong.
    pub(crate) fn apply(&mut self, node: Node<'_>) {
        let Err(problem) = self.dispatch(node) else { return };
        if self.lenient {
            return;
        }
        // After a statement that may have done anything, what cannot be applied is no mistake: it is unknown
        // as well.
        if self.anything_may_have_happened() {
            self.hide(
                node,
                format!("a statement that needs what cannot be known: {}", problem.message),
                None,
            );
            return;
        }
        let diagnostic = Diagnostic::at(self.origin(node), problem.message);
        self.diagnostics.push(Diagnostic { help: problem.help, ..diagnostic });
    }

    /// Whether some statement before may have done anything.
    pub(crate) fn anything_may_have_happened(&self) -> bool {
        self.catalog.opaque.iter().any(|note| note.hides.is_none())
    }

    /// The table of contents: which file applies which statement. All others do not change what is described.
    fn dispatch(&mut self, node: Node<'_>) -> Outcome {
        match node.kind() {
            Kind::CREATE_TABLE | Kind::CREATE_FOREIGN_TABLE => create_table::apply(self, node),
            Kind::CREATE_TABLE_AS | Kind::SELECT_INTO => view::create_table_as(self, node),
            Kind::ALTER_TABLE | Kind::ALTER_FOREIGN_TABLE => alter_table::apply(self, node),
            Kind::CREATE_VIEW | Kind::CREATE_MATERIALIZED_VIEW => view::create(self, node),
            Kind::ALTER_VIEW | Kind::ALTER_MATERIALIZED_VIEW => view::alter(self, node),
            Kind::DROP_TABLE | Kind::DROP_FOREIGN_TABLE | Kind::DROP_VIEW | Kind::DROP_MATERIALIZED_VIEW => {
                drop::tables(self, node)
            }
            Kind::CREATE_INDEX => create_index::apply(self, node),
            Kind::ALTER_INDEX => rename::index(self, node),
            Kind::DROP_INDEX => drop::indexes(self, node),
            Kind::CREATE_TYPE => create_type::create_type(self, node),
            Kind::ALTER_TYPE => alter_type::alter_type(self, node),
            Kind::CREATE_DOMAIN => create_type::create_domain(self, node),
            Kind::ALTER_DOMAIN => alter_type::alter_domain(self, node),
            Kind::DROP_TYPE | Kind::DROP_DOMAIN => drop::types(self, node),
            Kind::CREATE_COLLATION => collation::create(self, node),
            Kind::ALTER_COLLATION => collation::alter(self, node),
            Kind::DROP_COLLATION => collation::drop(self, node),
            Kind::CREATE_SEQUENCE => sequence::create(self, node),
            Kind::ALTER_SEQUENCE => sequence::alter(self, node),
            Kind::DROP_SEQUENCE => sequence::drop(self, node),
            Kind::CREATE_SCHEMA => schema::create(self, node),
            Kind::ALTER_SCHEMA => schema::alter(self, node),
            Kind::DROP_SCHEMA => schema::drop(self, node),
            Kind::CREATE_EXTENSION => schema::create_extension(self, node),
            Kind::ALTER_EXTENSION => schema::alter_extension(self, node),
            Kind::DROP_EXTENSION => schema::drop_extension(self, node),
            Kind::CREATE_FUNCTION | Kind::CREATE_PROCEDURE | Kind::CREATE_AGGREGATE => {
                function::create(self, node)
            }
            Kind::ALTER_FUNCTION | Kind::ALTER_PROCEDURE | Kind::ALTER_ROUTINE | Kind::ALTER_AGGREGATE => {
                function::alter(self, node)
            }
            Kind::DROP_FUNCTION | Kind::DROP_PROCEDURE | Kind::DROP_ROUTINE | Kind::DROP_AGGREGATE => {
                function::drop(self, node)
            }
            Kind::CREATE_TRIGGER => trigger::create_trigger(self, node),
            Kind::CREATE_RULE => trigger::create_rule(self, node),
            Kind::CREATE_POLICY => trigger::create_policy(self, node),
            Kind::ALTER_POLICY => trigger::alter_policy(self, node),
            Kind::ALTER_TRIGGER | Kind::ALTER_RULE => trigger::rename(self, node),
            Kind::DROP_TRIGGER | Kind::DROP_RULE | Kind::DROP_POLICY => trigger::drop(self, node),
            Kind::COMMENT_ON => comment::apply(self, node),
            Kind::SET => schema::set(self, node),
            Kind::RESET => schema::reset(self, node),
            Kind::SELECT | Kind::CALL => function::call(self, node),
            Kind::DO => do_block::apply(self, node),
            Kind::ROLLBACK_TRANSACTION | Kind::ROLLBACK_TO_SAVEPOINT => {
                Err(Problem::new("what a ROLLBACK undoes is not followed")
                    .with_help("leave out the statements that are rolled back, and the ROLLBACK"))
            }
            Kind::IMPORT_FOREIGN_SCHEMA => {
                self.hide(node, "IMPORT FOREIGN SCHEMA", None);
                Ok(())
            }
            Kind::DROP_OWNED => {
                self.hide(node, "DROP OWNED", None);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// A statement with a syntax error: one that matters becomes a diagnostic, and what it creates becomes
    /// opaque, so that one error is reported and not one for each use.
    fn misunderstood(&mut self, root: Node<'_>, at: usize, message: &str) {
        // A text that was given up has no children.
        let first = root.children().next().unwrap_or(root);
        if !unknown::has_effect(first.kind()) {
            return;
        }
        let newlines = self.place.text.bytes().take(at).filter(|&byte| byte == b'\n').count();
        let line = self.place.line + u32::try_from(newlines).unwrap_or(0);
        let origin = Origin::new(Arc::clone(&self.place.file), line);
        let words = self.place.text.split_whitespace().take(2).collect::<Vec<_>>().join(" ").to_uppercase();
        self.diagnostics.push(
            Diagnostic::at(origin, format!("this {words} statement cannot be understood: {message}"))
                .with_help("if PostgreSQL accepts it, please report it as a bug, with the statement"),
        );
        unknown::register(self, first);
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

/// Whether a statement that starts like this can change the catalog: migrations carry far more data than
/// structure, and data need not be parsed.
fn may_matter(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "create", "alter", "drop", "comment", "do", "set", "reset", "select", "call", "with", "import",
        "rollback", "abort",
    ];
    if text.starts_with('\\') {
        return true;
    }
    let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    WORDS.iter().any(|word| text[..end].eq_ignore_ascii_case(word))
}
