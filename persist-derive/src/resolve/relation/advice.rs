//! The SQL that messages propose.

use persist_schema::catalog::Table;
use persist_schema::identifier::quote_identifier;

/// The statement that makes one table refer to another.
pub(super) fn foreign_key(from: &Table, to: &Table) -> String {
    let target = to.name.to_short_sql();
    let key = to.primary_key.as_ref().and_then(|key| match key.columns.as_slice() {
        [only] => to.column(only),
        _ => None,
    });
    let Some((key, ty)) = key.and_then(|key| Some((key, key.ty.as_ref()?))) else {
        return format!("REFERENCES {target}");
    };
    let role = if from.name == to.name { "parent" } else { singular(&to.name.name) };
    let name = format!("{role}_{}", key.name);
    let column = quote_identifier(&name);
    let change = match from.column(&name).filter(|column| column.ty.as_ref() == Some(ty)) {
        Some(_) => format!("ADD FOREIGN KEY ({column})"),
        None => format!("ADD COLUMN {column} {}", ty.to_sql()),
    };
    format!("ALTER TABLE {} {change} REFERENCES {target};", from.name.to_short_sql())
}

fn singular(table: &str) -> &str {
    table.strip_suffix('s').unwrap_or(table)
}
