//! The SQL of one to-many relation.
//!
//! Which rows are read never depends on how many there are. The keys of the parents come from the parents' own query, as an
//! array sub-select: it keeps the index of the foreign key in use at every size, where a join or `IN` reads the whole table.

use tokio_postgres::types::Oid;

use crate::sql::joins::{aliased, flat, own_link};
use crate::sql::roots::{Purpose, Roots};
use crate::sql::writer::Writer;
use crate::table::shape::{FlatShape, KeyColumn, Placed, ToMany};

/// A relation at its place below the roots.
pub(crate) struct Level<'p> {
    pub(crate) placed: &'p Placed,
    pub(crate) parents: Parents<'p>,
    /// The joins that are needed to see the parents' keys.
    pub(crate) joins: &'p str,
    /// May a parent be there twice?
    pub(crate) repeats: bool,
}

/// The rows on the near side of a relation.
#[derive(Clone, Copy)]
pub(crate) enum Parents<'p> {
    /// Those that the load begins with.
    Roots,
    /// Those of another relation.
    Level(&'p Level<'p>),
    /// Those whose keys an earlier statement left in the settings of this number.
    Handed(usize),
}

/// The settings by which keys are handed over.
pub(crate) fn setting(level: usize, column: usize) -> String {
    format!("persist.k{level}_{column}")
}

