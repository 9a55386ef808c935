//! Functions: what they are called and return, and whether running one may change tables.

use crate::analyse::call::callee_name;
use crate::analyse::{function, literal, name};
use crate::apply::fold::Fold;
use crate::apply::problem::Outcome;
use crate::apply::{schema, unknown};
use crate::catalog::{Function, FunctionKind};
use crate::identifier::{QualifiedName, split_qualified};
use crate::parse::{Grammar, Kind, Node, parse};
use crate::pg_type::PgType;

/// Functions of extensions that change tables.
const CHANGE_TABLES: &[&str] = &[
    "addgeometrycolumn",
    "create_parent",
    "create_reference_table",
    "dropgeometrycolumn",
    "partition_data_proc",
];

/// CREATE FUNCTION, CREATE PROCEDURE and CREATE AGGREGATE.
pub(crate) fn create(fold: &mut Fold, node: Node<'_>) -> Outcome {
    let named = [Kind::FUNCTION_NAME, Kind::PROCEDURE_NAME, Kind::AGGREGATE_NAME];
    let Some(written) = node.children().find(|child| named.contains(&child.kind())) else { return Ok(()) };
    let origin = fold.origin(node);
    let name = fold.target(name::name(written))?;
    let result = node.child(Kind::RET_TYPE);
    let function = Function {
        name,
        kind: match node.kind() {
            Kind::CREATE_PROCEDURE => FunctionKind::Procedure,
            Kind::CREATE_AGGREGATE => FunctionKind::Aggregate,
            _ => FunctionKind::Function,
        },
        arguments: arguments(fold, node),
        returns: match node.kind() {
            Kind::CREATE_AGGREGATE => aggregated(fold, node),
            _ => result.and_then(|result| fold.type_of(result)),
        },
        returns_set: result.is_some_and(|result| {
            result.has(Kind::TABLE_KW) || result.descendants().any(|below| below.is(Kind::SETOF_KW))
        }),
        language: language(node),
        runs_ddl: body(node).is_some_and(|body| changes_tables(&body, &language(node))),
        assigns: body(node)
            .filter(|_| language(node) == "plpgsql")
            .map_or_else(Vec::new, |body| assigned(&body)),
        comment: None,
        origin,
    };
    let functions = &mut fold.schema(&function.name.schema).functions;
    functions.retain(|existing| {
        existing.name != function.name
            || existing.arguments != function.arguments
            || !node.has(Kind::OR_REPLACE)
    });
    functions.push(function);
    Ok(())
}

/// What an aggregate returns: its state, unless a final function makes something else of it.
fn aggregated(fold: &Fold, node: Node<'_>) -> Option<PgType> {
    let option = |wanted: &str| {
        let mut options = node.descendants().filter(|below| below.is(Kind::ATTRIBUTE_OPTION));
        let name = |option: &Node<'_>| option.child(Kind::ATTRIBUTE_NAME).map(name::identifier);
        options.find(|option| name(option).as_deref() == Some(wanted))?.child(Kind::ATTRIBUTE_VALUE)
    };
    match option("finalfunc") {
        Some(function) => function::returned(fold.lookup(), &name::name(function)),
        None => fold.type_of(option("stype")?),
    }
}

/// The types of the arguments that a caller gives.
fn arguments(fold: &Fold, node: Node<'_>) -> Vec<Option<PgType>> {
    let Some(list) = node.child(Kind::PARAM_LIST) else { return Vec::new() };
    list.all(Kind::PARAM)
        .filter(|param| !param.has(Kind::PARAM_OUT))
        .map(|param| fold.type_of(param))
        .collect()
}

fn language(node: Node<'_>) -> String {
    let option = node.find(Kind::LANGUAGE_FUNC_OPTION);
    let name = option.and_then(|option| match option.child(Kind::LANGUAGE_REF) {
        Some(language) => Some(name::identifier(language)),
        None => literal::first_string(option),
    });
    name.map_or_else(|| "sql".to_owned(), |name| name.to_ascii_lowercase())
}

fn body(node: Node<'_>) -> Option<String> {
    literal::first_string(node.find(Kind::AS_FUNC_OPTION)?)
}

