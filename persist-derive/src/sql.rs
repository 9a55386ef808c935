//! The third pass: the text of the statements. It knows nothing of tokens.

use crate::model::{BoundColumn, BoundEntity};

/// The SQL of an entity.
pub(crate) struct Statements {
    pub(crate) select_list: String,
    pub(crate) find: String,
    pub(crate) find_many: String,
    /// `None` where no column could change.
    pub(crate) update: Option<String>,
    pub(crate) delete: String,
    /// For each UNIQUE key, in the order of the entity.
    pub(crate) find_by: Vec<String>,
}

/// Writes the statements.
pub(crate) fn statements(entity: &BoundEntity) -> Statements {
    let list = select_list(entity);
    let table = &entity.table.sql;
    let by =
        |columns: &[usize]| format!("SELECT {list} FROM {table} AS t0 WHERE {}", equals(entity, columns, 1));
    Statements {
        find: by(&entity.key),
        find_many: find_many(entity, &list),
        update: update(entity, &list),
        delete: format!("DELETE FROM {table} AS t0 WHERE {}", equals(entity, &entity.key, 1)),
        find_by: entity.uniques.iter().map(|unique| by(&unique.columns)).collect(),
        select_list: list,
    }
}

fn select_list(entity: &BoundEntity) -> String {
    listed(entity.columns.iter().map(|column| format!("t0.{}{}", column.sql, column.wire.read_cast)))
}

/// The keys come as one array per column, and the rows in the order of the keys.
fn find_many(entity: &BoundEntity, list: &str) -> String {
    let key = || entity.key.iter().map(|index| &entity.columns[*index]).enumerate();
    let arrays = listed(key().map(|(index, column)| format!("${}{}", index + 1, column.wire.array_cast)));
    let names = listed(key().map(|(index, _)| format!("k{}", index + 1)).chain(["n".to_owned()]));
    let joined = key().map(|(index, column)| format!("t0.{} = k.k{}", column.sql, index + 1));
    format!(
        "SELECT {list} FROM unnest({arrays}) WITH ORDINALITY AS k({names}) JOIN {} AS t0 ON {} ORDER BY k.n",
        entity.table.sql,
        joined.collect::<Vec<_>>().join(" AND "),
    )
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
