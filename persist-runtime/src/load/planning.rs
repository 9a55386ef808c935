//! The statements of a load.

use tokio_postgres::types::Oid;

use crate::load::plan::{Bracket, Finder, Plan, Planned};
use crate::session::link::Session;
use crate::sql::joins::flat;
use crate::sql::relation::{Level, Parents, setting};
use crate::sql::roots::{ByColumns, Purpose, Roots};
use crate::sql::writer::Writer;
use crate::table::shape::{FlatShape, ShapeModel, ToMany};
use crate::value::parameters::Collected;
use crate::wire::access::{Access, Effect};
use crate::wire::statement::Statement;

impl Finder {
    /// Finds one row.
    pub(crate) fn one(&self, session: &Session<'_>, shape: &'static ShapeModel) -> &Plan {
        self.plan(shape, false, session.sees_changes())
    }

    /// Finds many rows, by one array for each column.
    pub(crate) fn many(&self, session: &Session<'_>, shape: &'static ShapeModel) -> &Plan {
        self.plan(shape, true, session.sees_changes())
    }

    fn plan(&self, shape: &'static ShapeModel, arrays: bool, sees_changes: bool) -> &Plan {
        let roots = ByColumns { sql_table: shape.sql_table, columns: self.columns, arrays };
        let slotted = |access, sql, params, oids: Vec<Oid>| Statement::slotted(access, sql, params, oids);
        self.made(arrays, sees_changes).get(shape, || plan(shape, &roots, sees_changes, slotted).0)
    }
}

/// The statements for the rows of a query, and the parameters of each.
pub(crate) fn dynamic_plan<'v>(
    session: &Session<'_>,
    shape: &'static ShapeModel,
    roots: &dyn Roots<'v>,
) -> (Plan, Vec<Collected<'v>>) {
    plan(shape, roots, session.sees_changes(), Statement::dynamic)
}

fn plan<'v>(
    shape: &'static ShapeModel,
    roots: &dyn Roots<'v>,
    sees_changes: bool,
    made: fn(Access, String, Vec<Oid>, Vec<Oid>) -> Statement,
) -> (Plan, Vec<Collected<'v>>) {
    let bracket = match (flat(shape).many.is_empty(), roots.locks()) {
        (true, _) => Bracket::None,
        (false, false) => Bracket::Snapshot,
        (false, true) => Bracket::Locking,
    };
    // What is locked, or may have changed since, is not looked for again: other rows could be found.
    let hands_over = match bracket {
        Bracket::None => false,
        Bracket::Snapshot => sees_changes || roots.is_costly(),
        Bracket::Locking => true,
    };
    let mut planning =
        Planning { roots, hands_over, made, levels: 0, statements: Vec::new(), values: Vec::new() };
    planning.roots(shape);
    let Planning { statements, values, .. } = planning;
    (Plan { statements, bracket, hands_over, repeats: roots.repeats(), locks: roots.locks() }, values)
}

/// A plan in the making.
struct Planning<'r, 'v> {
    roots: &'r dyn Roots<'v>,
    hands_over: bool,
    made: fn(Access, String, Vec<Oid>, Vec<Oid>) -> Statement,
    /// How many keys got a number under which they are handed over.
    levels: usize,
    statements: Vec<Planned>,
    values: Vec<Collected<'v>>,
}

/// The relations below some rows.
struct Below<'p> {
    parents: Parents<'p>,
    flat: &'static FlatShape,
    path: &'p [usize],
    repeats: bool,
    /// The relation that leads from one level of a tree to the next, which needs no statement.
    tree: Option<&'static ToMany>,
}

