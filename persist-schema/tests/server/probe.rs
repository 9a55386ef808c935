//! Expressions as the server writes them: it is asked to make the same thing once more, and what it shows is
//! compared.

use persist_schema::PgType;
use persist_schema::catalog::{Column, Index, IndexKey, IndexTarget, Table};
use persist_schema::identifier::quote_identifier;
use tokio_postgres::Client;

use crate::undone;

const EXPRESSION: &str =
    "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'public.probe__'::regclass";

const CONSTRAINT: &str = "SELECT regexp_replace(pg_get_constraintdef(oid), ' NOT VALID$', '')
    FROM pg_constraint WHERE conname = 'probe__' LIMIT 1";

const INDEX: &str = "SELECT regexp_replace(pg_get_indexdef(oid), ' INDEX probe__ ON (ONLY )?', ' INDEX ON ')
    FROM pg_class WHERE relname = 'probe__'";

/// The name and the table are left out: a partition has the trigger of its parent.
const TRIGGER: &str = r"SELECT regexp_replace(
        regexp_replace(pg_get_triggerdef(oid), ' TRIGGER \S+ ', ' TRIGGER '), ' ON \S+ ', ' ON … ')
    FROM pg_trigger WHERE tgname = 'probe__' ORDER BY oid LIMIT 1";

const POLICY: &str = "SELECT concat_ws(' ', 'using', qual, 'check', with_check)
    FROM pg_policies WHERE policyname = 'probe__'";

/// The default of a column or domain.
pub(crate) async fn expression(client: &Client, ty: &PgType, default: &str) -> String {
    let change = format!("CREATE TABLE public.probe__ (probe__ {} DEFAULT {default})", ty.to_sql());
    undone(client, &change, EXPRESSION).await
}

pub(crate) async fn generated(client: &Client, table: &Table, column: &Column, expression: &str) -> String {
    let ty = column.ty.as_ref().expect("a type").to_sql();
    let name = table.name.to_sql();
    let generated = format!("probe__ {ty} GENERATED ALWAYS AS ({expression}) STORED");
    undone(client, &format!("CREATE TABLE public.probe__ (LIKE {name}, {generated})"), EXPRESSION).await
}

pub(crate) async fn constraint(client: &Client, owner: &str, is_domain: bool, definition: &str) -> String {
    let kind = if is_domain { "DOMAIN" } else { "TABLE" };
    let change = format!("ALTER {kind} {owner} ADD CONSTRAINT probe__ {definition}");
    undone(client, &change, CONSTRAINT).await
}

pub(crate) async fn index(client: &Client, table: &Table, index: &Index) -> String {
    let keys: Vec<String> = index.keys.iter().map(index_key).collect();
    let include: Vec<String> = index.include.iter().map(|name| quote_identifier(name)).collect();
    let change = format!(
        "CREATE {} INDEX probe__ ON ONLY {} USING {} ({}) {} {} {}",
        if index.unique { "UNIQUE" } else { "" },
        table.name.to_sql(),
        index.method,
        keys.join(", "),
        if include.is_empty() { String::new() } else { format!("INCLUDE ({})", include.join(", ")) },
        if index.nulls_not_distinct { "NULLS NOT DISTINCT" } else { "" },
        index.predicate.as_ref().map(|predicate| format!("WHERE {}", predicate.text)).unwrap_or_default(),
    );
    undone(client, &change, INDEX).await
}

fn index_key(key: &IndexKey) -> String {
    let target = match &key.target {
        IndexTarget::Column(name) => quote_identifier(name),
        IndexTarget::Expression(expression) => format!("({})", expression.text),
    };
    let collation =
        key.collation.as_ref().map(|name| format!(" COLLATE pg_catalog.{}", quote_identifier(name)));
    let class = key.operator_class.as_ref().map(|class| format!(" {class}"));
    let order = match (key.descending, key.nulls_first) {
        (false, false) => "",
        (false, true) => " NULLS FIRST",
        (true, true) => " DESC",
        (true, false) => " DESC NULLS LAST",
    };
    format!("{target}{}{}{order}", collation.unwrap_or_default(), class.unwrap_or_default())
}

pub(crate) async fn trigger(client: &Client, definition: &str, is_constraint: bool) -> String {
    let kind = if is_constraint { "CONSTRAINT" } else { "" };
    undone(client, &format!("CREATE {kind} TRIGGER probe__ {definition}"), TRIGGER).await
}

pub(crate) async fn policy(client: &Client, table: &str, using: Option<&str>, check: Option<&str>) -> String {
    let using = using.map(|text| format!("USING ({text})")).unwrap_or_default();
    let check = check.map(|text| format!("WITH CHECK ({text})")).unwrap_or_default();
    undone(client, &format!("CREATE POLICY probe__ ON {table} {using} {check}"), POLICY).await
}
