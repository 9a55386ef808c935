//! Conditions in DO blocks that can be evaluated without a server: mostly whether something exists already.

use std::collections::HashMap;

use crate::analyse::call::callee_name;
use crate::analyse::name::{self, Name};
use crate::analyse::{literal, operand};
use crate::apply::fold::Fold;
use crate::apply::system_catalog;
use crate::parse::{Kind, Node};

/// What a condition is known to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Truth {
    True,
    False,
    Unknown,
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Truth::True } else { Truth::False }
    }
}

impl Truth {
    fn not(self) -> Self {
        match self {
            Truth::True => Truth::False,
            Truth::False => Truth::True,
            Truth::Unknown => Truth::Unknown,
        }
    }
}

/// A value that is known: NULL, or a constant as text.
type Value = Option<String>;

/// The variables of a block whose value is known.
#[derive(Default)]
pub(crate) struct Variables(HashMap<String, Value>);

impl Variables {
    /// Remembers a variable that is declared with a constant.
    pub(crate) fn declare(&mut self, declaration: Node<'_>) {
        let Some(name) = declaration.child(Kind::PLPGSQL_VAR_NAME).map(name::identifier) else { return };
        let known = match declaration.child(Kind::PLPGSQL_VAR_INIT) {
            Some(init) => {
                init.find(Kind::TARGET).and_then(operand::operand).and_then(|node| self.value(node))
            }
            None => Some(None),
        };
        if let Some(value) = known {
            self.0.insert(name, value);
        }
    }

    /// Forgets a variable that gets another value.
    pub(crate) fn forget(&mut self, assignment: Node<'_>) {
        if let Some(name) = assignment.children().next().map(name::identifier) {
            self.0.remove(&name);
        }
    }

    /// Forgets all variables that a statement mentions and may have changed, by INTO for instance.
    pub(crate) fn forget_mentioned(&mut self, statement: Node<'_>) {
        if !self.0.is_empty() && statement.tokens().any(|token| token.is(Kind::INTO_KW)) {
            statement.tokens().for_each(|token| {
                self.0.remove(&name::unquote(token.text()));
            });
        }
    }

