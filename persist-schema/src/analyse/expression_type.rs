//! The types of expressions, as far as they can be known without knowing every function and operator.

use crate::analyse::call::{arguments, callee_name};
use crate::analyse::lookup::Lookup;
use crate::analyse::operand::inner_query;
use crate::analyse::scope::{Output, Scope};
use crate::analyse::{function, name, operator};
use crate::builtin::common_type::common_type;
use crate::builtin::function_result::constant_result;
use crate::builtin::operator::result as operator_result;
use crate::builtin::polymorphic_result::{ResultType, result_type};
use crate::builtin::session_value::session_value;
use crate::catalog::TypeKind;
use crate::parse::{Kind, Node};
use crate::pg_type::PgType;

/// What the types of expressions depend on.
#[derive(Clone, Copy)]
pub(crate) struct ExpressionTypes<'a> {
    pub(crate) lookup: Lookup<'a>,
    pub(crate) scope: &'a Scope<'a>,
    /// Finds the columns of a query inside of an expression. Queries are made of expressions, so they are
    /// read by a file above this one.
    pub(crate) subquery: Subquery,
}

/// The columns of a query in a scope; `None` when even their names cannot be known.
pub(crate) type Subquery = fn(Lookup<'_>, Node<'_>, &Scope<'_>) -> Option<Vec<Output>>;

impl ExpressionTypes<'_> {
    /// The type of an expression; a string constant that no context gives a type is `text`.
    pub(crate) fn of(self, node: Node<'_>) -> Option<PgType> {
        let ty = self.infer(node)?;
        Some(if ty.is("unknown") { PgType::built_in("text") } else { ty })
    }

    /// What a function in FROM gives per row, when that is one plain value.
    pub(crate) fn of_set(self, call: Node<'_>) -> Option<PgType> {
        let callee = callee_name(call.children().next()?);
        let argument = arguments(call).next();
        match callee.name.as_str() {
            "unnest" => self.infer(argument?).filter(|ty| ty.is_array).map(|ty| ty.element()),
            "generate_series" => self.infer(argument?).map(PgType::without_modifiers),
            "regexp_split_to_table" | "string_to_table" => Some(PgType::built_in("text")),
            _ => {
                let ty = function::returned(self.lookup, &callee)?;
                let is_plain = match self.lookup.catalog.type_kind(&ty) {
                    TypeKind::Composite(_) | TypeKind::Row(_) => false,
                    TypeKind::BuiltIn => !ty.is("record"),
                    TypeKind::Enum(_) | TypeKind::Domain(_) | TypeKind::Range(_) | TypeKind::External => true,
                };
                is_plain.then_some(ty)
            }
        }
    }

    /// The type as operators see it: domains are their base.
    fn operand_type(self, node: Node<'_>) -> Option<PgType> {
        self.infer(node).map(|ty| self.lookup.catalog.base_type(&ty))
    }

    fn infer(self, node: Node<'_>) -> Option<PgType> {
        let built_in = |name: &str| Some(PgType::built_in(name));
        let first = || node.children().find(|child| !child.is_token());
        match node.kind() {
            Kind::NAME_REF => {
                let name = name::identifier(node);
                self.scope.column(None, &name).or_else(|| session_value(&name))
            }
            Kind::FIELD_EXPR => match name::dotted(node) {
                Some(parts) => {
                    let mut parts = parts.into_iter().map(name::identifier);
                    let column = parts.next_back()?;
                    self.scope.column(Some(&parts.next_back()?), &column)
                }
                None => self.field(node),
            },
            Kind::PAREN_EXPR | Kind::PAREN_SELECT => match inner_query(node) {
                Some(query) => self.subquery(query),
                None => self.infer(first()?),
            },
            Kind::SELECT | Kind::COMPOUND_SELECT => self.subquery(node),
            Kind::ARG | Kind::COLLATE => self.infer(first()?),
            Kind::INDEX_EXPR | Kind::SLICE_EXPR => self.subscripted(node),
            Kind::LITERAL => literal_type(node),
            Kind::CAST_EXPR => self.lookup.type_of(node),
            Kind::CALL_EXPR => self.call(node),
            Kind::CASE_EXPR => self.case(node),
            Kind::ARRAY_EXPR => {
                let mut elements =
                    node.children().filter(|child| !child.is_token()).map(|child| self.infer(child));
                let first = elements.next()?;
                let element =
                    elements.fold(first, |left, right| common_type(self.lookup.catalog, left, right))?;
                let element = if element.is("unknown") { PgType::built_in("text") } else { element };
                (!element.is_array).then(|| element.array())
            }
            Kind::PREFIX_EXPR => match node.tokens().next()?.text() {
                text if text.eq_ignore_ascii_case("not") => built_in("bool"),
                "-" | "+" => self.infer(first()?).map(PgType::without_modifiers),
                _ => None,
            },
            Kind::BETWEEN_EXPR => built_in("bool"),
            Kind::POSTFIX_EXPR => built_in("bool"),
            Kind::BIN_EXPR => self.binary(node),
            _ => None,
        }
    }

    /// The type of an attribute: `(address).city`.
    fn field(self, node: Node<'_>) -> Option<PgType> {
        let attribute = node.all(Kind::NAME_REF).last().map(name::identifier)?;
        let whole = self.operand_type(node.children().find(|child| !child.is_token())?)?;
        if whole.is_array {
            return None;
        }
        match self.lookup.catalog.type_kind(&whole) {
            TypeKind::Composite(composite) => {
                let field = composite.fields.iter().find(|field| field.name == attribute)?;
                Some(field.ty.clone())
            }
            TypeKind::Row(table) => table.column(&attribute)?.ty.clone(),
            TypeKind::BuiltIn
            | TypeKind::Enum(_)
            | TypeKind::Domain(_)
            | TypeKind::Range(_)
            | TypeKind::External => None,
        }
    }

    /// What `array[1]` and `array[1:2]` give: one slice among several subscripts makes slices of all.
    fn subscripted(self, node: Node<'_>) -> Option<PgType> {
        let (mut whole, mut sliced) = (node, false);
        while matches!(whole.kind(), Kind::INDEX_EXPR | Kind::SLICE_EXPR) {
            sliced |= whole.is(Kind::SLICE_EXPR);
            whole = whole.children().next()?;
        }
        let array = self.operand_type(whole).filter(|ty| ty.is_array)?;
        Some(if sliced { array } else { array.element() })
    }

    fn call(self, node: Node<'_>) -> Option<PgType> {
        let callee = node.children().next()?;
        if !matches!(callee.kind(), Kind::NAME_REF | Kind::FIELD_EXPR) {
            return match callee.kind() {
                Kind::EXISTS_FN => Some(PgType::built_in("bool")),
                Kind::SUBSTRING_FN | Kind::OVERLAY_FN | Kind::TRIM_FN => self.part_of_text(callee),
                _ => constant_result(&callee.tokens().next()?.text().to_ascii_lowercase()),
            };
        }
        let written = callee_name(callee);
        let arguments: Vec<Option<PgType>> = arguments(node).map(|argument| self.infer(argument)).collect();
        match result_type(self.lookup.catalog, &written.name, &arguments) {
            ResultType::Follows(ty) => ty,
            ResultType::Fixed => {
                function::returned(self.lookup, &written).or_else(|| constant_result(&written.name))
            }
        }
    }

    /// SUBSTRING, OVERLAY and TRIM of text. Those of `bytea` and `bit` are left to the server.
    fn part_of_text(self, callee: Node<'_>) -> Option<PgType> {
        let is_sides = |node: Node<'_>| {
            matches!(node.kind(), Kind::TRIM_BOTH | Kind::TRIM_LEADING | Kind::TRIM_TRAILING)
        };
        let parts = callee.children().find(|child| !child.is_token() && !is_sides(*child))?;
        let mut values = parts.children().filter(|child| !child.is_token());
        let whole = if parts.is(Kind::TRIM_EXPR_FROM) { values.last()? } else { values.next()? };
        let ty = self.operand_type(whole)?;
        let is_text = matches!(ty.built_in_name(), Some("text" | "varchar" | "bpchar" | "name" | "unknown"));
        is_text.then(|| PgType::built_in("text"))
    }

    fn case(self, node: Node<'_>) -> Option<PgType> {
        let value = |clause: Node<'_>| {
            clause.children().filter(|child| !child.is_token()).last().and_then(|v| self.infer(v))
        };
        let clauses =
            node.child(Kind::WHEN_CLAUSE_LIST).into_iter().flat_map(|list| list.all(Kind::WHEN_CLAUSE));
        // Without ELSE there is a NULL, which takes part like any other.
        let otherwise = match node.child(Kind::ELSE_CLAUSE) {
            Some(clause) => value(clause),
            None => Some(PgType::built_in("unknown")),
        };
        let results = clauses.map(value).chain([otherwise]);
        results.reduce(|left, right| common_type(self.lookup.catalog, left, right)).flatten()
    }

    fn binary(self, node: Node<'_>) -> Option<PgType> {
        let (left, operator, right) = operator::parts(node)?;
        operator_result(&operator, self.operand_type(left), self.operand_type(right))
    }

    /// The type of a query that returns one value.
    fn subquery(self, query: Node<'_>) -> Option<PgType> {
        (self.subquery)(self.lookup, query, self.scope)?.into_iter().next()?.ty
    }
}

fn literal_type(node: Node<'_>) -> Option<PgType> {
    let token = node.tokens().next()?;
    let ty = match token.kind() {
        Kind::INT_NUMBER => match token.text().parse::<i64>() {
            Ok(number) if i32::try_from(number).is_ok() => "int4",
            Ok(_) => "int8",
            Err(_) => "numeric",
        },
        Kind::NUMERIC_NUMBER => "numeric",
        Kind::TRUE_KW | Kind::FALSE_KW => "bool",
        Kind::BIT_STRING => "bit",
        _ => "unknown",
    };
    Some(PgType::built_in(ty))
}