impl<'v> Planning<'_, 'v> {
    fn roots(&mut self, shape: &'static ShapeModel) {
        let flat = flat(shape);
        let below =
            Below { parents: Parents::Roots, flat, path: &[], repeats: self.roots.repeats(), tree: None };
        let mut sql = self.roots.writer();
        let from = |roots: &dyn Roots<'v>, sql: &mut Writer<'v>| roots.write(&flat.joins, Purpose::Rows, sql);
        let handed = self.handed(&below);
        let oids = with_handed(flat.oids.iter().copied().chain(self.roots.more()).collect(), &handed);
        write_handing(&handed, &mut sql, |extra, sql| {
            sql.push("SELECT ").push(&flat.list);
            self.roots.write_more(sql);
            sql.push(extra);
            from(self.roots, sql);
        });
        self.add(below, handed, sql, oids);
    }

    /// Adds a statement and those of the relations below it: they come before it, so that its rows find them waiting,
    /// unless it must be read first.
    fn add(&mut self, below: Below<'_>, handed: Vec<Handed>, sql: Writer<'v>, oids: Vec<Oid>) {
        let (text, params, values) = sql.into_parts();
        let effect = if self.roots.locks() { Effect::Locks } else { Effect::Reads };
        let planned = Planned {
            statement: (self.made)(Access::of(effect, &[]), text, params, oids),
            path: below.path.to_vec(),
        };
        if self.hands_over {
            self.statements.push(planned);
            self.values.push(values);
            self.relations(&below, &handed);
        } else {
            self.relations(&below, &handed);
            self.statements.push(planned);
            self.values.push(values);
        }
    }

    fn relations(&mut self, below: &Below<'_>, handed: &[Handed]) {
        for (index, placed) in below.flat.many.iter().enumerate() {
            if below.tree.is_some_and(|tree| std::ptr::eq(tree, placed.relation)) {
                continue;
            }
            let is_own = placed.alias == "t0";
            let level = Level {
                placed,
                parents: match handed.iter().find(|handed| handed.relations.contains(&index)) {
                    Some(handed) => Parents::Handed(handed.number),
                    None => below.parents,
                },
                joins: if is_own { "" } else { &below.flat.joins },
                repeats: below.repeats || !is_own,
            };
            let path: Vec<usize> = below.path.iter().copied().chain([index]).collect();
            self.level(&level, &path);
        }
    }

    fn level(&mut self, level: &Level<'_>, path: &[usize]) {
        let relation = level.placed.relation;
        let below = Below {
            parents: Parents::Level(level),
            flat: level.flat(),
            path,
            repeats: repeats(level.repeats, relation),
            tree: relation.tree.map(|_| relation),
        };
        let mut sql = self.roots.writer();
        let handed = self.handed(&below);
        let oids = with_handed(level.oids(), &handed);
        write_handing(&handed, &mut sql, |extra, sql| {
            sql.push("SELECT ");
            level.write_list(sql);
            sql.push(extra);
            level.write_from(self.roots, &level.flat().joins, sql);
            level.write_order(sql);
        });
        self.add(below, handed, sql, oids);
    }

    /// The keys that a statement leaves for the relations below it.
    fn handed(&mut self, below: &Below<'_>) -> Vec<Handed> {
        if !self.hands_over {
            return Vec::new();
        }
        let relations = below.flat.many.iter().enumerate();
        let relations = relations
            .filter(|(_, placed)| below.tree.is_none_or(|tree| !std::ptr::eq(tree, placed.relation)));
        let mut handed: Vec<Handed> = Vec::new();
        for (index, placed) in relations {
            let columns =
                placed.relation.key.iter().map(|column| format!("{}.{}", placed.alias, column.name));
            let columns: Vec<String> = columns.collect();
            match handed.iter_mut().find(|handed| handed.columns == columns) {
                Some(handed) => handed.relations.push(index),
                None => {
                    self.levels += 1;
                    handed.push(Handed { relations: vec![index], number: self.levels, columns });
                }
            }
        }
        handed
    }
}

/// Can a parent be there twice below this relation?
pub(crate) fn repeats(parents_repeat: bool, relation: &ToMany) -> bool {
    parents_repeat || relation.link.through.is_some() || relation.tree.is_some()
}

/// Keys that a statement leaves in settings.
struct Handed {
    /// The indices of the relations that they are for.
    relations: Vec<usize>,
    number: usize,
    /// The columns with their tables.
    columns: Vec<String>,
}

impl Handed {
    fn names(&self) -> impl Iterator<Item = (String, String, &str)> {
        let name = |column| format!("persist_k{}_{column}", self.number);
        let columns = self.columns.iter().enumerate();
        columns.map(move |(column, text)| (name(column), setting(self.number, column), text.as_str()))
    }
}

/// The columns behind the list have no type that was known when the program was built.
fn with_handed(mut oids: Vec<Oid>, handed: &[Handed]) -> Vec<Oid> {
    oids.extend(handed.iter().flat_map(|handed| handed.columns.iter().map(|_| 0)));
    oids
}

/// Writes a query. Where keys are handed over, it is run once, and its keys are kept in settings of the transaction.
fn write_handing<'v>(handed: &[Handed], sql: &mut Writer<'v>, query: impl FnOnce(&str, &mut Writer<'v>)) {
    if handed.is_empty() {
        return query("", sql);
    }
    let columns = || handed.iter().flat_map(Handed::names);
    let list: String = columns().map(|(name, _, column)| format!(", {column} AS {name}")).collect();
    let kept = columns().map(|(name, setting, _)| {
        // An empty list of keys would be NULL, which is no array.
        format!("set_config('{setting}', coalesce((SELECT array_agg(r.{name}) FROM r)::text, '{{}}'), true)")
    });
    sql.push("WITH r AS MATERIALIZED (");
    query(&list, sql);
    sql.push("), k AS MATERIALIZED (SELECT ").push(&kept.collect::<Vec<_>>().join(", "));
    // A join with `k` would never ask for it where there are no rows, and leave the settings of the load before.
    sql.push(") SELECT r.* FROM r WHERE (SELECT count(*) FROM k) = 1");
}
