//! Finds the column that each name means.

use super::checked::Named;
use super::context::Context;
use super::extract::range;
use super::mistake::{ExpressionMistake, MistakeKind};
use crate::analyse::call::arguments;
use crate::analyse::name;
use crate::builtin::session_value::session_value;
use crate::catalog::{Table, TypeKind};
use crate::identifier::quote_identifier;
use crate::missing::Missing;
use crate::parse::{Kind, Node};

/// A place where a column is named.
pub(super) struct ColumnUse<'t> {
    /// The name with the table in front, as written.
    pub(super) node: Node<'t>,
    /// Which of the tables it belongs to.
    pub(super) table: usize,
    /// The column.
    pub(super) column: String,
}

/// The uses of columns in the order of the text.
pub(super) fn resolve<'t>(
    context: &Context<'_>,
    node: Node<'t>,
) -> Result<Vec<ColumnUse<'t>>, ExpressionMistake> {
    let mut uses = Vec::new();
    visit(context, node, &mut uses)?;
    Ok(uses)
}

/// The columns, each once.
pub(super) fn columns(uses: &[ColumnUse<'_>]) -> Vec<(usize, String)> {
    let mut columns: Vec<(usize, String)> = Vec::new();
    for found in uses {
        if !columns.iter().any(|(table, column)| *table == found.table && *column == found.column) {
            columns.push((found.table, found.column.clone()));
        }
    }
    columns
}

fn visit<'t>(
    context: &Context<'_>,
    node: Node<'t>,
    uses: &mut Vec<ColumnUse<'t>>,
) -> Result<(), ExpressionMistake> {
    if let Some(parts) = name::dotted(node) {
        if is_keyword(node) {
            refuse_column_of_that_name(context, node)?;
        } else {
            let (table, column) = column(context, node, &parts)?;
            uses.push(ColumnUse { node, table, column });
        }
        return Ok(());
    }
    let mut children = node.children().filter(|child| !child.is_token());
    match node.kind() {
        Kind::FIELD_EXPR => {
            children.next().map_or(Ok(()), |whole| visit(context, whole, uses))?;
            attribute(context, node)
        }
        Kind::CALL_EXPR => {
            let callee = children.next();
            let function = callee.and_then(name::dotted).and_then(|parts| parts.last().copied());
            match function.map(name::identifier) {
                Some(function) if function == "normalize" => {
                    let values = arguments(node);
                    values
                        .filter(|value| !is_normal_form(*value))
                        .try_for_each(|value| visit(context, value, uses))
                }
                Some(_) => children.try_for_each(|child| visit(context, child, uses)),
                None => callee.into_iter().chain(children).try_for_each(|child| visit(context, child, uses)),
            }
        }
        Kind::PAREN_EXPR if children.clone().all(is_keyword) => Ok(()),
        _ => children.try_for_each(|child| visit(context, child, uses)),
    }
}

/// Whether a name is a word of SQL itself: CURRENT_DATE and its like.
fn is_keyword(node: Node<'_>) -> bool {
    node.is(Kind::NAME_REF) && !node.text().contains('"') && session_value(&name::identifier(node)).is_some()
}

/// A column may be called like a word of SQL. Without quotes the server takes the word, which is hardly
/// meant.
fn refuse_column_of_that_name(context: &Context<'_>, node: Node<'_>) -> Result<(), ExpressionMistake> {
    let name = name::identifier(node);
    let found = context.tables.iter().find(|named| named.table.column(&name).is_some());
    let Some(named) = found else { return Ok(()) };
    let written = node.text();
    let table = &named.table.name;
    let message = format!("`{written}` without quotes is a word of SQL, not the column of `{table}`");
    let help = format!("write `{}` for the column, `({written})` for the other", quote_identifier(&name));
    Err(ExpressionMistake::new(MistakeKind::Unsupported, range(node), message).with_help(help))
}

/// Whether an argument of `normalize(name, NFC)` is the form, which looks like a column.
fn is_normal_form(argument: Node<'_>) -> bool {
    matches!(argument.text().to_ascii_uppercase().as_str(), "NFC" | "NFD" | "NFKC" | "NFKD")
}

