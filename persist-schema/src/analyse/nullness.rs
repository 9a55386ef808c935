//! What CHECK constraints say of which columns are NULL. An expression is computed for each way in which they can be.

use crate::analyse::call::{arguments, callee_name};
use crate::analyse::operand::without_parentheses;
use crate::analyse::{name, operator};
use crate::parse::{Grammar, Kind, Node, parse};

/// What an expression comes to, as far as it depends on nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Value {
    Bool(bool),
    Int(i64),
}

/// Is the expression surely false where of `columns` only those are not NULL for which `is_given` holds?
pub(crate) fn is_false(expression: &str, columns: &[&str], is_given: impl Fn(usize) -> bool) -> bool {
    let sql = format!("SELECT {expression}\n");
    let tree = parse(&sql, Grammar::Sql);
    let target = tree.root().find(Kind::TARGET).and_then(|target| target.children().next());
    let rows = Rows { columns, is_given };
    tree.error.is_none() && target.and_then(|target| rows.value(target)) == Some(Value::Bool(false))
}

struct Rows<'c, G> {
    columns: &'c [&'c str],
    is_given: G,
}

impl<G: Fn(usize) -> bool> Rows<'_, G> {
    fn value(&self, node: Node<'_>) -> Option<Value> {
        let node = without_parentheses(node);
        match node.kind() {
            Kind::LITERAL => literal(node.text()),
            Kind::CAST_EXPR if is_cast_to_number(node) => {
                match self.value(node.children().find(|child| !child.is_token())?)? {
                    Value::Bool(value) => Some(Value::Int(i64::from(value))),
                    number @ Value::Int(_) => Some(number),
                }
            }
            Kind::PREFIX_EXPR if starts_with(node, "not") => {
                let inner = node.children().find(|child| !child.is_token())?;
                match self.value(inner)? {
                    Value::Bool(value) => Some(Value::Bool(!value)),
                    Value::Int(_) => None,
                }
            }
            Kind::POSTFIX_EXPR => {
                let is_given = self.is_given(node.children().next()?)?;
                match node.tokens().last()?.text().to_lowercase().as_str() {
                    "notnull" => Some(Value::Bool(is_given)),
                    "isnull" => Some(Value::Bool(!is_given)),
                    _ => None,
                }
            }
            Kind::BIN_EXPR => self.binary(node),
            Kind::CALL_EXPR => self.count(node),
            Kind::CASE_EXPR => self.case(node),
            _ => None,
        }
    }

    fn is_given(&self, node: Node<'_>) -> Option<bool> {
        let node = without_parentheses(node);
        let column = name::identifier(name::dotted(node)?.pop()?);
        let index = self.columns.iter().position(|known| *known == column)?;
        Some((self.is_given)(index))
    }

    fn binary(&self, node: Node<'_>) -> Option<Value> {
        use Value::{Bool, Int};
        let (left, operator, right) = operator::parts(node)?;
        if let "is" | "is not" = operator.as_str()
            && right.text().eq_ignore_ascii_case("null")
        {
            return Some(Bool(self.is_given(left)? == (operator == "is not")));
        }
        let (left, right) = (self.value(left), self.value(right));
        // One side may be enough.
        match (operator.as_str(), left, right) {
            ("and", Some(Bool(false)), _) | ("and", _, Some(Bool(false))) => return Some(Bool(false)),
            ("or", Some(Bool(true)), _) | ("or", _, Some(Bool(true))) => return Some(Bool(true)),
            _ => {}
        }
        match (operator.as_str(), left?, right?) {
            ("and", Bool(left), Bool(right)) => Some(Bool(left && right)),
            ("or", Bool(left), Bool(right)) => Some(Bool(left || right)),
            ("+", Int(left), Int(right)) => left.checked_add(right).map(Int),
            ("-", Int(left), Int(right)) => left.checked_sub(right).map(Int),
            ("=" | "is not distinct from", left, right) => Some(Bool(left == right)),
            ("<>" | "!=" | "is distinct from", left, right) => Some(Bool(left != right)),
            ("<", left, right) => Some(Bool(left < right)),
            ("<=", left, right) => Some(Bool(left <= right)),
            (">", left, right) => Some(Bool(left > right)),
            (">=", left, right) => Some(Bool(left >= right)),
            _ => None,
        }
    }

    /// `num_nonnulls(a, b)`, `num_nulls(a, b)`
    fn count(&self, node: Node<'_>) -> Option<Value> {
        let function = callee_name(node.children().next()?);
        if function.schema.is_some_and(|schema| schema != "pg_catalog") {
            return None;
        }
        let given: Option<Vec<bool>> =
            arguments(node).map(|argument| self.is_given(argument.children().next()?)).collect();
        let counted = match function.name.as_str() {
            "num_nonnulls" => true,
            "num_nulls" => false,
            _ => return None,
        };
        i64::try_from(given?.into_iter().filter(|given| *given == counted).count()).ok().map(Value::Int)
    }

    /// `CASE WHEN a IS NULL THEN 0 ELSE 1 END`
    fn case(&self, node: Node<'_>) -> Option<Value> {
        let text: Vec<Node<'_>> = node.descendants().filter(|node| node.is(Kind::WHEN_CLAUSE)).collect();
        let [when] = text.as_slice() else { return None };
        let mut parts = when.children().filter(|child| !child.is_token());
        let (condition, then) = (self.value(parts.next()?)?, parts.next()?);
        let otherwise = node.find(Kind::ELSE_CLAUSE)?.children().find(|child| !child.is_token())?;
        match condition {
            Value::Bool(true) => self.value(then),
            Value::Bool(false) => self.value(otherwise),
            Value::Int(_) => None,
        }
    }
}

