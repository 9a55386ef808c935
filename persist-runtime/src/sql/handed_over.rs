//! Keys that one statement leaves for those after it, in settings of the transaction.

use tokio_postgres::types::Oid;

use crate::sql::scope::Alias;
use crate::sql::writer::Writer;
use crate::table::column::KeyColumn;

/// Keys that a statement leaves in settings.
pub(crate) struct HandedOver {
    /// The indices of the relations that they are for.
    pub(crate) relations: Vec<usize>,
    /// What the settings are found by.
    pub(crate) number: usize,
    /// The table that has the keys.
    alias: Alias,
    key: &'static [KeyColumn],
}

impl HandedOver {
    /// The keys of one relation.
    pub(crate) fn new(relation: usize, number: usize, alias: Alias, key: &'static [KeyColumn]) -> Self {
        HandedOver { relations: vec![relation], number, alias, key }
    }

    /// Are these the same columns?
    pub(crate) fn is_of(&self, alias: Alias, key: &[KeyColumn]) -> bool {
        let names = key.iter().map(|column| column.name);
        self.alias == alias && self.key.iter().map(|column| column.name).eq(names)
    }
}

/// Writes a query, which [writes the keys](write_keys) after its list. Where there are any, it is run once,
/// and its keys are kept. `has_begun` says that there is a WITH already.
pub(crate) fn write<'v>(
    handed: &[HandedOver],
    sql: &mut Writer<'v>,
    has_begun: bool,
    query: impl FnOnce(&mut Writer<'v>),
) {
    if handed.is_empty() {
        return query(sql.push(if has_begun { " " } else { "" }));
    }
    sql.push(if has_begun { ", " } else { "WITH " }).push("r AS MATERIALIZED (");
    query(sql);
    sql.push("), k AS MATERIALIZED (SELECT ");
    for (index, (handed, column)) in columns(handed).enumerate() {
        let (setting, name) = (setting(handed.number, column), name(handed.number, column));
        // An empty list of keys would be NULL, which is no array.
        let list = if has_own_text(handed.key[column].ty) {
            format!("(SELECT pg_catalog.array_agg(r.{name}) FROM r)::text, '{{}}'")
        } else {
            format!("(SELECT pg_catalog.json_agg(r.{name}) FROM r)::text, '[]'")
        };
        sql.comma(index).push(&format!("set_config('{setting}', coalesce({list}), true)"));
    }
    // A join with `k` would never ask for it where there are no rows, and leave the settings of the load
    // before.
    sql.push(") SELECT r.* FROM r WHERE (SELECT count(*) FROM k) = 1");
}

/// Writes the keys after a list, each with a comma in front.
pub(crate) fn write_keys(handed: &[HandedOver], sql: &mut Writer<'_>) {
    for (handed, column) in columns(handed) {
        sql.push(", ").alias(handed.alias).push(".").push(handed.key[column].name);
        sql.push(" AS ").push(&name(handed.number, column));
    }
}

/// The types of a list with these keys after it: theirs were not known when the program was built.
pub(crate) fn with_keys(mut oids: Vec<Oid>, handed: &[HandedOver]) -> Vec<Oid> {
    oids.extend(columns(handed).map(|_| 0));
    oids
}

/// The keys of one column, as an array.
pub(crate) fn array(number: usize, column: usize, ty: &str) -> String {
    let setting = setting(number, column);
    if has_own_text(ty) {
        format!("current_setting('{setting}')::{ty}[]")
    } else {
        format!(
            "ARRAY(SELECT k::{ty} FROM json_array_elements_text(current_setting('{setting}')::json) AS k)"
        )
    }
}

/// Is the text of its values the same whatever a session has set? That of dates is not, unless they are in JSON.
fn has_own_text(ty: &str) -> bool {
    let name = ty.split('(').next().unwrap_or(ty);
    ["bigint", "boolean", "character varying", "integer", "numeric", "smallint", "text", "uuid"]
        .contains(&name)
}

fn columns(handed: &[HandedOver]) -> impl Iterator<Item = (&HandedOver, usize)> {
    handed.iter().flat_map(|handed| (0..handed.key.len()).map(move |column| (handed, column)))
}

fn setting(number: usize, column: usize) -> String {
    format!("persist.k{number}_{column}")
}

fn name(number: usize, column: usize) -> String {
    format!("\"persist:k{number}_{column}\"")
}
