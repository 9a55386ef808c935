//! SQL that stands in attributes: checked against the catalog, with names as the statements know them.

use persist_schema::expression::{Checked, ExpressionMistake, Named};
use persist_schema::{Catalog, identifier::quote_identifier};
use syn::LitStr;

use crate::context::{Context, Mistake};

/// What stands for the alias of a table until a statement is made.
pub(super) const ALIAS: &str = "\0";

/// What the link table between two others is called.
pub(super) const LINK: &str = "l";

/// What a table is called whose rows become one value.
pub(super) const VALUE: &str = "a";

/// The condition over some tables; empty where none was written.
pub(super) fn condition(
    ctx: &Context,
    catalog: &Catalog,
    tables: &[Named<'_>],
    written: Option<&LitStr>,
) -> String {
    let Some(written) = written else { return String::new() };
    match catalog.condition(tables, &written.value()) {
        Ok(checked) => checked.text,
        Err(mistake) => {
            report(ctx, written, &mistake);
            String::new()
        }
    }
}

/// An expression over one table.
pub(super) fn expression(
    ctx: &Context,
    catalog: &Catalog,
    table: Named<'_>,
    written: &LitStr,
) -> Option<Checked> {
    let checked = catalog.expression(&[table], &written.value());
    checked.inspect_err(|mistake| report(ctx, written, mistake)).ok()
}

/// The order of the rows of the first table; it ends in its primary key, so that it is always the same.
pub(super) fn order(
    ctx: &Context,
    catalog: &Catalog,
    tables: &[Named<'_>],
    written: Option<&LitStr>,
) -> String {
    let items = match written.map(|written| (written, catalog.order(tables, &written.value()))) {
        None => Vec::new(),
        Some((_, Ok(items))) => items,
        Some((written, Err(mistake))) => {
            report(ctx, written, &mistake);
            Vec::new()
        }
    };
    let Named { table, alias } = tables[0];
    let key = table.row_key().into_iter().flat_map(|key| key.columns);
    let key = key.filter(|name| {
        !items
            .iter()
            .any(|item| item.column.as_ref().is_some_and(|(of, column)| *of == 0 && *column == **name))
    });
    let rest: Vec<String> = key.map(|name| format!("{alias}.{}", quote_identifier(&name))).collect();
    let items = items.iter().map(|item| format!("{}{}", item.text, item.direction));
    items.chain(rest).collect::<Vec<_>>().join(", ")
}

fn report(ctx: &Context, written: &LitStr, mistake: &ExpressionMistake) {
    let reported = Mistake::new(mistake.message.clone());
    let reported = match &mistake.help {
        Some(help) => reported.write(help.clone()),
        None => reported,
    };
    ctx.report(written, reported);
}
