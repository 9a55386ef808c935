//! The third pass: the text of the statements. It knows nothing of tokens.

use crate::model::{BoundColumn, BoundEntity};

/// The SQL of an entity.
pub(crate) struct Statements {
    /// What a write answers.
    pub(crate) select_list: String,
    /// What the struct reads, with `\0` in the place of the table's alias.
    pub(crate) shape_list: String,
    /// `None` where no column could change.
    pub(crate) update: Option<String>,
    pub(crate) delete: String,
}

/// Writes the statements.
pub(crate) fn statements(entity: &BoundEntity) -> Statements {
    let list = select_list(entity, "t0");
    Statements {
        update: update(entity, &list),
        delete: format!("DELETE FROM {} AS t0 WHERE {}", entity.table.sql, equals(entity, &entity.key, 1)),
        shape_list: select_list(entity, "\0"),
        select_list: list,
    }
}

fn select_list(entity: &BoundEntity, alias: &str) -> String {
    listed(entity.columns.iter().map(|column| format!("{alias}.{}{}", column.sql, column.wire.read_cast)))
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
