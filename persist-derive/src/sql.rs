//! The third pass: the text of the statements. It knows nothing of tokens.

use crate::model::BoundEntity;

/// The SQL of a struct.
pub(crate) struct Statements {
    /// What is read, with `\0` for the alias of the table.
    pub(crate) read: String,
    /// The same where a row is answered that was written.
    pub(crate) returned: String,
}

/// Writes the statements.
pub(crate) fn statements(entity: &BoundEntity) -> Statements {
    let read = select_list(entity);
    let returned = read.replace('\0', "t0");
    Statements { read, returned }
}

fn select_list(entity: &BoundEntity) -> String {
    let columns = entity.columns.iter().map(|column| match &column.expression {
        Some(expression) => format!("{expression}{}", column.wire.read_cast),
        None => format!("\0.{}{}", column.sql, column.wire.read_cast),
    });
    let hidden = entity.hidden.iter().map(|column| format!("\0.{}{}", column.sql, column.wire.read_cast));
    listed(columns.chain(hidden))
}

fn listed(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}
