//! The rows that a load begins with. Their table has the alias `t0`.

use tokio_postgres::types::Oid;

use crate::sql::expression::Condition;
use crate::sql::handed_over::{self, HandedOver};
use crate::sql::joins::JoinedRow;
use crate::sql::rows::Rows;
use crate::sql::scope::Alias;
use crate::sql::table::{Conditions, TableRef};
use crate::sql::values::ReadValue;
use crate::sql::writer::{Fragment, Writer};
use crate::sql::written::WrittenRows;
use crate::table::column::{ColumnModel, KeyColumn};
use crate::table::shape::ToMany;
use crate::wire::access::Effect;

/// The rows that a load begins with.
pub(crate) enum Roots<'v> {
    /// Those that are found by values of columns.
    Columns(ByColumns<'v>),
    /// Those of a query.
    Query(QueryRoots<'v>),
    /// Those that the same statement changes or deletes.
    Written(WrittenRows<'v>),
}

/// The rows whose columns have values that are parameters: one each, or one array for each column.
pub(crate) struct ByColumns<'v> {
    pub(crate) table: TableRef,
    pub(crate) columns: &'static [&'static ColumnModel],
    pub(crate) arrays: bool,
    /// Set where the columns need not be equal to the values: what must hold of a row.
    pub(crate) condition: Option<&'static str>,
    /// What must hold of the rows of relations besides.
    pub(crate) narrowed: &'v [Narrowed],
}

/// The rows of a query.
pub(crate) struct QueryRoots<'v> {
    pub(crate) rows: Rows<'v>,
    /// What is read of each row besides.
    pub(crate) more: Vec<ReadValue<'v>>,
    /// Two parts that the rows are in, where each is found by an index and both together are not; each has
    /// the limit, so there must be one. Empty: the rows are not parted. Rows that are locked cannot be.
    pub(crate) segments: Vec<&'v Condition>,
    /// What must hold of the rows of relations besides.
    pub(crate) narrowed: &'v [Narrowed],
}

/// A condition on the rows of a relation, whose table is `t0` for it.
#[derive(Clone)]
pub(crate) struct Narrowed {
    pub(crate) relation: &'static ToMany,
    pub(crate) condition: Condition,
}

/// What the text about some rows is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The rows are read, in their order.
    Rows,
    /// Their keys are looked up for a relation; the order matters only where it decides which rows there are.
    Keys,
}

impl<'v> Roots<'v> {
    /// A writer that knows the parameters which every statement of the load takes.
    pub(crate) fn writer(&self) -> Writer<'v> {
        match self {
            Roots::Columns(ByColumns { columns, arrays, .. }) => {
                let oid = |column: &&ColumnModel| if *arrays { column.array_oid } else { column.oid };
                Writer::with_parameters(columns.iter().map(oid).collect())
            }
            Roots::Query(_) | Roots::Written(_) => Writer::new(),
        }
    }

    /// Begins the statement that reads them: is there a WITH already?
    pub(crate) fn begin(&self, sql: &mut Writer<'v>) -> bool {
        match self {
            Roots::Written(written) => {
                written.begin(sql);
                true
            }
            Roots::Columns(_) | Roots::Query(_) => false,
        }
    }

    /// Writes the query for the rows.
    pub(crate) fn select(&self, row: &JoinedRow, handed: &[HandedOver], sql: &mut Writer<'v>) {
        sql.push("SELECT ").fragment(&row.list);
        self.write_more(sql);
        handed_over::write_keys(handed, sql);
        self.write(&row.joins, Purpose::Rows, sql);
    }

    /// Writes ` FROM …` with the joins, and all that decides which rows there are.
    pub(crate) fn write(&self, joins: &Fragment, purpose: Purpose, sql: &mut Writer<'v>) {
        match self {
            Roots::Columns(by) if by.arrays => by.write_arrays(joins, purpose, sql),
            Roots::Columns(by) => by.write_values(joins, sql),
            Roots::Query(query) => query.write(joins, purpose, sql),
            Roots::Written(written) => written.write_from(joins, sql),
        }
    }

    /// Writes what is read after the cells of each row, each with a comma in front.
    fn write_more(&self, sql: &mut Writer<'v>) {
        let Roots::Query(QueryRoots { more, .. }) = self else { return };
        for value in more {
            value.write(sql.push(", "));
        }
    }

    /// The types of the cells that [`write_more`](Self::write_more) writes.
    pub(crate) fn more(&self) -> impl Iterator<Item = Oid> {
        let more = match self {
            Roots::Columns(_) | Roots::Written(_) => &[],
            Roots::Query(query) => query.more.as_slice(),
        };
        more.iter().map(|value| value.column.oid)
    }

    /// Are these columns of the rows known without reading the rows?
    pub(crate) fn knows(&self, key: &[KeyColumn]) -> bool {
        match self {
            Roots::Columns(by) => by.knows(key),
            Roots::Query(_) | Roots::Written(_) => false,
        }
    }

    /// Writes the condition that columns of `table` are such known columns of one of the rows.
    pub(crate) fn write_link(&self, key: &[KeyColumn], table: Alias, columns: &[&str], sql: &mut Writer<'v>) {
        match self {
            Roots::Columns(by) => by.write_link(key, table, columns, sql),
            Roots::Query(_) | Roots::Written(_) => {}
        }
    }

    /// Adds what must hold of the rows of a relation besides its own filter.
    pub(crate) fn narrow(
        &self,
        relation: &'static ToMany,
        conditions: &mut Conditions,
        sql: &mut Writer<'v>,
    ) {
        let narrowed: &'v [Narrowed] = match self {
            Roots::Query(QueryRoots { narrowed, .. }) | Roots::Columns(ByColumns { narrowed, .. }) => {
                narrowed
            }
            Roots::Written(_) => &[],
        };
        for Narrowed { condition, .. } in narrowed.iter().filter(|by| std::ptr::eq(by.relation, relation)) {
            conditions.and(sql).condition(condition);
        }
    }

    /// May a row be there twice?
    pub(crate) fn repeats(&self) -> bool {
        matches!(self, Roots::Columns(ByColumns { arrays: true, .. }))
    }

    /// Are the rows locked?
    pub(crate) fn locks(&self) -> bool {
        self.effect() != Effect::Reads
    }

    /// What reading them does.
    pub(crate) fn effect(&self) -> Effect {
        match self {
            Roots::Written(written) => written.effect(),
            Roots::Query(query) if query.rows.lock.is_some() => Effect::Locks,
            Roots::Columns(_) | Roots::Query(_) => Effect::Reads,
        }
    }

    /// Does reading the rows cost more than handing their keys over? Looking for the rows of a query once
    /// more may cost far more than handing their keys over, which costs little: the guide to relations has
    /// the measurement.
    pub(crate) fn is_costly(&self) -> bool {
        matches!(self, Roots::Query(query) if query.rows.is_cut() || query.rows.filter.is_some())
    }
}

