//! What an INSERT may leave out.

use crate::catalog::{Catalog, Column, Function, Table, Trigger};
use crate::identifier::split_qualified;

/// Those of PostgreSQL that give the column a value which is their first argument.
const FILLING: [&str; 2] = ["tsvector_update_trigger", "tsvector_update_trigger_column"];

impl Catalog {
    /// Whether an INSERT may leave the column out: it has a default, an identity, a generation expression or
    /// a domain with a default, it can be NULL, or a trigger gives it a value.
    pub fn is_optional_on_insert(&self, table: &Table, column: &Column) -> bool {
        column.has_default()
            || self.is_nullable(column)
            || column.ty.as_ref().is_some_and(|ty| self.domain_has_default(ty))
            || self.is_filled(table, &column.name)
    }

    /// Whether a trigger before each new row gives the column a value, as far as its function says: `NEW.slug := …`.
    pub fn is_filled(&self, table: &Table, column: &str) -> bool {
        table.triggers.iter().filter(|trigger| trigger.enabled && trigger.for_each_row).any(|trigger| {
            let definition = trigger.definition.trim_start().to_uppercase();
            definition.starts_with("BEFORE") && definition.contains("INSERT") && self.fills(trigger, column)
        })
    }

    fn fills(&self, trigger: &Trigger, column: &str) -> bool {
        let (schema, name) = split_qualified(&trigger.function);
        if FILLING.contains(&name.to_ascii_lowercase().as_str()) {
            let arguments = trigger.definition.rsplit_once('(').map_or("", |(_, arguments)| arguments);
            let first = arguments.split(',').next().unwrap_or_default();
            return first.trim_matches(|c: char| c.is_whitespace() || "'\")".contains(c)) == column;
        }
        let is_called = |function: &&Function| {
            function.name.name.eq_ignore_ascii_case(&name)
                && schema.as_ref().is_none_or(|schema| function.name.schema.eq_ignore_ascii_case(schema))
        };
        let functions = self.schemas.values().flat_map(|schema| &schema.functions).filter(is_called);
        functions.into_iter().any(|function| function.assigns.iter().any(|assigned| assigned == column))
    }
}
