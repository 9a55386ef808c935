//! The columns that a query returns: their names always, their types where they are plain to see.

use crate::analyse::expression_text::{self, figure_name};
use crate::analyse::expression_type;
use crate::analyse::name::{self, Name};
use crate::analyse::names::Names;
use crate::parse::{Kind, Node};
use crate::pg_type::PgType;

/// A column of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) name: String,
    pub(crate) ty: Option<PgType>,
}

/// What the names in a query mean.
#[derive(Clone, Default)]
pub(crate) struct Scope<'s> {
    /// The WITH queries that can be seen; their columns, if known.
    ctes: Vec<(String, Option<Vec<Output>>)>,
    /// What stands in FROM, by alias.
    relations: Vec<(String, Option<Vec<Output>>)>,
    /// What `*` stands for: as `relations`, but with the columns of USING merged.
    star: Option<Vec<Output>>,
    /// The query around this one.
    outer: Option<&'s Scope<'s>>,
}

impl Scope<'_> {
    /// A scope in which these relations can be named, each with its columns if they are known.
    pub(crate) fn of_relations(relations: Vec<(String, Option<Vec<Output>>)>) -> Self {
        Self { relations, ..Self::default() }
    }

    /// The type of a column, by its name and perhaps that of its table.
    pub(crate) fn column(&self, table: Option<&str>, name: &str) -> Option<PgType> {
        let mut candidates =
            self.relations.iter().filter(|(alias, _)| table.is_none_or(|table| table == alias)).peekable();
        if candidates.peek().is_none() {
            return self.outer?.column(table, name);
        }
        let mut unknown = false;
        for (_, columns) in candidates {
            match columns {
                Some(columns) => {
                    if let Some(found) = columns.iter().find(|column| column.name == name) {
                        return found.ty.clone();
                    }
                }
                None => unknown = true,
            }
        }
        if unknown { None } else { self.outer?.column(table, name) }
    }

    fn relation(&self, alias: &str) -> Option<Vec<Output>> {
        match self.relations.iter().find(|(candidate, _)| candidate == alias) {
            Some((_, columns)) => columns.clone(),
            None => self.outer?.relation(alias),
        }
    }
}

/// The columns of a query; `None` when even their names cannot be told.
pub(crate) fn columns(names: Names<'_>, query: Node<'_>, scope: &Scope<'_>) -> Option<Vec<Output>> {
    match query.kind() {
        Kind::PAREN_SELECT | Kind::PAREN_EXPR => columns(names, inner_query(query)?, scope),
        Kind::SELECT => select(names, query, scope),
        Kind::COMPOUND_SELECT => compound(names, query, scope),
        Kind::TABLE => {
            let relation = query.find(Kind::RELATION_NAME_REF)?;
            named(names, &name::name(relation), scope)
        }
        Kind::VALUES => {
            let row = query.find(Kind::ROW)?;
            let values = row.children().filter(|child| !child.is_token()).enumerate();
            let outputs = values.map(|(at, value)| Output {
                name: format!("column{}", at + 1),
                ty: expression_type::of(names, value, scope),
            });
            Some(outputs.collect())
        }
        Kind::INSERT | Kind::UPDATE | Kind::DELETE | Kind::MERGE => returning(names, query, scope),
        _ => None,
    }
}

