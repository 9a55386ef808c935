//! Applies statements to a catalog, one kind of statement per file.

use std::sync::Arc;

use crate::apply::problem::{Outcome, Problem};
use crate::catalog::Opaque;
use crate::diagnostic::Origin;
use crate::parse::{Grammar, Kind, Node, parse};

mod alter_column;
mod alter_table;
mod alter_type;
mod attach;
mod change_column;
mod check;
mod collation;
mod column;
mod comment;
mod condition;
mod constraint;
mod constraint_clauses;
mod constraint_name;
mod create_index;
mod create_table;
mod create_type;
mod do_block;
mod drop;
mod exclusion;
mod fold;
mod foreign_key;
mod function;
mod inheritance;
mod key;
mod like;
mod move_object;
mod next_value;
mod partition;
mod problem;
mod rename;
mod rename_in_table;
mod resolve;
mod schema;
mod sequence;
mod system_catalog;
mod trigger;
mod unknown;
mod view;

pub(crate) use fold::Fold;

/// Applies the text of a statement that starts in that line of the file.
///
/// Migrations carry far more data than structure, and data need not be parsed; but where a word in it begins statements, a `;`
/// may be missing.
pub(crate) fn statement(fold: &mut Fold, text: &str, line: u32, begins_again: bool) {
    let is_data = !may_matter(text);
    if is_data && !begins_again {
        return;
    }
    (fold.place.line, fold.place.text) = (line, Arc::from(text));
    if text.starts_with('\\') {
        let origin = Origin::new(Arc::clone(&fold.place.file), line);
        let statement = "a file that psql includes".to_owned();
        fold.catalog.opaque.push(Opaque { origin, statement, hides: None });
        return;
    }
    let tree = parse(text, Grammar::Sql);
    if let Some((at, message)) = &tree.error {
        if !is_data || hides_structure(text) {
            unknown::misunderstood(fold, tree.root(), *at, message);
        }
        return;
    }
    let mut statements = tree.root().children().filter(|node| !node.is_token());
    if let Some(first) = statements.next() {
        apply(fold, first);
    }
    for node in statements {
        // The parser goes on where another statement begins; PostgreSQL does not.
        let words = node.text().split_whitespace().take(2).collect::<Vec<_>>().join(" ").to_uppercase();
        let missing = Problem::new(format!("a `;` is missing in front of this {words}"));
        fold.report(node, missing.with_help("end the statement before it with `;`"));
        apply(fold, node);
    }
}

/// Applies one parsed statement and notes what goes wrong.
fn apply(fold: &mut Fold, node: Node<'_>) {
    if let Err(problem) = dispatch(fold, node) {
        fold.report(node, problem);
    }
}

