//! What stands between a statement and the rows of a table: triggers, rules, policies.

use persist_schema::Catalog;
use persist_schema::catalog::{Table, TableKind};

/// May something other than a constraint change what is written, or keep it out?
pub(super) fn is_meddled(catalog: &Catalog, table: &Table) -> bool {
    is_somewhere(catalog, table, &|table| {
        is_hidden(table) || table.row_security.enabled || has_trigger_before(table, "")
    })
}

/// May something give a new row another key than its DEFAULT makes?
pub(super) fn may_change_keys(catalog: &Catalog, table: &Table) -> bool {
    is_somewhere(catalog, table, &|table| is_hidden(table) || has_trigger_before(table, "INSERT"))
}

/// What is written to a table may land in its partitions, and an UPDATE concerns the tables that inherit from
/// it.
fn is_somewhere(catalog: &Catalog, table: &Table, is_so: &impl Fn(&Table) -> bool) -> bool {
    let below = catalog.tables().filter(|below| {
        below.partition_of.as_ref().is_some_and(|partition| partition.parent == table.name)
            || below.inherits.contains(&table.name)
    });
    is_so(table) || below.into_iter().any(|below| is_somewhere(catalog, below, is_so))
}

/// Do the migrations leave open what becomes of a row?
fn is_hidden(table: &Table) -> bool {
    table.kind == TableKind::ForeignTable || table.opaque.is_some() || !table.rules.is_empty()
}

/// Does a trigger come before each row of an event?
fn has_trigger_before(table: &Table, event: &str) -> bool {
    table.triggers.iter().filter(|trigger| trigger.for_each_row).any(|trigger| {
        let definition = trigger.definition.trim_start().to_uppercase();
        !definition.starts_with("AFTER") && definition.contains(event)
    })
}
