//! Whether an expression can be NULL. Where that is not certain, it can.

use super::context::Context;
use super::resolve::ColumnUse;
use crate::analyse::call::arguments;
use crate::analyse::{name, operator, type_name};
use crate::builtin::strictness::{is_never_null, is_strict_function, is_strict_operator};
use crate::parse::{Kind, Node};

const TEXT: &[&str] = &["text", "varchar", "bpchar"];

/// Whether the expression in a node can be NULL.
pub(super) fn is_nullable(context: &Context<'_>, uses: &[ColumnUse<'_>], node: Node<'_>) -> bool {
    Columns { context, uses }.nullable(node)
}

struct Columns<'a> {
    context: &'a Context<'a>,
    uses: &'a [ColumnUse<'a>],
}

impl Columns<'_> {
    fn nullable(&self, node: Node<'_>) -> bool {
        if name::dotted(node).is_some() {
            return self.column(node);
        }
        match node.kind() {
            Kind::LITERAL => node.text().eq_ignore_ascii_case("null"),
            Kind::PAREN_EXPR | Kind::ARG | Kind::COLLATE | Kind::TUPLE_EXPR | Kind::CAST_EXPR => {
                self.any_child(node)
            }
            Kind::PREFIX_EXPR | Kind::BETWEEN_EXPR => self.any_child(node),
            Kind::ARRAY_EXPR => false,
            // IS NULL, ISNULL, IS JSON: never NULL, but the last one for NULL.
            Kind::POSTFIX_EXPR => node.has(Kind::IS_JSON) && self.any_child(node),
            Kind::BIN_EXPR => self.binary(node),
            Kind::CALL_EXPR => self.call(node),
            Kind::CASE_EXPR => self.case(node),
            _ => true,
        }
    }

    /// A column, or a word such as CURRENT_DATE, which is never NULL; but there may be no current schema.
    fn column(&self, node: Node<'_>) -> bool {
        let Some(found) = self.uses.iter().find(|found| found.node.start() == node.start()) else {
            return node.text().eq_ignore_ascii_case("current_schema");
        };
        let column = self.context.tables[found.table].table.column(&found.column);
        column.is_none_or(|column| self.context.catalog.is_nullable(column))
    }

    /// Types and operators among the children are no values: they do not count.
    fn any_child(&self, node: Node<'_>) -> bool {
        values(node).any(|value| self.nullable(value))
    }

    fn binary(&self, node: Node<'_>) -> bool {
        let Some((_, operator, _)) = operator::parts(node) else { return true };
        match operator.as_str() {
            // IS, IS NOT, IS DISTINCT FROM and so on.
            is if is == "is" || is.starts_with("is ") => false,
            operator => !is_strict_operator(operator) || self.any_child(node),
        }
    }

    fn call(&self, node: Node<'_>) -> bool {
        let Some(callee) = node.children().next() else { return true };
        let arguments: Vec<Node<'_>> = arguments(node).collect();
        // A function of the user may do as it likes, also one that is called like PostgreSQL's: then it has a
        // schema, which comes after pg_catalog.
        if !callee.is(Kind::NAME_REF) {
            return self.grammar(callee);
        }
        match name::identifier(callee).as_str() {
            "coalesce" | "greatest" | "least" => arguments.iter().all(|argument| self.nullable(*argument)),
            // The bounds of ranges can be missing.
            "lower" | "upper" => {
                arguments.iter().any(|argument| !self.is(*argument, TEXT) || self.nullable(*argument))
            }
            function if is_never_null(function) => false,
            function => {
                !is_strict_function(function) || arguments.iter().any(|argument| self.nullable(*argument))
            }
        }
    }

    /// EXTRACT and its like.
    fn grammar(&self, callee: Node<'_>) -> bool {
        match callee.kind() {
            Kind::TRIM_FN | Kind::OVERLAY_FN => values(callee).any(|parts| self.any_child(parts)),
            // With a pattern it is NULL where nothing matches.
            Kind::SUBSTRING_FN => values(callee).any(|parts| {
                let by_number = values(parts).skip(1).all(|number| self.is(number, &["int2", "int4"]));
                !by_number || self.any_child(parts)
            }),
            Kind::POSITION_FN => self.any_child(callee),
            // An infinite time has a year, but no hour.
            Kind::EXTRACT_FN => {
                let field = callee.child(Kind::EXTRACT_FIELD_NAME).map_or("", Node::text);
                let finite = ["epoch", "year", "decade", "century", "millennium"];
                !finite.iter().any(|name| field.eq_ignore_ascii_case(name))
                    || values(callee).last().is_none_or(|value| self.nullable(value))
            }
            // ANY and ALL over an array, which may hold NULL.
            _ => true,
        }
    }

    /// Whether the type of a value is known and one of these.
    fn is(&self, node: Node<'_>, types: &[&str]) -> bool {
        let ty = self.context.types().of(node);
        ty.is_some_and(|ty| types.iter().any(|name| self.context.catalog.base_type(&ty).is(name)))
    }

    fn case(&self, node: Node<'_>) -> bool {
        let Some(otherwise) = node.child(Kind::ELSE_CLAUSE) else { return true };
        let clauses =
            node.child(Kind::WHEN_CLAUSE_LIST).into_iter().flat_map(|list| list.all(Kind::WHEN_CLAUSE));
        clauses
            .chain([otherwise])
            .any(|clause| values(clause).last().is_none_or(|value| self.nullable(value)))
    }
}

/// The children that are values: neither words, operators nor types.
fn values(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    node.children().filter(|child| {
        !child.is_token()
            && !operator::is_operator(*child)
            && !type_name::is_type(*child)
            && !matches!(child.kind(), Kind::COLON_COLON | Kind::COLLATION_REF)
            && !matches!(child.kind(), Kind::TRIM_BOTH | Kind::TRIM_LEADING | Kind::TRIM_TRAILING)
    })
}