/// The table of contents: which file applies which statement. All others do not change what is described.
fn dispatch(fold: &mut Fold, node: Node<'_>) -> Outcome {
    match node.kind() {
        Kind::CREATE_TABLE | Kind::CREATE_FOREIGN_TABLE => create_table::apply(fold, node),
        Kind::CREATE_TABLE_AS | Kind::SELECT_INTO => view::create_table_as(fold, node),
        Kind::ALTER_TABLE | Kind::ALTER_FOREIGN_TABLE => alter_table::apply(fold, node),
        Kind::CREATE_VIEW | Kind::CREATE_MATERIALIZED_VIEW => view::create(fold, node),
        Kind::ALTER_VIEW | Kind::ALTER_MATERIALIZED_VIEW => view::alter(fold, node),
        Kind::DROP_TABLE | Kind::DROP_FOREIGN_TABLE | Kind::DROP_VIEW | Kind::DROP_MATERIALIZED_VIEW => {
            drop::tables(fold, node)
        }
        Kind::CREATE_INDEX => create_index::apply(fold, node),
        Kind::ALTER_INDEX => rename::index(fold, node),
        Kind::DROP_INDEX => drop::indexes(fold, node),
        Kind::CREATE_TYPE => create_type::create_type(fold, node),
        Kind::ALTER_TYPE => alter_type::alter_type(fold, node),
        Kind::CREATE_DOMAIN => create_type::create_domain(fold, node),
        Kind::ALTER_DOMAIN => alter_type::alter_domain(fold, node),
        Kind::DROP_TYPE | Kind::DROP_DOMAIN => drop::types(fold, node),
        Kind::CREATE_COLLATION => collation::create(fold, node),
        Kind::ALTER_COLLATION => collation::alter(fold, node),
        Kind::DROP_COLLATION => collation::drop(fold, node),
        Kind::CREATE_SEQUENCE => sequence::create(fold, node),
        Kind::ALTER_SEQUENCE => sequence::alter(fold, node),
        Kind::DROP_SEQUENCE => sequence::drop(fold, node),
        Kind::CREATE_SCHEMA => schema::create(fold, node, apply),
        Kind::ALTER_SCHEMA => schema::alter(fold, node),
        Kind::DROP_SCHEMA => schema::drop(fold, node),
        Kind::CREATE_EXTENSION => schema::create_extension(fold, node),
        Kind::ALTER_EXTENSION => schema::alter_extension(fold, node),
        Kind::DROP_EXTENSION => schema::drop_extension(fold, node),
        Kind::CREATE_FUNCTION | Kind::CREATE_PROCEDURE | Kind::CREATE_AGGREGATE => {
            function::create(fold, node)
        }
        Kind::ALTER_FUNCTION | Kind::ALTER_PROCEDURE | Kind::ALTER_ROUTINE | Kind::ALTER_AGGREGATE => {
            function::alter(fold, node)
        }
        Kind::DROP_FUNCTION | Kind::DROP_PROCEDURE | Kind::DROP_ROUTINE | Kind::DROP_AGGREGATE => {
            function::drop(fold, node)
        }
        Kind::CREATE_TRIGGER => trigger::create_trigger(fold, node),
        Kind::CREATE_RULE => trigger::create_rule(fold, node),
        Kind::CREATE_POLICY => trigger::create_policy(fold, node),
        Kind::ALTER_POLICY => trigger::alter_policy(fold, node),
        Kind::ALTER_TRIGGER | Kind::ALTER_RULE => trigger::rename(fold, node),
        Kind::DROP_TRIGGER | Kind::DROP_RULE | Kind::DROP_POLICY => trigger::drop(fold, node),
        Kind::COMMENT_ON => comment::apply(fold, node),
        Kind::SET => schema::set(fold, node),
        Kind::RESET => schema::reset(fold, node),
        Kind::SELECT | Kind::CALL => function::call(fold, node),
        Kind::DO => do_block::apply(fold, node, apply),
        Kind::ROLLBACK_TRANSACTION | Kind::ROLLBACK_TO_SAVEPOINT => {
            Err(Problem::new("what a ROLLBACK undoes is not followed")
                .with_help("leave out the statements that are rolled back, and the ROLLBACK"))
        }
        Kind::IMPORT_FOREIGN_SCHEMA => {
            fold.hide(node, "IMPORT FOREIGN SCHEMA", None);
            Ok(())
        }
        Kind::DROP_OWNED => {
            fold.hide(node, "DROP OWNED", None);
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Whether a statement that starts like this can change the catalog.
fn may_matter(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "create", "alter", "drop", "comment", "do", "set", "reset", "select", "call", "with", "import",
        "rollback", "abort",
    ];
    text.starts_with('\\') || begins_with(text, WORDS)
}

/// Does a line of a statement that is only about data begin like one about structure?
fn hides_structure(text: &str) -> bool {
    text.lines().skip(1).any(|line| begins_with(line.trim_start(), &["create", "alter", "drop"]))
}

fn begins_with(text: &str, words: &[&str]) -> bool {
    let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    words.iter().any(|word| text[..end].eq_ignore_ascii_case(word))
}
