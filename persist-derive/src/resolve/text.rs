//! SQL that stands in attributes: checked against the catalog, with names as the statements know them.

use persist_schema::catalog::Table;
use persist_schema::expression::{Checked, ExpressionMistake, MistakeKind, Named};
use persist_schema::{Catalog, identifier::quote_identifier};
use syn::LitStr;

use super::table::described;
use crate::context::{Context, Mistake};
use crate::suggest::{listed, nearest};

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
            report(ctx, tables, written, &mistake);
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
    checked.inspect_err(|mistake| report(ctx, &[table], written, mistake)).ok()
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
            report(ctx, tables, written, &mistake);
            Vec::new()
        }
    };
    let Named { table, alias } = tables[0];
    let key = table.primary_key.iter().flat_map(|key| &key.columns);
    let key = key.filter(|name| {
        !items.iter().any(|item| item.column.as_ref().is_some_and(|(of, column)| *of == 0 && column == *name))
    });
    let rest: Vec<String> = key.map(|name| format!("{alias}.{}", quote_identifier(name))).collect();
    let items = items.iter().map(|item| format!("{}{}", item.text, item.direction));
    items.chain(rest).collect::<Vec<_>>().join(", ")
}

fn report(ctx: &Context, tables: &[Named<'_>], written: &LitStr, mistake: &ExpressionMistake) {
    let told = match &mistake.kind {
        MistakeKind::UnknownColumn { name, tables: searched } => {
            unknown_column(name, searched.iter().filter_map(|index| Some(tables.get(*index)?.table)))
        }
        _ => {
            let told = Mistake::new(mistake.message.clone());
            match &mistake.help {
                Some(help) => told.write(help.clone()),
                None => told,
            }
        }
    };
    ctx.report(written, told);
}

fn unknown_column<'c>(name: &str, tables: impl Iterator<Item = &'c Table>) -> Mistake {
    let tables: Vec<&Table> = tables.collect();
    let what = match tables.as_slice() {
        [only] => format!("column `{}.{name}` does not exist", only.name),
        _ => format!("column `{name}` does not exist"),
    };
    let names: Vec<&str> = tables.iter().flat_map(|table| table.column_names()).collect();
    let shown: Vec<String> = tables.iter().map(|table| described(table)).collect();
    match nearest(name, names.iter().copied()) {
        Some(meant) => Mistake::new(what).write(format!("{} has `{meant}`", shown.join(" or "))),
        None => Mistake::new(what).write(format!("{} has {}", shown.join(" and "), listed(names))),
    }
}
