//! The indexes over the columns of a foreign key: do they make it unique, and do they find its rows?

use persist_schema::catalog::Index;
use persist_schema::expression::Named;
use persist_schema::identifier::quote_identifier;

use super::find::Search;
use super::reference::Reference;
use crate::resolve::text::ALIAS;

/// Is there at most one row on the other side: by a key, or by a partial unique index whose condition is the
/// filter?
pub(super) fn is_unique(search: &Search<'_, '_>, key: &Reference<'_>, filter: &str) -> bool {
    let columns = key.columns();
    key.from.is_unique(&columns)
        || key.from.indexes.iter().any(|index| {
            let is_over = index.columns().is_some_and(|names| {
                names.len() == columns.len() && names.iter().all(|name| columns.contains(&name.as_str()))
            });
            index.unique && is_over && is_condition(search, key, index, filter)
        })
}

/// Does an index find the rows that refer here?
pub(super) fn is_indexed(search: &Search<'_, '_>, key: &Reference<'_>, filter: &str) -> bool {
    let columns = key.columns();
    let serves = |index: &Index| {
        let starts = index.columns().is_some_and(|names| {
            names.len() >= columns.len()
                && names[..columns.len()].iter().all(|name| columns.contains(&name.as_str()))
        });
        starts && (is_without_nulls(index, &columns) || is_condition(search, key, index, filter))
    };
    key.from.is_indexed(&columns) || key.from.indexes.iter().any(serves)
}

/// What to say where no index finds the rows that refer here.
pub(super) fn warning(search: &Search<'_, '_>, key: &Reference<'_>) -> String {
    let use_of = if search.relation.is_path { "a condition over" } else { "loading" };
    format!(
        "`{}` has no index, so that {use_of} `{}` reads all of `{}`; add one in a migration: `CREATE INDEX ON {} ({});`, or write `index = \"none\"`",
        key.shown(),
        search.hints.field,
        key.from.name,
        key.from.name.to_short_sql(),
        key.columns().into_iter().map(quote_identifier).collect::<Vec<_>>().join(", "),
    )
}

/// Is the index one over the rows for which the filter holds?
fn is_condition(search: &Search<'_, '_>, key: &Reference<'_>, index: &Index, filter: &str) -> bool {
    let tables = [Named { table: key.from, alias: ALIAS }];
    let checked =
        index.predicate.as_ref().map(|predicate| search.catalog.condition(&tables, &predicate.text));
    checked.is_some_and(|checked| checked.is_ok_and(|checked| checked.text == filter))
}

/// Does the index leave out nothing but rows that refer to nothing?
fn is_without_nulls(index: &Index, columns: &[&str]) -> bool {
    index.predicate.as_ref().is_some_and(|predicate| {
        let text = predicate.text.to_uppercase();
        columns.iter().any(|column| text == format!("{} IS NOT NULL", column.to_uppercase()))
    })
}
