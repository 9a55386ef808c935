//! The columns that a query returns: their names always, their types where they can be known.

use crate::analyse::expression_type::ExpressionTypes;
use crate::analyse::lookup::Lookup;
use crate::analyse::name::{self, Name};
use crate::analyse::operand::{inner_query, without_parentheses};
use crate::analyse::output_name::output_name;
use crate::analyse::scope::{Output, Scope};
use crate::builtin::common_type::common_type;
use crate::parse::{Kind, Node};
use crate::pg_type::PgType;

/// The columns of a query; `None` when even their names cannot be known.
pub(crate) fn columns(lookup: Lookup<'_>, query: Node<'_>, scope: &Scope<'_>) -> Option<Vec<Output>> {
    match query.kind() {
        Kind::PAREN_SELECT | Kind::PAREN_EXPR => columns(lookup, inner_query(query)?, scope),
        Kind::SELECT => select(lookup, query, scope),
        Kind::COMPOUND_SELECT => compound(lookup, query, scope),
        Kind::TABLE => {
            let relation = query.find(Kind::RELATION_NAME_REF)?;
            named(lookup, &name::name(relation), scope)
        }
        Kind::VALUES => {
            let row = query.find(Kind::ROW)?;
            let values = row.children().filter(|child| !child.is_token()).enumerate();
            let outputs = values.map(|(at, value)| Output {
                name: format!("column{}", at + 1),
                ty: types(lookup, scope).of(value),
            });
            Some(outputs.collect())
        }
        Kind::INSERT | Kind::UPDATE | Kind::DELETE | Kind::MERGE => returning(lookup, query, scope),
        _ => None,
    }
}

/// The types of expressions in a query with that scope, queries inside of them included.
pub(crate) fn types<'a>(lookup: Lookup<'a>, scope: &'a Scope<'a>) -> ExpressionTypes<'a> {
    ExpressionTypes { lookup, scope, subquery: columns }
}

/// UNION and its like: named by the first; a type is known where both sides agree.
fn compound(lookup: Lookup<'_>, query: Node<'_>, scope: &Scope<'_>) -> Option<Vec<Output>> {
    let scope = with_ctes(lookup, query, scope);
    let sides = query.children().filter(|child| !child.is_token() && !child.is(Kind::WITH_CLAUSE));
    let mut result: Option<Vec<Output>> = None;
    for side in sides {
        let Some(outputs) = columns(lookup, side, &scope) else { continue };
        match &mut result {
            None => result = Some(outputs),
            Some(result) => {
                for (output, other) in result.iter_mut().zip(outputs) {
                    output.ty = common_type(lookup.catalog, output.ty.take(), other.ty);
                }
            }
        }
    }
    result
}

fn select(lookup: Lookup<'_>, query: Node<'_>, scope: &Scope<'_>) -> Option<Vec<Output>> {
    let mut scope = with_ctes(lookup, query, scope);
    scope.star = Some(Vec::new());
    if let Some(from) = query.child(Kind::FROM_CLAUSE) {
        for item in from.children().filter(|child| !child.is_token()) {
            add_from_item(lookup, item, &mut scope);
        }
    }
    let targets = query.child(Kind::SELECT_CLAUSE)?.child(Kind::TARGET_LIST)?;
    target_list(lookup, targets, &scope)
}

fn target_list(lookup: Lookup<'_>, targets: Node<'_>, scope: &Scope<'_>) -> Option<Vec<Output>> {
    let mut outputs = Vec::new();
    for target in targets.all(Kind::TARGET) {
        let value = target.children().find(|child| !child.is(Kind::AS_NAME))?;
        if value.is(Kind::STAR) {
            outputs.extend(scope.star.clone()?);
        } else if value.is(Kind::FIELD_EXPR) && value.has(Kind::STAR) {
            let qualifier = without_parentheses(value.children().next()?);
            let alias = match qualifier.kind() {
                Kind::FIELD_EXPR => name::identifiers(qualifier, Kind::NAME_REF).pop()?,
                _ => name::identifier(qualifier),
            };
            outputs.extend(scope.relation(&alias)?);
        } else {
            let alias = target.child(Kind::AS_NAME).and_then(|clause| clause.child(Kind::COLUMN_NAME));
            let name = match alias {
                Some(alias) => name::identifier(alias),
                None => output_name(value).unwrap_or_else(|| "?column?".to_owned()),
            };
            outputs.push(Output { name, ty: types(lookup, scope).of(value) });
        }
    }
    Some(outputs)
}

/// The columns of RETURNING.
fn returning(lookup: Lookup<'_>, query: Node<'_>, scope: &Scope<'_>) -> Option<Vec<Output>> {
    let mut scope = with_ctes(lookup, query, scope);
    let written = query.child(Kind::RELATION_NAME_REF).or_else(|| query.find(Kind::RELATION_NAME_REF))?;
    let written = name::name(written);
    let columns = named(lookup, &written, &scope);
    scope.star.clone_from(&columns);
    scope.relations.push((written.name, columns));
    let clause = query.child(Kind::RETURNING_CLAUSE)?;
    target_list(lookup, clause.child(Kind::TARGET_LIST)?, &scope)
}