/// The columns of `NEW` that a body gives a value: `NEW.slug := …`, or `SELECT … INTO NEW.slug`.
fn assigned(body: &str) -> Vec<String> {
    if !body.to_ascii_lowercase().contains("new.") {
        return Vec::new();
    }
    let tree = parse(body, Grammar::PlPgSql);
    let tokens: Vec<&str> = tree.root().tokens().map(Node::text).collect();
    let mut columns = Vec::new();
    // What receives a value is in the list after INTO, or at the start of a statement.
    let mut is_listed = false;
    for (index, token) in tokens.iter().enumerate() {
        let target = match tokens[index..] {
            [row, ".", column, ..] if row.eq_ignore_ascii_case("new") => Some(column),
            _ => None,
        };
        let before = tokens[..index].last().map_or("", |token| token);
        let is_first =
            [";", "begin", "then", "else", "loop"].iter().any(|word| before.eq_ignore_ascii_case(word));
        let is_set = tokens.get(index + 3).is_some_and(|after| after.starts_with([':', '=', '[']));
        let is_filled = is_listed || (is_first && is_set && !is_made_of_itself(&tokens[index..]));
        columns.extend(target.filter(|_| is_filled).map(name::unquote));
        let is_within = [".", ",", "[", "]"].contains(token) || [".", "["].contains(&before);
        is_listed = match token.to_ascii_lowercase().as_str() {
            "into" => true,
            "strict" => is_listed,
            _ => is_listed && (target.is_some() || is_within),
        };
    }
    columns
}

/// Does `NEW.code := upper(NEW.code)` only change what is there? It gives a value where there is none by `coalesce`.
fn is_made_of_itself(assignment: &[&str]) -> bool {
    let [row, dot, column, rest @ ..] = assignment else { return false };
    let end = rest.iter().position(|token| *token == ";").unwrap_or(rest.len());
    let same = |(token, wanted): (&&str, &&str)| token.eq_ignore_ascii_case(wanted);
    let is_read = rest[..end].windows(3).any(|found| found.iter().zip(&[*row, *dot, *column]).all(same));
    is_read && !rest[..end].iter().any(|token| token.eq_ignore_ascii_case("coalesce"))
}

/// Whether a body holds statements that change tables, or statements that are known only when they run.
fn changes_tables(body: &str, language: &str) -> bool {
    let lower = body.to_ascii_lowercase();
    if !["create", "alter", "drop", "execute"].iter().any(|word| lower.contains(word)) {
        return false;
    }
    let grammar = match language {
        "plpgsql" => Grammar::PlPgSql,
        "sql" => Grammar::Sql,
        // In other languages SQL is text that only runs.
        _ => return true,
    };
    let tree = parse(body, grammar);
    tree.root().descendants().any(|node| match node.kind() {
        Kind::PLPGSQL_DYN_EXECUTE_STMT => !executes_data(node),
        kind => unknown::has_effect(kind) && kind != Kind::ERROR && kind != Kind::COMMENT_ON,
    })
}

/// Whether an EXECUTE is known by its first words to be about rows, roles, rights or settings.
pub(crate) fn executes_data(node: Node<'_>) -> bool {
    const FIRST: &[&str] = &[
        "analyze", "delete", "explain", "grant", "insert", "lock", "merge", "notify", "refresh", "reindex",
        "revoke", "select", "set", "truncate", "update", "vacuum", "with",
    ];
    const SECOND: &[&str] = &[
        "database",
        "default",
        "event",
        "group",
        "publication",
        "role",
        "server",
        "statistics",
        "subscription",
        "system",
        "user",
    ];
    let text = literal::first_string(node).unwrap_or_default().to_ascii_lowercase();
    let mut words = text.split_whitespace();
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    FIRST.contains(&first) || (matches!(first, "alter" | "create" | "drop") && SECOND.contains(&second))
}