impl ByColumns<'_> {
    fn write_values(&self, joins: &Fragment, sql: &mut Writer<'_>) {
        let mut conditions = sql.from(self.table, Alias::ROOT);
        sql.fragment(joins);
        if let Some(condition) = self.condition {
            conditions.and(sql).aliased(condition, Alias::ROOT);
            return conditions.finish(sql);
        }
        for (index, column) in self.columns.iter().enumerate() {
            conditions.and(sql).push("t0.").push(column.name).operator(column.operators, "=");
            sql.placeholder(index + 1, column.cast);
        }
        conditions.finish(sql);
    }

    /// The keys come as one array for each column, and the rows in the order of the keys.
    fn write_arrays(&self, joins: &Fragment, purpose: Purpose, sql: &mut Writer<'_>) {
        sql.push(" FROM unnest(");
        for (index, column) in self.columns.iter().enumerate() {
            sql.comma(index).placeholder(index + 1, column.unnested().0);
        }
        sql.push(") WITH ORDINALITY AS k(");
        for index in 0..self.columns.len() {
            sql.push("k").number(index + 1).push(", ");
        }
        sql.push("n)");
        let mut on = sql.join(" JOIN ", self.table, Alias::ROOT);
        for (index, column) in self.columns.iter().enumerate() {
            on.and(sql).push("t0.").push(column.name).operator(column.operators, "=");
            sql.push("k.k").number(index + 1).push(column.unnested().1);
        }
        on.finish(sql);
        sql.fragment(joins);
        if purpose == Purpose::Rows {
            sql.push(" ORDER BY k.n");
        }
    }

    fn knows(&self, key: &[KeyColumn]) -> bool {
        let is_known = |column: &KeyColumn| self.columns.iter().any(|ours| ours.name == column.name);
        self.condition.is_none()
            && key.len() == self.columns.len()
            && key.iter().all(is_known)
            && (!self.arrays || key.len() == 1)
    }

    fn write_link(&self, key: &[KeyColumn], table: Alias, columns: &[&str], sql: &mut Writer<'_>) {
        for (index, (column, name)) in key.iter().zip(columns).enumerate() {
            let Some(position) = self.columns.iter().position(|ours| ours.name == column.name) else {
                continue;
            };
            sql.push(if index > 0 { " AND " } else { "" }).alias(table).push(".").push(name);
            let known = self.columns[position];
            sql.operator(known.operators, "=");
            if self.arrays {
                sql.push("ANY (").placeholder(position + 1, known.array_cast).push(")");
            } else {
                sql.placeholder(position + 1, known.cast);
            }
        }
    }
}

impl<'v> QueryRoots<'v> {
    /// All rows of a query, and nothing besides.
    pub(crate) fn new(rows: Rows<'v>) -> Self {
        QueryRoots { rows, more: Vec::new(), segments: Vec::new(), narrowed: &[] }
    }

    fn write(&self, joins: &Fragment, purpose: Purpose, sql: &mut Writer<'v>) {
        let QueryRoots { rows, segments, .. } = self;
        if !segments.is_empty() {
            return rows.write_segments(segments, joins, sql);
        }
        let lock = rows.lock.filter(|_| purpose == Purpose::Rows);
        let is_ordered = purpose == Purpose::Rows || rows.is_cut();
        // What is cut off needs no joins.
        if rows.is_cut() && !joins.is_empty() {
            sql.push(" FROM (SELECT t0.*");
            rows.write_from(&Fragment::NONE, lock, true, sql);
            sql.push(") AS t0").fragment(joins);
            if purpose == Purpose::Rows {
                rows.write_order(sql);
            }
            return;
        }
        rows.write_from(joins, lock, is_ordered, sql);
    }
}
