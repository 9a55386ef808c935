//! The SQL of one to-many relation.
//!
//! Which rows are read never depends on how many there are. The keys of the parents come from the parents'
//! own query, as an array sub-select: it keeps the index of the foreign key in use at every size, where a
//! join or `IN` reads the whole table.

use tokio_postgres::types::Oid;

use crate::sql::far_side::{FarSide, Near};
use crate::sql::handed_over::{self, HandedOver};
use crate::sql::joins::{JoinedRow, Placed, joined};
use crate::sql::roots::{Purpose, Roots};
use crate::sql::scope::Alias;
use crate::sql::table::Conditions;
use crate::sql::writer::{Fragment, Writer};
use crate::table::column::KeyColumn;
use crate::table::depth::MOST_LEVELS;
use crate::table::link::Climb;
use crate::table::shape::{Relation, ToMany};
use crate::value::sql_type::{SqlType, pg};

/// A relation at its place below the roots.
pub(crate) struct Level<'p> {
    pub(crate) placed: &'p Placed,
    pub(crate) parents: Parents<'p>,
    /// The joins that are needed to see the parents' keys.
    pub(crate) joins: &'p Fragment,
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

impl Level<'_> {
    fn relation(&self) -> &'static ToMany {
        self.placed.relation
    }

    /// The rows on the far side.
    pub(crate) fn row(&self) -> &'static JoinedRow {
        joined(self.relation().other.shape())
    }

    /// The types of the cells that [`write`](Self::write) selects, but for the keys that are handed over.
    pub(crate) fn oids(&self) -> Vec<Oid> {
        let row = self.row();
        if self.placed.own_link.is_some() {
            return row.oids.clone();
        }
        let key = self.relation().key.iter().map(|column| self.placed.near.columns[column.index].oid);
        let twice = self.relation().tree.map(|_| key.clone().chain([pg::Int4::OID]));
        row.oids.iter().copied().chain(key).chain(twice.into_iter().flatten()).collect()
    }

    /// Writes the query: the rows, then the key by which they find their parents, unless it is in the rows.
    /// In a tree that is the key of the first row, then the key of the row above, then the level.
    pub(crate) fn write<'v>(&self, roots: &Roots<'v>, handed: &[HandedOver], sql: &mut Writer<'v>) {
        let row = self.row();
        sql.push("SELECT ").fragment(&row.list);
        if self.placed.own_link.is_none() {
            for cell in self.link() {
                sql.push(", ").push(&cell);
            }
        }
        handed_over::write_keys(handed, sql);
        self.write_from(roots, &row.joins, sql);
        self.write_order(sql);
    }

    /// Writes the order: parent by parent, so that rows with one key arrive one after another.
    fn write_order(&self, sql: &mut Writer<'_>) {
        let relation = self.relation();
        sql.push(" ORDER BY ");
        if relation.tree.is_some() {
            sql.push("k.depth DESC, ").aliased(relation.order, Alias::ROOT);
            return;
        }
        sql.push(&self.link().join(", ")).push(", ");
        match is_numbered(relation) {
            true => sql.push("t0.\"persist:number\""),
            false if relation.climb.is_some() => sql.push("k.depth DESC"),
            false => sql.aliased(relation.order, Alias::ROOT),
        };
    }

    /// The cells by which a row finds its parent.
    fn link(&self) -> Vec<String> {
        let relation = self.relation();
        let columns = relation.link.columns.iter();
        if relation.climb.is_some() {
            return columns.map(|(_, cast)| format!("k.r1{cast}")).collect();
        }
        if relation.tree.is_some() {
            let tree = |name: &str| columns.clone().map(|(_, cast)| format!("k.{name}{cast}")).collect();
            let (root, parent): (Vec<String>, Vec<String>) = (tree("r1"), tree("p1"));
            return root.into_iter().chain(parent).chain(["k.depth".to_owned()]).collect();
        }
        let cell =
            |(index, (column, cast)): (usize, &(&str, &str))| match (relation.link.through, relation.limit) {
                (None, _) => format!("t0.{column}{cast}"),
                (Some(_), None) => format!("l.{column}{cast}"),
                (Some(_), Some(_)) => format!("k.k{}{cast}", index + 1),
            };
        columns.enumerate().map(cell).collect()
    }

    /// Writes ` FROM …` with the rows as `t0`, and the condition that they belong to a parent.
    fn write_from<'v>(&self, roots: &Roots<'v>, joins: &Fragment, sql: &mut Writer<'v>) {
        let relation = self.relation();
        let far = self.far_side();
        if relation.tree.is_some() {
            self.write_tree(roots, joins, sql);
        } else if let Some(climb) = relation.climb {
            self.write_climb(climb, roots, joins, sql);
        } else if relation.limit.is_some() {
            self.write_limited(roots, joins, sql);
        } else if (relation.key.len() == 1 && relation.is_indexed) || self.is_known(roots) {
            let mut conditions = far.from(sql);
            sql.fragment(joins);
            self.write_link(&mut conditions, roots, sql);
            self.filter(&mut conditions, roots, sql);
            conditions.finish(sql);
        } else {
            sql.push(" FROM ");
            self.write_keys_as_table(roots, sql);
            far.join(" JOIN ", write_parent, sql).finish(sql);
            sql.fragment(joins);
            let mut conditions = Conditions::of_statement();
            self.filter(&mut conditions, roots, sql);
            conditions.finish(sql);
        }
    }

    /// Adds what must hold of the rows besides belonging to a parent.
    fn filter<'v>(&self, conditions: &mut Conditions, roots: &Roots<'v>, sql: &mut Writer<'v>) {
        self.far_side().filter(conditions, sql);
        roots.narrow(self.relation(), conditions, sql);
    }

    fn far_side(&self) -> FarSide {
        FarSide::new(Relation::Many(self.relation()), Alias::ROOT)
    }

    /// At most so many rows for each parent: the index of the foreign key is entered once for each.
    fn write_limited<'v>(&self, roots: &Roots<'v>, joins: &Fragment, sql: &mut Writer<'v>) {
        let relation = self.relation();
        sql.push(" FROM ");
        self.write_keys_as_table(roots, sql);
        sql.push(" CROSS JOIN LATERAL (SELECT t0.*");
        if is_numbered(relation) {
            sql.push(", row_number() OVER (ORDER BY ").aliased(relation.order, Alias::ROOT);
            sql.push(") AS \"persist:number\"");
        }
        let far = self.far_side();
        let mut conditions = far.from(sql);
        far.refers(&mut conditions, write_parent, sql);
        self.filter(&mut conditions, roots, sql);
        conditions.finish(sql);
        sql.push(" ORDER BY ").aliased(relation.order, Alias::ROOT);
        if let Some(limit) = relation.limit {
            // A constant, so that the plan counts on it.
            sql.push(" LIMIT ").number(limit as usize);
        }
        sql.push(") AS t0").fragment(joins);
    }

    /// All descendants. A row that is its own ancestor ends the descent; each row keeps its root, because the
    /// descendants of one may be roots themselves.
    fn write_tree<'v>(&self, roots: &Roots<'v>, joins: &Fragment, sql: &mut Writer<'v>) {
        let relation = self.relation();
        let (Some(tree), [(parent, cast)]) = (relation.tree, relation.link.columns) else {
            unreachable!("a tree has one column that refers to the row above");
        };
        let (table, far) = (relation.other.shape(), self.far_side());
        let KeyColumn { name: key, ty, .. } = relation.key[0];
        // Without the length of a `varchar(50)`, which an array that grows does not keep.
        let path = if cast.is_empty() { format!("::{ty}[]") } else { String::new() };
        sql.push(&format!(
            " FROM (WITH RECURSIVE tree AS (SELECT t0.{key} AS k1, t0.{parent} AS p1, t0.{parent} AS r1, \
             ARRAY[t0.{parent}{cast}, t0.{key}{cast}]{path} AS path, 1 AS depth"
        ));
        let mut conditions = far.from(sql);
        conditions.and(sql).push(&format!("t0.{key}{cast} <> t0.{parent}{cast}"));
        self.write_link(&mut conditions, roots, sql);
        self.filter(&mut conditions, roots, sql);
        conditions.finish(sql);
        sql.push(&format!(
            " UNION ALL SELECT t0.{key}, t0.{parent}, k.r1, k.path || t0.{key}{cast}, k.depth + 1 \
             FROM tree AS k"
        ));
        far.join(" JOIN ", write_parent, sql).finish(sql);
        let mut conditions = Conditions::of_statement();
        conditions.and(sql).push(&format!("t0.{key}{cast} <> ALL (k.path)"));
        // One level more than may be, which shows that there is one.
        let depth = tree.max_depth.unwrap_or(u32::MAX).min(MOST_LEVELS + 1);
        conditions.and(sql).push("k.depth < ").number(depth as usize);
        self.filter(&mut conditions, roots, sql);
        conditions.finish(sql);
        sql.push(") SELECT * FROM tree) AS k");
        let mut on = sql.join(" JOIN ", table, Alias::ROOT);
        on.and(sql).push("t0.").push(key).push(" = k.k1");
        on.finish(sql);
        sql.fragment(joins);
    }

    /// All rows above the parents. Each keeps the parent that it was reached from, because rows have ancestors in
    /// common.
    fn write_climb<'v>(&self, climb: Climb, roots: &Roots<'v>, joins: &Fragment, sql: &mut Writer<'v>) {
        let Climb { key, ty, parent, operators } = climb;
        let table = self.relation().other.shape();
        sql.push(&format!(
            " FROM (WITH RECURSIVE climb AS (SELECT t0.{parent} AS p1, t0.{key} AS k1, t0.{key} AS r1, \
             ARRAY[t0.{key}]::{ty}[] AS path, 0 AS depth"
        ));
        let mut conditions = self.far_side().from(sql);
        self.write_link(&mut conditions, roots, sql);
        conditions.finish(sql);
        sql.push(&format!(
            " UNION ALL SELECT t0.{parent}, t0.{key}, k.r1, k.path || t0.{key}, k.depth + 1 FROM climb AS k"
        ));
        let mut on = sql.join(" JOIN ", table, Alias::ROOT);
        on.and(sql).push("t0.").push(key).operator(operators, "=").push("k.p1");
        on.finish(sql);
        sql.push(" WHERE t0.").push(key).operator(operators, "<>").push("ALL (k.path) AND k.depth < ");
        // One level more than may be, which shows that there is one.
        let depth = self.relation().max_climb.unwrap_or(u32::MAX).min(MOST_LEVELS + 1);
        sql.number(depth as usize).push(") SELECT k1, r1, depth FROM climb WHERE depth > 0) AS k");
        let mut on = sql.join(" JOIN ", table, Alias::ROOT);
        on.and(sql).push("t0.").push(key).operator(operators, "=").push("k.k1");
        on.finish(sql);
        sql.fragment(joins);
    }

    /// Writes the condition that a row refers to one of the parents by its only column.
    fn write_link<'v>(&self, conditions: &mut Conditions, roots: &Roots<'v>, sql: &mut Writer<'v>) {
        let link = &self.relation().link;
        let table = self.far_side().holder();
        let columns: Vec<&str> = link.columns.iter().map(|(column, _)| *column).collect();
        conditions.and(sql);
        if self.is_known(roots) {
            return roots.write_link(self.relation().key, table, &columns, sql);
        }
        sql.alias(table).push(".").push(columns[0]).push(" = ANY (");
        self.write_array(roots, sql);
        sql.push(")");
    }

    fn is_known(&self, roots: &Roots<'_>) -> bool {
        let is_of_roots = matches!(self.parents, Parents::Roots) && self.placed.alias == Alias::ROOT;
        is_of_roots && roots.knows(self.relation().key)
    }

    fn write_array<'v>(&self, roots: &Roots<'v>, sql: &mut Writer<'v>) {
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
        handed_over::array(number, column, self.relation().key[column].ty)
    }

    /// Writes a query for the keys of the parents, as `k1`, `k2`, ….
    fn write_keys<'v>(&self, roots: &Roots<'v>, sql: &mut Writer<'v>) {
        sql.push("SELECT ");
        for (index, column) in self.relation().key.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            sql.push(comma)
                .alias(self.placed.alias)
                .push(".")
                .push(column.name)
                .push(" AS k")
                .number(index + 1);
        }
        match self.parents {
            Parents::Roots => roots.write(self.joins, Purpose::Keys, sql),
            Parents::Level(level) => level.write_from(roots, self.joins, sql),
            Parents::Handed(_) => {}
        }
    }

    /// Writes the keys of the parents as the table `k(k1, …)`, each once.
    fn write_keys_as_table<'v>(&self, roots: &Roots<'v>, sql: &mut Writer<'v>) {
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
                let arrays = (1..=width).map(|index| format!("pg_catalog.array_agg(p.k{index}) AS a{index}"));
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

/// The column of a parent, among the keys that are there as a table.
fn write_parent(Near { index, .. }: Near, sql: &mut Writer<'_>) {
    sql.push("k.k").number(index + 1);
}

/// Must the order be kept as a number? A link table that it may name is not seen outside of a LATERAL.
fn is_numbered(relation: &ToMany) -> bool {
    relation.limit.is_some() && relation.link.through.is_some()
}
