//! DO blocks: the statements in them that change tables, as far as it is known that they run.

use std::sync::Arc;

use crate::analyse::{literal, name};
use crate::apply::condition::{Truth, Variables, truth};
use crate::apply::fold::{ApplyStatement, Fold};
use crate::apply::function::{self, executes_data};
use crate::apply::problem::Outcome;
use crate::apply::unknown;
use crate::identifier::QualifiedName;
use crate::parse::{Grammar, Kind, Node, parse};

/// DO.
pub(crate) fn apply(fold: &mut Fold, node: Node<'_>, apply: ApplyStatement) -> Outcome {
    let language = node.child(Kind::DO_LANGUAGE).and_then(|clause| match clause.child(Kind::LANGUAGE_REF) {
        Some(language) => Some(name::identifier(language)),
        None => literal::first_string(clause),
    });
    let Some(body) = node.child(Kind::LITERAL) else { return Ok(()) };
    if language.is_some_and(|language| !language.eq_ignore_ascii_case("plpgsql")) {
        fold.hide(node, "a DO block in another language than PL/pgSQL", None);
        return Ok(());
    }
    let Some(text) = literal::string(body) else { return Ok(()) };
    let start = body.start() + literal::contents_offset(body.text());
    let newlines = fold.place.text.as_bytes()[..start].iter().filter(|&&byte| byte == b'\n').count();
    let line = fold.place.line + u32::try_from(newlines).unwrap_or(0);
    inside(fold, &text, line, |fold| {
        let tree = parse(&text, Grammar::PlPgSql);
        let mut block = Block { variables: Variables::default(), apply };
        block.walk(fold, tree.root());
    });
    Ok(())
}

/// Applies something inside of another text, in which origins are counted.
fn inside(fold: &mut Fold, text: &str, line: u32, body: impl FnOnce(&mut Fold)) {
    let outer = fold.place.clone();
    fold.place.text = Arc::from(text);
    fold.place.line = line;
    body(fold);
    fold.place = outer;
}

/// A block while it is walked through.
struct Block {
    variables: Variables,
    /// Applies a statement that is known to run.
    apply: ApplyStatement,
}

/// Whether the statements after this one are reached.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    Goes,
    Ends,
}

impl Block {
    fn walk(&mut self, fold: &mut Fold, node: Node<'_>) -> Flow {
        match node.kind() {
            Kind::PLPGSQL_VAR_DECL => {
                self.variables.declare(node);
                Flow::Goes
            }
            Kind::PLPGSQL_EXEC_SQL_STMT => {
                self.variables.forget_mentioned(node);
                if let Some(statement) = node.children().find(|child| !child.is_token()) {
                    (self.apply)(fold, statement);
                }
                Flow::Goes
            }
            Kind::ERROR => {
                self.variables.forget_mentioned(node);
                let words = ["create", "alter", "drop", "execute"];
                if node.tokens().any(|token| words.contains(&token.text().to_ascii_lowercase().as_str())) {
                    fold.hide(node, "a part of a DO block that cannot be understood", None);
                }
                Flow::Goes
            }
            Kind::PLPGSQL_IF_STMT => self.branch(fold, node),
            Kind::PLPGSQL_DYN_EXECUTE_STMT => {
                self.execute(fold, node);
                Flow::Goes
            }
            Kind::PLPGSQL_PERFORM_STMT | Kind::PLPGSQL_CALL_STMT => {
                let _ = function::call(fold, node);
                Flow::Goes
            }
            Kind::PLPGSQL_ASSIGN_STMT => {
                self.variables.forget(node);
                Flow::Goes
            }
            Kind::PLPGSQL_RETURN_STMT => Flow::Ends,
            // What is raised in a handler does not undo what is known; what it does instead is not known to
            // run.
            Kind::PLPGSQL_EXCEPTION_SECTION => Flow::Goes,
            Kind::PLPGSQL_LOOP_STMT
            | Kind::PLPGSQL_WHILE_STMT
            | Kind::PLPGSQL_FOR_I_STMT
            | Kind::PLPGSQL_FOR_QUERY_STMT
            | Kind::PLPGSQL_FOR_DYN_STMT
            | Kind::PLPGSQL_FOR_EACH_STMT
            | Kind::PLPGSQL_FOR_CURSOR_STMT
            | Kind::PLPGSQL_CASE_STMT => {
                self.uncertain(fold, node);
                Flow::Goes
            }
            Kind::PLPGSQL_BLOCK => {
                let lenient = fold.lenient;
                fold.lenient |= node.has(Kind::PLPGSQL_EXCEPTION_SECTION);
                let flow = self.walk_children(fold, node);
                fold.lenient = lenient;
                flow
            }
            Kind::PLPGSQL | Kind::PLPGSQL_BODY | Kind::PLPGSQL_DECLARE_SECTION => {
                self.walk_children(fold, node)
            }
            _ => Flow::Goes,
        }
    }