/// The scope inside of a query that may start with WITH.
fn with_ctes<'s>(lookup: Lookup<'_>, query: Node<'_>, scope: &'s Scope<'s>) -> Scope<'s> {
    let mut inner = Scope { ctes: scope.ctes.clone(), relations: Vec::new(), star: None, outer: Some(scope) };
    for table in query.child(Kind::WITH_CLAUSE).into_iter().flat_map(|clause| clause.all(Kind::WITH_TABLE)) {
        let Some(name) = table.child(Kind::CTE_NAME).map(name::identifier) else { continue };
        let body = table.children().filter(|child| !child.is_token()).find(|child| {
            !matches!(
                child.kind(),
                Kind::CTE_NAME | Kind::COLUMN_LIST | Kind::MATERIALIZED | Kind::NOT_MATERIALIZED
            )
        });
        let found = body.and_then(|body| recursive(lookup, body, &inner, &name, column_names(table)));
        inner.ctes.push((name, found));
    }
    inner
}

/// The columns of a query that may read itself under a name; what comes first in its UNION has to do without
/// that.
pub(crate) fn recursive(
    lookup: Lookup<'_>,
    body: Node<'_>,
    scope: &Scope<'_>,
    name: &str,
    aliases: Vec<String>,
) -> Option<Vec<Output>> {
    let mut inner = Scope { outer: Some(scope), ctes: scope.ctes.clone(), ..Scope::default() };
    if body.is(Kind::COMPOUND_SELECT)
        && let Some(first) = body.children().find(|child| !child.is_token() && !child.is(Kind::WITH_CLAUSE))
        && let Some(found) = renamed(columns(lookup, first, scope), aliases.clone())
    {
        inner.ctes.push((name.to_owned(), Some(found)));
    }
    renamed(columns(lookup, body, &inner), aliases)
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
fn defined(lookup: Lookup<'_>, alias: Node<'_>) -> Option<Vec<Output>> {
    let definitions = alias.child(Kind::COLUMN_DEF_LIST)?.all(Kind::COLUMN_DEF);
    let output = |definition: Node<'_>| {
        let name = name::identifier(definition.child(Kind::COLUMN_NAME)?);
        Some(Output { name, ty: lookup.type_of(definition) })
    };
    definitions.map(output).collect()
}

/// Adds what stands in FROM; JOIN and parentheses are walked into.
fn add_from_item(lookup: Lookup<'_>, item: Node<'_>, scope: &mut Scope<'_>) {
    match item.kind() {
        Kind::JOIN_EXPR | Kind::JOIN => {
            let before = scope.star.take();
            scope.star = Some(Vec::new());
            for child in item.children().filter(|child| !child.is_token()) {
                add_from_item(lookup, child, scope);
            }
            scope.star = concatenate(before, scope.star.take());
            if let Some(using) = item.child(Kind::JOIN_USING_CLAUSE) {
                merge(&mut scope.star, &name::identifiers(using, Kind::COLUMN_NAME_REF));
            }
        }
        Kind::PAREN_FROM_ITEM | Kind::PAREN_EXPR if inner_query(item).is_none() => {
            for child in item.children().filter(|child| !child.is_token()) {
                add_from_item(lookup, child, scope);
            }
        }
        Kind::RELATION_FROM_ITEM | Kind::PAREN_FROM_ITEM | Kind::FUNCTION_FROM_ITEM => {
            let (default_alias, mut columns) = from_source(lookup, item, scope);
            let clause = item.child(Kind::FROM_ALIAS);
            if let Some(defined) = clause.and_then(|clause| defined(lookup, clause)) {
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
fn from_source(lookup: Lookup<'_>, item: Node<'_>, scope: &Scope<'_>) -> (String, Option<Vec<Output>>) {
    if let Some(relation) = item.child(Kind::RELATION_NAME_REF) {
        let written = name::name(relation);
        let columns = named(lookup, &written, scope);
        return (written.name, columns);
    }
    if let Some(query) = inner_query(item) {
        return (String::new(), columns(lookup, query, scope));
    }
    let call = item.child(Kind::CALL_EXPR);
    let function = call.and_then(output_name).unwrap_or_default();
    let alias = item.find(Kind::TABLE_ALIAS).map(name::identifier).unwrap_or_else(|| function.clone());
    // A function that returns one plain value gives a column that is called like its alias.
    let ty = call.and_then(|call| types(lookup, scope).of_set(call));
    let columns = ty.map(|ty| vec![Output { name: alias, ty: Some(ty) }]);
    (function, columns)
}

/// The columns of a WITH query, a table or a view.
fn named(lookup: Lookup<'_>, written: &Name, scope: &Scope<'_>) -> Option<Vec<Output>> {
    if written.schema.is_none()
        && let Some((_, columns)) = scope.ctes.iter().rev().find(|(name, _)| *name == written.name)
    {
        return columns.clone();
    }
    let table = lookup.catalog.table_named(&lookup.find_table(written)?)?;
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