/// DROP FUNCTION and its like: all functions of that name and arguments.
pub(crate) fn drop(fold: &mut Fold, node: Node<'_>) -> Outcome {
    for signature in node.descendants().filter(|below| is_signature(below.kind())) {
        let Some(name) = find(fold, signature) else { continue };
        let wanted = signature.has(Kind::PARAM_LIST).then(|| arguments(fold, signature));
        fold.schema(&name.schema).functions.retain(|function| {
            function.name != name || wanted.as_ref().is_some_and(|wanted| *wanted != function.arguments)
        });
        if node.has(Kind::CASCADE) {
            drop_triggers(fold, &name);
        }
    }
    Ok(())
}

/// DROP … CASCADE takes the triggers along that call the function.
fn drop_triggers(fold: &mut Fold, function: &QualifiedName) {
    let calls = |written: &str| {
        let (schema, name) = split_qualified(written);
        name::unquote(&name) == function.name
            && schema.is_none_or(|schema| name::unquote(&schema) == function.schema)
    };
    for table in fold.catalog.schemas.values_mut().flat_map(|schema| schema.tables.values_mut()) {
        table.triggers.retain(|trigger| !calls(&trigger.function));
    }
}

/// ALTER FUNCTION … RENAME TO and SET SCHEMA.
pub(crate) fn alter(fold: &mut Fold, node: Node<'_>) -> Outcome {
    let Some(signature) = node.children().find(|child| is_signature(child.kind())) else { return Ok(()) };
    let Some(name) = find(fold, signature) else { return Ok(()) };
    let mut to: QualifiedName = name.clone();
    let renames = [
        Kind::FUNCTION_RENAME_TO,
        Kind::PROCEDURE_RENAME_TO,
        Kind::ROUTINE_RENAME_TO,
        Kind::AGGREGATE_RENAME_TO,
    ];
    if let Some(action) = node.children().find(|child| renames.contains(&child.kind())) {
        let new = action.children().filter(|child| !child.is_token()).last();
        to.name = new.map(|new| name::name(new).name).unwrap_or(to.name);
    } else if let Some(schema) =
        node.child(Kind::SET_SCHEMA).and_then(|action| action.child(Kind::SCHEMA_REF))
    {
        to.schema = name::identifier(schema);
    } else {
        return Ok(());
    }
    let wanted = signature.has(Kind::PARAM_LIST).then(|| arguments(fold, signature));
    let functions = &mut fold.schema(&name.schema).functions;
    let position = functions.iter().position(|function| {
        function.name == name && wanted.as_ref().is_none_or(|wanted| *wanted == function.arguments)
    });
    if let Some(position) = position {
        let mut moved = functions.remove(position);
        moved.name.clone_from(&to);
        fold.schema(&to.schema).functions.push(moved);
    }
    Ok(())
}

fn is_signature(kind: Kind) -> bool {
    matches!(kind, Kind::FUNCTION_SIG | Kind::PROCEDURE_SIG | Kind::ROUTINE_SIG | Kind::AGGREGATE)
}

fn find(fold: &Fold, signature: Node<'_>) -> Option<QualifiedName> {
    let written = name::name(signature.children().find(|child| !child.is_token())?);
    function::find(fold.lookup(), &written)
}

/// SELECT and CALL: they change something here only by the functions they call.
pub(crate) fn call(fold: &mut Fold, node: Node<'_>) -> Outcome {
    for call in node.descendants().filter(|below| below.is(Kind::CALL_EXPR)) {
        let Some(callee) = call.children().next() else { continue };
        let written = callee_name(callee);
        if written.name == "set_config" {
            let arguments: Vec<Node<'_>> =
                call.child(Kind::ARG_LIST).map(|list| list.all(Kind::ARG).collect()).unwrap_or_default();
            schema::set_config(fold, &arguments);
            continue;
        }
        let found = function::find(fold.lookup(), &written);
        let runs_ddl = found.is_some_and(|name| {
            fold.schema(&name.schema)
                .functions
                .iter()
                .any(|function| function.name == name && function.runs_ddl)
        });
        if runs_ddl || CHANGE_TABLES.contains(&written.name.as_str()) {
            let what = format!("a call of the function `{}`, which changes tables", written.name);
            fold.hide(call, what, None);
        }
    }
    Ok(())
}