fn literal(text: &str) -> Option<Value> {
    match text.to_lowercase().as_str() {
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        number => number.parse().ok().map(Value::Int),
    }
}

fn is_cast_to_number(node: Node<'_>) -> bool {
    let ty = node.children().filter(|child| !child.is_token()).last().map(|ty| ty.text().to_lowercase());
    ty.is_some_and(|ty| ["int", "integer", "int4"].contains(&ty.as_str()))
}

fn starts_with(node: Node<'_>, word: &str) -> bool {
    node.tokens().next().is_some_and(|token| token.text().eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ways in which of three columns some are given, as far as the expression is not surely false: `a`, `ab`, ….
    fn left(expression: &str) -> String {
        let columns = ["a", "b", "c"];
        let all = (0..8_u32).filter(|bits| !is_false(expression, &columns, |index| bits >> index & 1 == 1));
        let names = |bits: u32| -> String {
            (0..3).filter(|index| bits >> index & 1 == 1).map(|index| columns[index as usize]).collect()
        };
        all.map(names).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn spellings_of_exactly_one() {
        for expression in [
            "num_nonnulls(a, b, c) = 1",
            "1 = pg_catalog.num_nonnulls(a, b, c)",
            "(num_nulls(a, b, c) = 2)",
            "NUM_NULLS(a, c, b) = 3 - 1",
            "(a IS NOT NULL)::int + (b IS NOT NULL)::integer + (c IS NOT NULL)::int4 = 1",
            "CAST(a IS NOT NULL AS int) + (NOT b IS NULL)::int + (c NOTNULL)::int = 1",
            "(CASE WHEN a IS NULL THEN 0 ELSE 1 END) + (CASE WHEN b IS NOT NULL THEN 1 ELSE 0 END) + (c IS NOT NULL)::int = 1",
            "(a IS NOT NULL AND b IS NULL AND c IS NULL) OR (a IS NULL AND b IS NOT NULL AND c IS NULL) OR (a IS NULL AND b IS NULL AND c IS NOT NULL)",
            "num_nonnulls(a, b, c) = 1 AND (a IS NULL OR length(a) > 3)",
            "num_nonnulls(t.a, t.b, t.c) = 1",
        ] {
            assert_eq!(left(expression), "a b c", "{expression}");
        }
    }

    #[test]
    fn other_conditions() {
        assert_eq!(left("num_nonnulls(a, b, c) <= 1"), " a b c");
        assert_eq!(left("num_nulls(a, b, c) >= 2"), " a b c");
        assert_eq!(left("(a IS NULL) <> (b IS NULL) AND c IS NULL"), "a b");
        assert_eq!(left("(a ISNULL) != (b ISNULL) AND c IS NULL"), "a b");
        assert_eq!(left("(a IS NULL) = (b IS NOT NULL) AND c IS NULL"), "a b");
        assert_eq!(left("NOT (a IS NOT NULL AND b IS NOT NULL)"), " a b c ac bc");
        // Of what else it depends on nothing is known.
        let all = " a b ab c ac bc abc";
        for expression in [
            "num_nonnulls(a, b, d) = 1",
            "my.num_nonnulls(a, b, c) = 1",
            "a > b",
            "a IS NOT NULL OR d",
            "(",
            "num_nonnulls(VARIADIC a) = 1",
        ] {
            assert_eq!(left(expression), all, "{expression}");
        }
    }
}