impl Level<'_> {
    fn relation(&self) -> &'static ToMany {
        self.placed.relation
    }

    /// The rows on the far side.
    pub(crate) fn flat(&self) -> &'static FlatShape {
        flat((self.relation().shape)())
    }

    /// The types of the cells that [`Self::write_list`] writes.
    pub(crate) fn oids(&self) -> Vec<Oid> {
        if own_link(self.relation()).is_some() {
            return self.flat().oids.clone();
        }
        let key = self.relation().key.iter().map(|column| self.placed.oids[column.index]);
        let twice = self.relation().tree.map(|_| key.clone());
        self.flat().oids.iter().copied().chain(key).chain(twice.into_iter().flatten()).collect()
    }

    /// Writes what is selected: the rows, then the key by which they find their parents, unless it is in the rows. In a tree
    /// that is the key of the first row, then the key of the row above.
    pub(crate) fn write_list(&self, sql: &mut Writer<'_>) {
        sql.push(&self.flat().list);
        if own_link(self.relation()).is_some() {
            return;
        }
        for cell in self.link() {
            sql.push(", ").push(&cell);
        }
    }

    /// Writes the order: parent by parent, so that rows with one key arrive behind each other.
    pub(crate) fn write_order(&self, sql: &mut Writer<'_>) {
        let relation = self.relation();
        sql.push(" ORDER BY ");
        if relation.tree.is_some() {
            sql.push("k.depth DESC, ").push(&aliased(relation.order, "t0"));
            return;
        }
        sql.push(&self.link().join(", ")).push(", ");
        match is_numbered(relation) {
            true => sql.push("t0.persist_number"),
            false => sql.push(&aliased(relation.order, "t0")),
        };
    }

    /// The cells by which a row finds its parent.
    fn link(&self) -> Vec<String> {
        let relation = self.relation();
        let columns = relation.link.columns.iter().enumerate();
        if relation.tree.is_some() {
            let tree = |name: &str| columns.clone().map(|(_, (_, cast))| format!("k.{name}{cast}")).collect();
            let (root, parent): (Vec<String>, Vec<String>) = (tree("r1"), tree("p1"));
            return root.into_iter().chain(parent).collect();
        }
        let cell =
            |(index, (column, cast)): (usize, &(&str, &str))| match (relation.link.through, relation.limit) {
                (None, _) => format!("t0.{column}{cast}"),
                (Some(_), None) => format!("l.{column}{cast}"),
                (Some(_), Some(_)) => format!("k.k{}{cast}", index + 1),
            };
        columns.map(cell).collect()
    }

    /// Writes ` FROM …` with the rows as `t0`, and the condition that they belong to a parent.
    pub(crate) fn write_from<'v>(&self, roots: &dyn Roots<'v>, joins: &str, sql: &mut Writer<'v>) {
        let relation = self.relation();
        if relation.tree.is_some() {
            self.write_tree(roots, joins, sql);
        } else if relation.limit.is_some() {
            self.write_limited(roots, joins, sql);
        } else if (relation.key.len() == 1 && relation.is_indexed) || self.is_known(roots) {
            self.write_tables(sql);
            sql.push(joins).push(" WHERE ");
            self.write_link(roots, sql);
            self.write_filter(" AND ", sql);
        } else {
            sql.push(" FROM ");
            self.write_keys_as_table(roots, sql);
            self.write_far_side(" JOIN ", &|column, index| format!("{column} = k.k{index}"), sql);
            sql.push(joins);
            self.write_filter(" WHERE ", sql);
        }
    }

    fn write_tables(&self, sql: &mut Writer<'_>) {
        self.write_far_side(" FROM ", &|_, _| String::new(), sql);
    }

    /// Writes the table on the far side, behind the link table if there is one. `on` makes the condition for a column that
    /// refers to this side, from its name and its number; it makes none where `FROM` begins with the table.
    fn write_far_side(&self, word: &str, on: &dyn Fn(&str, usize) -> String, sql: &mut Writer<'_>) {
        let table = (self.relation().shape)().sql_table;
        let Some(through) = self.relation().link.through else {
            sql.push(word).push(table).push(" AS t0");
            return self.write_on("t0", on, sql);
        };
        sql.push(word).push(through.table).push(" AS l");
        self.write_on("l", on, sql);
        sql.push(" JOIN ").push(table).push(" AS t0 ON ");
        for (index, (link, far)) in through.on.iter().enumerate() {
            let and = if index > 0 { " AND " } else { "" };
            sql.push(&format!("{and}t0.{far} = l.{link}"));
        }
    }

    fn write_on(&self, table: &str, on: &dyn Fn(&str, usize) -> String, sql: &mut Writer<'_>) {
        for (index, (column, _)) in self.relation().link.columns.iter().enumerate() {
            let condition = on(&format!("{table}.{column}"), index + 1);
            if !condition.is_empty() {
                sql.push(if index > 0 { " AND " } else { " ON " }).push(&condition);
            }
        }
    }

    /// At most so many rows for each parent: the index of the foreign key is entered once for each.
    fn write_limited<'v>(&self, roots: &dyn Roots<'v>, joins: &str, sql: &mut Writer<'v>) {
        let relation = self.relation();
        sql.push(" FROM ");
        self.write_keys_as_table(roots, sql);
        let order = aliased(relation.order, "t0");
        sql.push(" CROSS JOIN LATERAL (SELECT t0.*");
        if is_numbered(relation) {
            sql.push(", row_number() OVER (ORDER BY ").push(&order).push(") AS persist_number");
        }
        self.write_tables(sql);
        let table = if relation.link.through.is_some() { "l" } else { "t0" };
        for (index, (column, _)) in relation.link.columns.iter().enumerate() {
            let and = if index > 0 { " AND " } else { " WHERE " };
            sql.push(&format!("{and}{table}.{column} = k.k{}", index + 1));
        }
        self.write_filter(" AND ", sql);
        sql.push(" ORDER BY ").push(&order);
        if let Some(limit) = relation.limit {
            // A constant, so that the plan counts on it.
            sql.push(" LIMIT ").number(limit as usize);
        }
        sql.push(") AS t0").push(joins);
    }

    /// All descendants. A row that is its own ancestor ends the descent; roots are told apart, because the descendants of one
    /// may be roots themselves.
    fn write_tree<'v>(&self, roots: &dyn Roots<'v>, joins: &str, sql: &mut Writer<'v>) {
        let relation = self.relation();
        let (Some(tree), [(parent, cast)]) = (relation.tree, relation.link.columns) else {
            unreachable!("a tree has one column that refers to the row above");
        };
        let table = (relation.shape)().sql_table;
        let KeyColumn { name: key, ty, .. } = relation.key[0];
        // Without the length of a `varchar(50)`, which an array that grows does not keep.
        let path = if cast.is_empty() { format!("::{ty}[]") } else { String::new() };
        sql.push(&format!(
            " FROM (WITH RECURSIVE tree AS (SELECT t0.{key} AS k1, t0.{parent} AS p1, t0.{parent} AS r1, \
             ARRAY[t0.{parent}{cast}, t0.{key}{cast}]{path} AS path, 1 AS depth FROM {table} AS t0 \
             WHERE t0.{key}{cast} <> t0.{parent}{cast} AND "
        ));
        self.write_link(roots, sql);
        self.write_filter(" AND ", sql);
        sql.push(&format!(
            " UNION ALL SELECT t0.{key}, t0.{parent}, k.r1, k.path || t0.{key}{cast}, k.depth + 1 \
             FROM tree AS k JOIN {table} AS t0 ON t0.{parent} = k.k1 WHERE t0.{key}{cast} <> ALL (k.path)"
        ));
        if let Some(depth) = tree.max_depth {
            sql.push(" AND k.depth < ").number(depth as usize);
        }
        self.write_filter(" AND ", sql);
        sql.push(&format!(") SELECT * FROM tree) AS k JOIN {table} AS t0 ON t0.{key} = k.k1"));
        sql.push(joins);
    }

    fn write_filter(&self, word: &str, sql: &mut Writer<'_>) {
        if !self.relation().filter.is_empty() {
            sql.push(word).push("(").push(&aliased(self.relation().filter, "t0")).push(")");
        }
    }

    /// Writes the condition that a row refers to one of the parents by its only column.
    fn write_link<'v>(&self, roots: &dyn Roots<'v>, sql: &mut Writer<'v>) {
        let link = &self.relation().link;
        let table = if link.through.is_some() { "l" } else { "t0" };
        let columns: Vec<&str> = link.columns.iter().map(|(column, _)| *column).collect();
        if self.is_known(roots) {
            return roots.write_link(self.relation().key, table, &columns, sql);
        }
        sql.push(table).push(".").push(columns[0]).push(" = ANY (");
        self.write_array(roots, sql);
        sql.push(")");
    }

    fn is_known(&self, roots: &dyn Roots<'_>) -> bool {
        let is_of_roots = matches!(self.parents, Parents::Roots) && self.placed.alias == "t0";
        is_of_roots && roots.knows(self.relation().key)
    }

    fn write_array<'v>(&self, roots: &dyn Roots<'v>, sql: &mut Writer<'v>) {
        if let Parents::Handed(number) = self.parents {
            // As a sub-select it is read once; a scan of the table would read it again for every row.
            let ty = self.relation().key[0].ty;
            sql.push(&format!("(SELECT {})::{ty}[]", self.handed(number, 0)));
            return;
        }
        sql.push("ARRAY(");
        self.write_keys(roots, sql);
        sql.push(")");
    }

    fn handed(&self, number: usize, column: usize) -> String {
        format!("current_setting('{}')::{}[]", setting(number, column), self.relation().key[column].ty)
    }

    /// Writes a query for the keys of the parents, as `k1`, `k2`, ….
    fn write_keys<'v>(&self, roots: &dyn Roots<'v>, sql: &mut Writer<'v>) {
        let alias = &self.placed.alias;
        sql.push("SELECT ");
        for (index, column) in self.relation().key.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            sql.push(comma).push(alias).push(".").push(column.name).push(" AS k").number(index + 1);
        }
        match self.parents {
            Parents::Roots => roots.write(self.joins, Purpose::Keys, sql),
            Parents::Level(level) => level.write_from(roots, self.joins, sql),
            Parents::Handed(_) => {}
        }
    }

    /// Writes the keys of the parents as the table `k(k1, …)`, each once.
    fn write_keys_as_table<'v>(&self, roots: &dyn Roots<'v>, sql: &mut Writer<'v>) {
        let width = self.relation().key.len();
        let names =
            |letter: char| (1..=width).map(|index| format!("{letter}{index}")).collect::<Vec<_>>().join(", ");
        if self.repeats {
            sql.push("(SELECT DISTINCT u.* FROM ");
        }
        let table = if self.repeats { "u" } else { "k" };
        match self.parents {
            Parents::Handed(number) => {
                let arrays: Vec<String> = (0..width).map(|column| self.handed(number, column)).collect();
                sql.push("unnest(").push(&arrays.join(", ")).push(")");
            }
            Parents::Roots | Parents::Level(_) if width == 1 => {
                sql.push("unnest(");
                self.write_array(roots, sql);
                sql.push(")");
            }
            // An array for each column, because comparing rows with an array of rows uses no index.
            Parents::Roots | Parents::Level(_) => {
                let arrays = (1..=width).map(|index| format!("array_agg(p.k{index}) AS a{index}"));
                sql.push("(SELECT ").push(&arrays.collect::<Vec<_>>().join(", ")).push(" FROM (");
                self.write_keys(roots, sql);
                let arrays = (1..=width).map(|index| format!("p.a{index}"));
                sql.push(") AS p) AS p CROSS JOIN LATERAL unnest(");
                sql.push(&arrays.collect::<Vec<_>>().join(", ")).push(")");
            }
        }
        sql.push(" AS ").push(table).push("(").push(&names('k')).push(")");
        if self.repeats {
            sql.push(") AS k");
        }
    }
}

/// Must the order be kept as a number? A link table that it may name is not seen behind a LATERAL.
fn is_numbered(relation: &ToMany) -> bool {
    relation.limit.is_some() && relation.link.through.is_some()
}