/// The query in parentheses.
pub(crate) fn inner_query(node: Node<'_>) -> Option<Node<'_>> {
    node.children().find(|child| {
        matches!(
            child.kind(),
            Kind::SELECT | Kind::COMPOUND_SELECT | Kind::PAREN_SELECT | Kind::VALUES | Kind::TABLE
        )
    })
}

/// UNION and its like: named by the first; a type is known where both sides agree.
fn compound(names: Names<'_>, query: Node<'_>, scope: &Scope<'_>) -> Option<Vec<Output>> {
    let scope = with_ctes(names, query, scope);
    let sides = query.children().filter(|child| !child.is_token() && !child.is(Kind::WITH_CLAUSE));
    let mut result: Option<Vec<Output>> = None;
    for side in sides {
        let Some(outputs) = columns(names, side, &scope) else { continue };
        match &mut result {
            None => result = Some(outputs),
            Some(result) => {
                for (output, other) in result.iter_mut().zip(outputs) {
                    output.ty = expression_type::unify(names, output.ty.take(), other.ty);
                }
            }
        }
    }
    result
}

fn select(names: Names<'_>, query: Node<'_>, scope: &Scope<'_>) -> Option<Vec<Output>> {
    let mut scope = with_ctes(names, query, scope);
    scope.star = Some(Vec::new());
    if let Some(from) = query.child(Kind::FROM_CLAUSE) {
        for item in from.children().filter(|child| !child.is_token()) {
            add_from_item(names, item, &mut scope);
        }
    }
    let targets = query.child(Kind::SELECT_CLAUSE)?.child(Kind::TARGET_LIST)?;
    target_list(names, targets, &scope)
}

fn target_list(names: Names<'_>, targets: Node<'_>, scope: &Scope<'_>) -> Option<Vec<Output>> {
    let mut outputs = Vec::new();
    for target in targets.all(Kind::TARGET) {
        let value = target.children().find(|child| !child.is(Kind::AS_NAME))?;
        if value.is(Kind::STAR) {
            outputs.extend(scope.star.clone()?);
        } else if value.is(Kind::FIELD_EXPR) && value.has(Kind::STAR) {
            let qualifier = expression_text::without_parentheses(value.children().next()?);
            let alias = match qualifier.kind() {
                Kind::FIELD_EXPR => name::identifiers(qualifier, Kind::NAME_REF).pop()?,
                _ => name::identifier(qualifier),
            };
            outputs.extend(scope.relation(&alias)?);
        } else {
            let alias = target.child(Kind::AS_NAME).and_then(|clause| clause.child(Kind::COLUMN_NAME));
            let name = match alias {
                Some(alias) => name::identifier(alias),
                None => figure_name(value).unwrap_or_else(|| "?column?".to_owned()),
            };
            outputs.push(Output { name, ty: expression_type::of(names, value, scope) });
        }
    }
    Some(outputs)
}

/// The columns of RETURNING.
fn returning(names: Names<'_>, query: Node<'_>, scope: &Scope<'_>) -> Option<Vec<Output>> {
    let mut scope = with_ctes(names, query, scope);
    let written = query.child(Kind::RELATION_NAME_REF).or_else(|| query.find(Kind::RELATION_NAME_REF))?;
    let written = name::name(written);
    let columns = named(names, &written, &scope);
    scope.star.clone_from(&columns);
    scope.relations.push((written.name, columns));
    let clause = query.child(Kind::RETURNING_CLAUSE)?;
    target_list(names, clause.child(Kind::TARGET_LIST)?, &scope)
}

/// The scope inside of a query that may start with WITH.
fn with_ctes<'s>(names: Names<'_>, query: Node<'_>, scope: &'s Scope<'s>) -> Scope<'s> {
    let mut inner = Scope { ctes: scope.ctes.clone(), relations: Vec::new(), star: None, outer: Some(scope) };
    for table in query.child(Kind::WITH_CLAUSE).into_iter().flat_map(|clause| clause.all(Kind::WITH_TABLE)) {
        let Some(name) = table.child(Kind::CTE_NAME).map(name::identifier) else { continue };
        let body = table.children().filter(|child| !child.is_token()).find(|child| {
            !matches!(
                child.kind(),
                Kind::CTE_NAME | Kind::COLUMN_LIST | Kind::MATERIALIZED | Kind::NOT_MATERIALIZED
            )
        });
        let found = body.and_then(|body| recursive(names, body, &inner, &name, column_names(table)));
        inner.ctes.push((name, found));
    }
    inner
}

/// The columns of a query that may read itself under a name; what comes first in its UNION has to do without
/// that.
pub(crate) fn recursive(
    names: Names<'_>,
    body: Node<'_>,
    scope: &Scope<'_>,
    name: &str,
    aliases: Vec<String>,
) -> Option<Vec<Output>> {
    let mut inner = Scope { outer: Some(scope), ctes: scope.ctes.clone(), ..Scope::default() };
    if body.is(Kind::COMPOUND_SELECT)
        && let Some(first) = body.children().find(|child| !child.is_token() && !child.is(Kind::WITH_CLAUSE))
        && let Some(found) = renamed(columns(names, first, scope), aliases.clone())
    {
        inner.ctes.push((name.to_owned(), Some(found)));
    }
    renamed(columns(names, body, &inner), aliases)
}

fn column_names(node: Node<'_>) -> Vec<String> {
    node.child(Kind::COLUMN_LIST).map(|list| name::identifiers(list, Kind::COLUMN_NAME)).unwrap_or_default()
}

/// The columns with the first of their names replaced, as `AS alias (a, b)` does.
fn renamed(columns: Option<Vec<Output>>, aliases: Vec<String>) -> Option<Vec<Output>> {
    let mut columns = columns?;
    for (column, name) in columns.iter_mut().zip(aliases) {
        column.name = name;
    }
    Some(columns)
}

/// The columns that the caller of a function defines: `AS alias (a integer, b text)`.
fn defined(names: Names<'_>, alias: Node<'_>) -> Option<Vec<Output>> {
    let definitions = alias.child(Kind::COLUMN_DEF_LIST)?.all(Kind::COLUMN_DEF);
    let output = |definition: Node<'_>| {
        let name = name::identifier(definition.child(Kind::COLUMN_NAME)?);
        Some(Output { name, ty: names.type_of(definition) })
    };
    definitions.map(output).collect()
}

