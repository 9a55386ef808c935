//! The way from a row of a tree up to its root. A row that is above itself ends it.

use crate::sql::scope::Alias;
use crate::sql::table::TableRef;
use crate::sql::writer::Writer;
use crate::table::derived::Line;
use crate::table::link::Climb;

impl<'v> Writer<'v> {
    /// Adds a value of a row and of those above it, as a sub-select.
    pub(crate) fn line(&mut self, line: &Line, row: Alias) -> &mut Self {
        let Line { climb, listed, .. } = line;
        let near = |column, sql: &mut Writer<'v>| {
            sql.alias(row).push(".").push(column);
        };
        let Some(listed) = listed else {
            write_keys(*climb, line, near, self.push("("));
            return self.push(" SELECT (count(*) - 1)::int4 FROM c)");
        };
        let Climb { key, ty, parent, operators } = *climb;
        near(parent, self.push("(WITH RECURSIVE c AS (SELECT "));
        near(listed, self.push(" AS p1, "));
        near(key, self.push(" AS v1, ARRAY["));
        self.push("]::").push(ty).push("[] AS path, 0 AS depth UNION ALL SELECT a.").push(parent);
        self.push(", a.").push(listed).push(", c.path || a.").push(key).push(", c.depth + 1 FROM c");
        let mut on = self.join(" JOIN ", line, Alias::Aggregated);
        on.and(self).push("a.").push(key).operator(operators, "=").push("c.p1");
        on.finish(self);
        self.push(" WHERE a.").push(key).operator(operators, "<>").push("ALL (c.path))");
        self.push(" SELECT pg_catalog.array_agg(c.v1 ORDER BY c.depth DESC) FROM c)")
    }
}

/// Adds the condition that a row, of which the table has the alias `above`, is above the one whose columns `near` writes.
pub(crate) fn write_is_above<'v>(
    climb: Climb,
    table: impl Into<TableRef>,
    above: Alias,
    near: impl Fn(&'static str, &mut Writer<'v>),
    sql: &mut Writer<'v>,
) {
    let Climb { key, operators, .. } = climb;
    // As an array it is read once, and the index of the key is entered with it.
    sql.alias(above).push(".").push(key).operator(operators, "=").push("ANY (ARRAY(");
    write_keys(climb, table, &near, sql);
    sql.push(" SELECT c.k1 FROM c)) AND ").alias(above).push(".").push(key).operator(operators, "<>");
    near(key, sql);
}

/// Adds `WITH RECURSIVE c`: the keys of a row and of all above it, each once.
fn write_keys<'v>(
    climb: Climb,
    table: impl Into<TableRef>,
    near: impl Fn(&'static str, &mut Writer<'v>),
    sql: &mut Writer<'v>,
) {
    let Climb { key, parent, operators, .. } = climb;
    near(key, sql.push("WITH RECURSIVE c AS (SELECT "));
    near(parent, sql.push(" AS k1, "));
    sql.push(" AS p1 UNION SELECT a.").push(key).push(", a.").push(parent).push(" FROM c");
    let mut on = sql.join(" JOIN ", table, Alias::Aggregated);
    on.and(sql).push("a.").push(key).operator(operators, "=").push("c.p1");
    on.finish(sql);
    sql.push(")");
}