    fn walk_children(&mut self, fold: &mut Fold, node: Node<'_>) -> Flow {
        for child in node.children() {
            if self.walk(fold, child) == Flow::Ends {
                return Flow::Ends;
            }
        }
        Flow::Goes
    }

    /// IF: the branch that is known to be taken. Where that is not known, all of them are only noted.
    fn branch(&mut self, fold: &mut Fold, node: Node<'_>) -> Flow {
        let mut condition = node.child(Kind::PLPGSQL_EXPR);
        let mut body = node.child(Kind::PLPGSQL_BODY);
        let mut alternatives = node
            .children()
            .filter(|child| matches!(child.kind(), Kind::PLPGSQL_ELSIF_CLAUSE | Kind::PLPGSQL_ELSE_CLAUSE));
        loop {
            let taken = match condition {
                Some(condition) => truth(fold, &self.variables, condition),
                None => Truth::True,
            };
            match (taken, body) {
                (Truth::True, Some(body)) => return self.walk(fold, body),
                (Truth::True, None) => return Flow::Goes,
                (Truth::Unknown, _) => {
                    self.uncertain(fold, node);
                    return Flow::Goes;
                }
                (Truth::False, _) => {}
            }
            let Some(next) = alternatives.next() else { return Flow::Goes };
            condition = next.child(Kind::PLPGSQL_EXPR);
            body = next.child(Kind::PLPGSQL_BODY);
        }
    }

    /// Statements that may run or not: each one that would change something is noted.
    fn uncertain(&mut self, fold: &mut Fold, node: Node<'_>) {
        for below in node.descendants() {
            match below.kind() {
                Kind::PLPGSQL_EXEC_SQL_STMT => {
                    let Some(statement) = below.children().find(|child| !child.is_token()) else { continue };
                    if unknown::has_effect(statement.kind()) {
                        let target = statement.children().find(|child| !child.is_token());
                        let hides = target.and_then(|target| target_of(fold, target));
                        fold.hide(statement, "a statement that runs only under a condition", hides);
                    }
                }
                Kind::PLPGSQL_DYN_EXECUTE_STMT if !executes_data(below) => {
                    fold.hide(below, "EXECUTE in a DO block", None);
                }
                Kind::PLPGSQL_ASSIGN_STMT => self.variables.forget(below),
                _ => {}
            }
        }
    }

    /// EXECUTE: a constant is applied like any other statement, everything else is unknown.
    fn execute(&self, fold: &mut Fold, node: Node<'_>) {
        if executes_data(node) {
            return;
        }
        let target = node.find(Kind::TARGET).and_then(|target| target.children().next());
        match target.filter(|target| target.is(Kind::LITERAL)).and_then(literal::string) {
            Some(text) => {
                let line = fold.origin(node).line;
                inside(fold, &text, line, |fold| {
                    let tree = parse(&text, Grammar::Sql);
                    if tree.error.is_none() {
                        tree.root().children().for_each(|statement| (self.apply)(fold, statement));
                    }
                });
            }
            None => {
                fold.hide(node, "EXECUTE in a DO block", None);
            }
        }
    }
}

/// The table that a statement which may run is about.
fn target_of(fold: &mut Fold, node: Node<'_>) -> Option<QualifiedName> {
    let written = name::name(node);
    fold.find_table(&written).or_else(|| fold.target(written).ok())
}