/// Adds what stands in FROM; JOIN and parentheses are walked into.
fn add_from_item(names: Names<'_>, item: Node<'_>, scope: &mut Scope<'_>) {
    match item.kind() {
        Kind::JOIN_EXPR | Kind::JOIN => {
            let before = scope.star.take();
            scope.star = Some(Vec::new());
            for child in item.children().filter(|child| !child.is_token()) {
                add_from_item(names, child, scope);
            }
            scope.star = concatenate(before, scope.star.take());
            if let Some(using) = item.child(Kind::JOIN_USING_CLAUSE) {
                merge(&mut scope.star, &name::identifiers(using, Kind::COLUMN_NAME_REF));
            }
        }
        Kind::PAREN_FROM_ITEM | Kind::PAREN_EXPR if inner_query(item).is_none() => {
            for child in item.children().filter(|child| !child.is_token()) {
                add_from_item(names, child, scope);
            }
        }
        Kind::RELATION_FROM_ITEM | Kind::PAREN_FROM_ITEM | Kind::FUNCTION_FROM_ITEM => {
            let (default_alias, mut columns) = from_source(names, item, scope);
            let clause = item.child(Kind::FROM_ALIAS);
            if let Some(defined) = clause.and_then(|clause| defined(names, clause)) {
                columns = Some(defined);
            }
            if item.has(Kind::WITH_ORDINALITY)
                && let Some(columns) = &mut columns
            {
                columns.push(Output { name: "ordinality".to_owned(), ty: Some(PgType::built_in("int8")) });
            }
            let alias = clause.and_then(|clause| clause.child(Kind::TABLE_ALIAS)).map(name::identifier);
            let columns = renamed(columns, clause.map(column_names).unwrap_or_default());
            scope.star = concatenate(scope.star.take(), columns.clone());
            scope.relations.push((alias.unwrap_or(default_alias), columns));
        }
        // Other sources have columns that are too much to follow.
        Kind::XML_TABLE_FROM_ITEM
        | Kind::JSON_TABLE_FROM_ITEM
        | Kind::GRAPH_TABLE_FROM_ITEM
        | Kind::ROWS_FROM_ITEM
        | Kind::EXPR_FROM_ITEM => {
            let alias = item.find(Kind::TABLE_ALIAS).map(name::identifier).unwrap_or_default();
            scope.star = None;
            scope.relations.push((alias, None));
        }
        _ => {}
    }
}

/// The alias that a source has by itself, and its columns.
fn from_source(names: Names<'_>, item: Node<'_>, scope: &Scope<'_>) -> (String, Option<Vec<Output>>) {
    if let Some(relation) = item.child(Kind::RELATION_NAME_REF) {
        let written = name::name(relation);
        let columns = named(names, &written, scope);
        return (written.name, columns);
    }
    if let Some(query) = inner_query(item) {
        return (String::new(), columns(names, query, scope));
    }
    let call = item.child(Kind::CALL_EXPR);
    let function = call.and_then(figure_name).unwrap_or_default();
    let alias = item.find(Kind::TABLE_ALIAS).map(name::identifier).unwrap_or_else(|| function.clone());
    // A function that returns one plain value gives a column that is called like its alias.
    let ty = call.and_then(|call| expression_type::of_set(names, call, scope));
    let columns = ty.map(|ty| vec![Output { name: alias, ty: Some(ty) }]);
    (function, columns)
}

/// The columns of a WITH query, a table or a view.
fn named(names: Names<'_>, written: &Name, scope: &Scope<'_>) -> Option<Vec<Output>> {
    if written.schema.is_none()
        && let Some((_, columns)) = scope.ctes.iter().rev().find(|(name, _)| *name == written.name)
    {
        return columns.clone();
    }
    let table = names.catalog.table_named(&names.find_table(written)?)?;
    if table.opaque.is_some() {
        return None;
    }
    let outputs =
        table.columns.iter().map(|column| Output { name: column.name.clone(), ty: column.ty.clone() });
    Some(outputs.collect())
}

fn concatenate(left: Option<Vec<Output>>, right: Option<Vec<Output>>) -> Option<Vec<Output>> {
    let mut all = left?;
    all.extend(right?);
    Some(all)
}

/// USING: its columns come first, once.
fn merge(star: &mut Option<Vec<Output>>, using: &[String]) {
    let Some(columns) = star else { return };
    let first = using.iter().filter_map(|name| columns.iter().find(|column| column.name == *name).cloned());
    let mut merged: Vec<Output> = first.collect();
    merged.extend(columns.drain(..).filter(|column| !using.contains(&column.name)));
    *columns = merged;
}
