//! The third pass: the text of the statements. It knows nothing of tokens.

use crate::model::{BoundColumn, BoundEntity};

/// The SQL of a struct.
pub(crate) struct Statements {
    /// What a row is answered as that was written.
    pub(crate) list: String,
    /// `None` where no column could change.
    pub(crate) update: Option<String>,
    pub(crate) delete: String,
}

/// Writes the statements.
pub(crate) fn statements(entity: &BoundEntity) -> Statements {
    let list = select_list(entity);
    Statements {
        update: update(entity, &list),
        delete: format!("DELETE FROM {} AS t0 WHERE {}", entity.table.sql, equals(entity, &entity.key, 1)),
        list,
    }
}

fn select_list(entity: &BoundEntity) -> String {
    let columns = entity.columns.iter().map(|column| match &column.expression {
        Some(expression) => format!("{}{}", expression.replace('\0', "t0"), column.wire.read_cast),
        None => format!("t0.{}{}", column.sql, column.wire.read_cast),
    });
    let hidden = entity.hidden.iter().map(|column| format!("t0.{}{}", column.sql, column.wire.read_cast));
    listed(columns.chain(hidden))
}

fn update(entity: &BoundEntity, list: &str) -> Option<String> {
    let changed = entity.changed();
    let parameters = changed.iter().map(|index| &entity.columns[*index]).enumerate();
    let set = parameters.map(|(index, column)| format!("{} = {}", column.sql, parameter(index + 1, column)));
    let touched = entity.touched();
    let set: Vec<String> =
        set.chain(touched.iter().map(|(name, value)| format!("{name} = {value}"))).collect();
    if set.is_empty() {
        return None;
    }
    let guarded: Vec<usize> = entity.key.iter().copied().chain(entity.version).collect();
    let condition = equals(entity, &guarded, changed.len() + 1);
    Some(format!(
        "UPDATE {} AS t0 SET {} WHERE {condition} RETURNING {list}",
        entity.table.sql,
        set.join(", ")
    ))
}

/// The columns compared with parameters from `$first` on.
fn equals(entity: &BoundEntity, columns: &[usize], first: usize) -> String {
    let columns = columns.iter().map(|index| &entity.columns[*index]).enumerate();
    let compared =
        columns.map(|(index, column)| format!("t0.{} = {}", column.sql, parameter(first + index, column)));
    compared.collect::<Vec<_>>().join(" AND ")
}

fn parameter(number: usize, column: &BoundColumn) -> String {
    format!("${number}{}", column.wire.cast)
}

fn listed(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}