    /// The value of an expression; `None` when it is not known.
    fn value(&self, node: Node<'_>) -> Option<Value> {
        match node.kind() {
            Kind::PAREN_EXPR | Kind::ARG | Kind::CAST_EXPR => self.value(operand::operand(node)?),
            Kind::LITERAL if node.text().eq_ignore_ascii_case("null") => Some(None),
            Kind::LITERAL => {
                Some(Some(literal::string(node).unwrap_or_else(|| node.text().to_ascii_lowercase())))
            }
            Kind::NAME_REF => self.0.get(&name::identifier(node)).cloned(),
            Kind::CALL_EXPR => {
                let callee = callee_name(node.children().next()?);
                let arguments: Vec<Node<'_>> = node.child(Kind::ARG_LIST)?.all(Kind::ARG).collect();
                match callee.name.as_str() {
                    // Settings of an application: a fresh database has none.
                    "current_setting" if arguments.len() == 2 => {
                        let setting = literal::first_string(arguments[0])?;
                        setting.contains('.').then_some(None)
                    }
                    "coalesce" => {
                        for argument in arguments {
                            if let Some(value) = self.value(argument)? {
                                return Some(Some(value));
                            }
                        }
                        Some(None)
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// Whether a condition holds.
pub(crate) fn truth(fold: &Fold, variables: &Variables, node: Node<'_>) -> Truth {
    let inner = |node| truth(fold, variables, node);
    match node.kind() {
        Kind::PLPGSQL_EXPR | Kind::TARGET_LIST | Kind::TARGET => {
            node.children().find(|child| !child.is_token()).map_or(Truth::Unknown, inner)
        }
        Kind::PAREN_EXPR => match operand::inner_query(node) {
            Some(query) => scalar_query(fold, variables, query),
            None => operand::operand(node).map_or(Truth::Unknown, inner),
        },
        Kind::PREFIX_EXPR if starts_with(node, "not") => {
            operand::operand(node).map_or(Truth::Unknown, |operand| inner(operand).not())
        }
        Kind::CALL_EXPR if node.has(Kind::EXISTS_FN) => {
            node.find(Kind::SELECT).map_or(Truth::Unknown, |query| exists(fold, query))
        }
        Kind::BIN_EXPR => binary(fold, variables, node),
        _ => match variables.value(node) {
            Some(Some(value)) => match value.as_str() {
                "true" | "t" | "yes" | "on" | "1" => Truth::True,
                "false" | "f" | "no" | "off" | "0" => Truth::False,
                _ => Truth::Unknown,
            },
            // NULL takes no branch.
            Some(None) => Truth::False,
            None => Truth::Unknown,
        },
    }
}

/// EXISTS: it can be evaluated over the system catalogs only.
fn exists(fold: &Fold, query: Node<'_>) -> Truth {
    system_catalog::exists(fold, query).map_or(Truth::Unknown, Truth::from)
}

fn starts_with(node: Node<'_>, word: &str) -> bool {
    node.tokens().next().is_some_and(|token| token.text().eq_ignore_ascii_case(word))
}

fn binary(fold: &Fold, variables: &Variables, node: Node<'_>) -> Truth {
    let operands: Vec<Node<'_>> = node.children().filter(|child| !child.is_token()).collect();
    let (Some(left), Some(right)) = (operands.first(), operands.last()) else { return Truth::Unknown };
    let words: Vec<String> = node
        .children()
        .filter(|child| child.start() >= left.range().end && child.range().end <= right.start())
        .map(|child| child.text().to_ascii_lowercase())
        .collect();
    match words.join(" ").as_str() {
        "and" => match (truth(fold, variables, *left), truth(fold, variables, *right)) {
            (Truth::False, _) | (_, Truth::False) => Truth::False,
            (Truth::True, Truth::True) => Truth::True,
            _ => Truth::Unknown,
        },
        "or" => match (truth(fold, variables, *left), truth(fold, variables, *right)) {
            (Truth::True, _) | (_, Truth::True) => Truth::True,
            (Truth::False, Truth::False) => Truth::False,
            _ => Truth::Unknown,
        },
        "=" | "<>" | "!=" => match (variables.value(*left), variables.value(*right)) {
            (Some(Some(left)), Some(Some(right))) => Truth::from((left == right) == (words[0] == "=")),
            (Some(None), Some(_)) | (Some(_), Some(None)) => Truth::False,
            _ => Truth::Unknown,
        },
        "is" | "is not" if right.text().eq_ignore_ascii_case("null") => match to_regclass(fold, *left) {
            Some(found) => Truth::from(found == node.has(Kind::IS_NOT)),
            None => Truth::Unknown,
        },
        _ => Truth::Unknown,
    }
}

/// Whether the relation in `to_regclass('…')` exists.
fn to_regclass(fold: &Fold, node: Node<'_>) -> Option<bool> {
    let node = operand::without_parentheses(node);
    let callee = callee_name(node.child(Kind::NAME_REF).or_else(|| node.child(Kind::FIELD_EXPR))?);
    if callee.name != "to_regclass" {
        return None;
    }
    Some(is_relation(fold, &literal::first_string(node)?))
}

fn is_relation(fold: &Fold, text: &str) -> bool {
    let mut parts: Vec<String> = text.split('.').map(name::unquote).collect();
    let name = parts.pop().unwrap_or_default();
    let written = Name { schema: parts.pop(), name };
    let schemas = match &written.schema {
        Some(schema) => vec![schema.clone()],
        None => fold.search_path.clone(),
    };
    schemas.iter().any(|schema| fold.is_relation(schema, &written.name))
}

/// `(SELECT to_regclass('x') IS NOT NULL)` and `(SELECT count(*) …) = 0` are conditions too; only
/// the first can be evaluated.
fn scalar_query(fold: &Fold, variables: &Variables, query: Node<'_>) -> Truth {
    if query.has(Kind::FROM_CLAUSE) {
        return Truth::Unknown;
    }
    query.find(Kind::TARGET).map_or(Truth::Unknown, |target| truth(fold, variables, target))
}
