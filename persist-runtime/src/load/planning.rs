//! The statements of a load.

use tokio_postgres::types::Oid;

use crate::load::plan::{Isolation, Plan, Planned, Plans};
use crate::session::link::Session;
use crate::sql::handed_over::{self, HandedOver, with_keys};
use crate::sql::joins::{JoinedRow, joined};
use crate::sql::relation::{Level, Parents};
use crate::sql::roots::{ByColumns, Narrowed, Roots};
use crate::sql::scope::Alias;
use crate::sql::writer::{Fragment, Writer};
use crate::table::finder::Finder;
use crate::table::shape::{ShapeModel, ToMany};
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
        Plans::of(self).kind(arrays, sees_changes).get(shape, || {
            let roots = self.roots(shape, arrays, &[]);
            let slotted = |access, sql, params, oids: Vec<Oid>| Statement::slotted(access, sql, params, oids);
            plan(shape, &roots, sees_changes, slotted).0
        })
    }

    /// Finds many rows, of whose relations something else must hold besides; and the parameters that follow the arrays.
    pub(crate) fn narrowed<'v>(
        &self,
        sees_changes: bool,
        shape: &'static ShapeModel,
        narrowed: &'v [Narrowed],
    ) -> (Plan, Vec<Collected<'v>>) {
        plan(shape, &self.roots(shape, true, narrowed), sees_changes, Statement::dynamic)
    }

    fn roots<'v>(&self, shape: &'static ShapeModel, arrays: bool, narrowed: &'v [Narrowed]) -> Roots<'v> {
        let Finder { columns, condition, .. } = *self;
        Roots::Columns(ByColumns { table: shape.into(), columns, arrays, condition, narrowed })
    }
}

/// The statements for the rows of a query, and the parameters of each.
pub(crate) fn dynamic_plan<'v>(
    session: &Session<'_>,
    shape: &'static ShapeModel,
    roots: &Roots<'v>,
) -> (Plan, Vec<Collected<'v>>) {
    plan(shape, roots, session.sees_changes(), Statement::dynamic)
}

fn plan<'v>(
    shape: &'static ShapeModel,
    roots: &Roots<'v>,
    sees_changes: bool,
    statement: fn(Access, String, Vec<Oid>, Vec<Oid>) -> Statement,
) -> (Plan, Vec<Collected<'v>>) {
    let isolation = match (joined(shape).many.is_empty(), roots.locks()) {
        (true, _) => Isolation::None,
        (false, false) => Isolation::Snapshot,
        (false, true) => Isolation::Locking,
    };
    // What is locked, or may have changed since, is not looked for again: other rows could be found.
    let hands_over = match isolation {
        Isolation::None => false,
        Isolation::Snapshot => sees_changes || roots.is_costly(),
        Isolation::Locking => true,
    };
    let mut planning =
        Planning { roots, hands_over, statement, levels: 0, statements: Vec::new(), values: Vec::new() };
    planning.roots(shape);
    let Planning { statements, values, .. } = planning;
    let (repeats, locks, writes) = (roots.repeats(), roots.locks(), roots.effect().writes());
    (Plan { statements, isolation, hands_over, repeats, locks, writes }, values)
}

/// A plan in the making.
struct Planning<'r, 'v> {
    roots: &'r Roots<'v>,
    hands_over: bool,
    statement: fn(Access, String, Vec<Oid>, Vec<Oid>) -> Statement,
    /// How many keys got a number under which they are handed over.
    levels: usize,
    statements: Vec<Planned>,
    values: Vec<Collected<'v>>,
}

/// The relations below some rows.
struct Below<'p> {
    parents: Parents<'p>,
    row: &'static JoinedRow,
    path: &'p [usize],
    repeats: bool,
    /// The relation that leads from one level of a tree to the next, which needs no statement.
    tree: Option<&'static ToMany>,
}

impl<'v> Planning<'_, 'v> {
    fn roots(&mut self, shape: &'static ShapeModel) {
        let row = joined(shape);
        let below =
            Below { parents: Parents::Roots, row, path: &[], repeats: self.roots.repeats(), tree: None };
        let mut sql = self.roots.writer();
        let handed = self.handed(&below);
        let oids = with_keys(row.oids.iter().copied().chain(self.roots.more()).collect(), &handed);
        let has_begun = self.roots.begin(&mut sql);
        handed_over::write(&handed, &mut sql, has_begun, |sql| self.roots.select(row, &handed, sql));
        self.add(below, handed, sql, oids);
    }

    /// Adds a statement and those of the relations below it: they come before it, so that its rows find them
    /// waiting, unless it must be read first.
    fn add(&mut self, below: Below<'_>, handed: Vec<HandedOver>, sql: Writer<'v>, oids: Vec<Oid>) {
        let (tables, text, params, values) = sql.into_parts();
        // Only the rows that the load begins with are locked, or written.
        let effect = if below.path.is_empty() { self.roots.effect() } else { Effect::Reads };
        let planned = Planned {
            statement: (self.statement)(Access::of(effect, tables), text, params, oids),
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

    fn relations(&mut self, below: &Below<'_>, handed: &[HandedOver]) {
        for (index, placed) in below.row.many.iter().enumerate() {
            if below.tree.is_some_and(|tree| std::ptr::eq(tree, placed.relation)) {
                continue;
            }
            let is_own = placed.alias == Alias::ROOT;
            let level = Level {
                placed,
                parents: match handed.iter().find(|handed| handed.relations.contains(&index)) {
                    Some(handed) => Parents::Handed(handed.number),
                    None => below.parents,
                },
                joins: if is_own { &Fragment::NONE } else { &below.row.joins },
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
            row: level.row(),
            path,
            repeats: repeats(level.repeats, relation),
            tree: relation.tree.map(|_| relation),
        };
        let mut sql = self.roots.writer();
        let handed = self.handed(&below);
        let oids = with_keys(level.oids(), &handed);
        handed_over::write(&handed, &mut sql, false, |sql| level.write(self.roots, &handed, sql));
        self.add(below, handed, sql, oids);
    }

    /// The keys that a statement leaves for the relations below it.
    fn handed(&mut self, below: &Below<'_>) -> Vec<HandedOver> {
        if !self.hands_over {
            return Vec::new();
        }
        let relations = below.row.many.iter().enumerate();
        let relations = relations
            .filter(|(_, placed)| below.tree.is_none_or(|tree| !std::ptr::eq(tree, placed.relation)));
        let mut handed: Vec<HandedOver> = Vec::new();
        for (index, placed) in relations {
            let key = placed.relation.key;
            match handed.iter_mut().find(|handed| handed.is_of(placed.alias, key)) {
                Some(handed) => handed.relations.push(index),
                None => {
                    self.levels += 1;
                    handed.push(HandedOver::new(index, self.levels, placed.alias, key));
                }
            }
        }
        handed
    }
}

/// Can a parent be there twice below this relation?
pub(crate) fn repeats(parents_repeat: bool, relation: &ToMany) -> bool {
    parents_repeat || relation.link.through.is_some() || relation.tree.is_some() || relation.climb.is_some()
}