fn column(
    context: &Context<'_>,
    node: Node<'_>,
    parts: &[Node<'_>],
) -> Result<(usize, String), ExpressionMistake> {
    let names: Vec<String> = parts.iter().copied().map(name::identifier).collect();
    let (searched, column): (Vec<usize>, &String) = match names.as_slice() {
        [column] => ((0..context.tables.len()).collect(), column),
        [table, column] => (tables(context, node, parts, None, table)?, column),
        [schema, table, column] => (tables(context, node, parts, Some(schema), table)?, column),
        _ => return Err(unknown_table(context, node, parts)),
    };
    let has = |at: &usize| context.tables[*at].table.column(column).is_some();
    let found: Vec<usize> = searched.iter().copied().filter(has).collect();
    match found.as_slice() {
        [] => Err(unknown_column(context, node, parts, column, searched)),
        [only] => Ok((*only, column.clone())),
        _ => Err(ambiguous(context, node, column, found)),
    }
}

/// The tables of that name.
fn tables(
    context: &Context<'_>,
    node: Node<'_>,
    parts: &[Node<'_>],
    schema: Option<&String>,
    name: &str,
) -> Result<Vec<usize>, ExpressionMistake> {
    let named = |at: &usize| {
        let table = &context.tables[*at].table.name;
        table.name == name && schema.is_none_or(|schema| *schema == table.schema)
    };
    let found: Vec<usize> = (0..context.tables.len()).filter(named).collect();
    if found.is_empty() { Err(unknown_table(context, node, parts)) } else { Ok(found) }
}

fn unknown_table(context: &Context<'_>, node: Node<'_>, parts: &[Node<'_>]) -> ExpressionMistake {
    let table: Vec<String> = parts.iter().rev().skip(1).rev().copied().map(name::identifier).collect();
    let name = table.join(".");
    let is_column = |named: &Named<'_>| table.len() == 1 && named.table.column(&name).is_some();
    let help = if context.tables.iter().any(is_column) {
        let attribute = parts.last().map_or("", |last| last.text());
        format!("an attribute of the column `{name}` is written `({name}).{attribute}`")
    } else {
        format!("columns of {} can stand here", list(context, 0..context.tables.len(), "and"))
    };
    let message = format!("`{}` names a table that is not part of this: `{name}`", node.text());
    ExpressionMistake::new(MistakeKind::UnknownTable { name }, range(node), message).with_help(help)
}

fn unknown_column(
    context: &Context<'_>,
    node: Node<'_>,
    parts: &[Node<'_>],
    column: &str,
    searched: Vec<usize>,
) -> ExpressionMistake {
    let tables: Vec<&Table> = searched.iter().map(|at| context.tables[*at].table).collect();
    let missing = Missing::column(column, &tables);
    let help = help_for(parts, column, &tables).unwrap_or(missing.help);
    let kind = MistakeKind::UnknownColumn { name: column.to_owned(), tables: searched };
    ExpressionMistake::missing(kind, range(node), Missing { help, ..missing })
}

/// What was probably meant by a name that is no column, apart from one that is spelled a little differently.
fn help_for(parts: &[Node<'_>], column: &str, tables: &[&Table]) -> Option<String> {
    let written = parts.last()?.text();
    let quoted = written.starts_with('"');
    let mut columns = tables.iter().flat_map(|table| &table.columns);
    if let Some(other) = columns.find(|other| other.name.eq_ignore_ascii_case(written.trim_matches('"'))) {
        let found = quote_identifier(&other.name);
        return Some(match quoted {
            true => format!("the column is called `{}`: write `{found}`", other.name),
            false => format!("names without quotes are lower case in SQL: write `{found}`"),
        });
    }
    if let Some(opaque) = tables.iter().find_map(|table| table.opaque.as_ref()) {
        return Some(format!(
            "{} ({}) hides what columns there are; {}",
            opaque.statement,
            opaque.origin,
            opaque.help()
        ));
    }
    (quoted && parts.len() == 1)
        .then(|| format!("if it is meant to be a string, write it in single quotes: `'{column}'`"))
}

fn ambiguous(context: &Context<'_>, node: Node<'_>, column: &str, found: Vec<usize>) -> ExpressionMistake {
    let message =
        format!("`{}` can be a column of {}", node.text(), list(context, found.iter().copied(), "or"));
    let first = context.tables[found[0]].table.name.to_string();
    let help = format!("write the table in front, for instance `{first}.{}`", quote_identifier(column));
    let kind = MistakeKind::AmbiguousColumn { name: column.to_owned(), tables: found };
    ExpressionMistake::new(kind, range(node), message).with_help(help)
}

/// Checks the attribute in `(address).city`, where the type of what is in front is known.
fn attribute(context: &Context<'_>, node: Node<'_>) -> Result<(), ExpressionMistake> {
    let mut parts = node.children().filter(|child| !child.is_token());
    let (Some(whole), Some(attribute)) = (parts.next(), parts.next()) else { return Ok(()) };
    let Some(ty) = context.types().of(whole) else { return Ok(()) };
    let ty = context.catalog.base_type(&ty);
    let attributes: Vec<&str> = match context.catalog.type_kind(&ty) {
        _ if ty.is_array => Vec::new(),
        TypeKind::Composite(composite) => composite.fields.iter().map(|field| field.name.as_str()).collect(),
        TypeKind::Row(table) => table.column_names().collect(),
        TypeKind::BuiltIn | TypeKind::Enum(_) | TypeKind::Domain(_) | TypeKind::Range(_) => Vec::new(),
        TypeKind::External => return Ok(()),
    };
    let name = name::identifier(attribute);
    if attributes.contains(&name.as_str()) {
        return Ok(());
    }
    let missing = Missing::part(&format!("the type `{ty}`"), "attribute", &name, attributes);
    Err(ExpressionMistake::missing(MistakeKind::UnknownAttribute { name }, range(attribute), missing))
}

/// The names of tables for a message: "`a`, `b` and `c`".
fn list(context: &Context<'_>, tables: impl IntoIterator<Item = usize>, last: &str) -> String {
    let mut names: Vec<String> =
        tables.into_iter().map(|at| format!("`{}`", context.tables[at].table.name)).collect();
    names.dedup();
    match names.pop() {
        Some(end) if names.is_empty() => end,
        Some(end) => format!("{} {last} {end}", names.join(", ")),
        None => "no table".to_owned(),
    }
}
