//! Which rows a query is about, and the statements over them.

use tokio_postgres::types::Oid;

use crate::query::assignment::Assignment;
use crate::query::order::Order;
use crate::query::predicate::Predicate;
use crate::query::selection::Item;
use crate::sql::roots::{Purpose, Roots};
use crate::sql::scope::Scope;
use crate::sql::writer::Writer;
use crate::table::model::Model;
use crate::table::shape::KeyColumn;
use crate::value::scalar::Parameter;
use crate::value::sql_type::{SqlType, pg};

/// Which rows, and in which order.
#[derive(Default)]
pub(crate) struct Rows {
    pub(crate) filter: Option<Predicate>,
    pub(crate) order: Vec<Order>,
    pub(crate) limit: Option<i64>,
    pub(crate) offset: Option<i64>,
    pub(crate) lock: Option<Lock>,
}

/// What happens to rows that others have locked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lock {
    /// Wait for them.
    Wait,
    /// Leave them out.
    Skip,
}

impl Rows {
    /// Counts the rows.
    pub(crate) fn count(&self, model: &Model) -> Writer<'_> {
        let mut sql = Writer::new();
        if self.is_cut() {
            sql.push("SELECT count(*) FROM (");
            self.write(model, "1", &mut sql);
            sql.push(") AS rows");
        } else {
            sql.push("SELECT count(*) FROM ").push(model.sql_table).push(" AS t0");
            self.write_filter(&mut sql);
        }
        sql
    }

    /// Asks whether there is a row.
    pub(crate) fn exists(&self, model: &Model) -> Writer<'_> {
        let mut sql = Writer::new();
        sql.push("SELECT EXISTS (");
        self.write(model, "1", &mut sql);
        sql.push(")");
        sql
    }

    /// Changes the rows.
    pub(crate) fn update<'v>(&'v self, model: &Model, changes: &'v [Assignment]) -> Writer<'v> {
        let mut sql = Writer::new();
        self.write_picked(model, &mut sql);
        sql.push("UPDATE ").push(model.sql_table).push(" AS t0 SET ");
        for (index, Assignment { column, value }) in changes.iter().enumerate() {
            sql.push(if index > 0 { ", " } else { "" }).push(column.name).push(" = ");
            sql.bind(value.as_ref(), column.oid, column.cast);
        }
        for (name, expression) in model.touched {
            if changes.iter().all(|change| change.column.name != *name) {
                sql.push(", ").push(name).push(" = ").push(expression);
            }
        }
        self.write_target(model, &mut sql);
        sql
    }

    /// Deletes the rows.
    pub(crate) fn delete(&self, model: &Model) -> Writer<'_> {
        let mut sql = Writer::new();
        self.write_picked(model, &mut sql);
        sql.push("DELETE FROM ").push(model.sql_table).push(" AS t0");
        self.write_target(model, &mut sql);
        sql
    }

    /// Does the query leave out rows for which the filter holds?
    pub(crate) fn is_cut(&self) -> bool {
        self.limit.is_some() || self.offset.is_some() || self.lock == Some(Lock::Skip)
    }

    /// Picks the rows of a cut UPDATE or DELETE, which has no LIMIT of its own. Once only, else a plan could
    /// pick again and again; and locked, else another transaction that waits for the same row would write it
    /// after its filter ceased to hold.
    fn write_picked<'v>(&'v self, model: &Model, sql: &mut Writer<'v>) {
        if self.is_cut() {
            sql.push("WITH picked AS MATERIALIZED (");
            self.write_locked(model, &keys(model), Some(self.lock.unwrap_or(Lock::Wait)), sql);
            sql.push(") ");
        }
    }

    fn write_target<'v>(&'v self, model: &Model, sql: &mut Writer<'v>) {
        if self.is_cut() {
            sql.push(" WHERE (").push(&keys(model)).push(") IN (SELECT * FROM picked)");
        } else {
            self.write_filter(sql);
        }
    }

    fn write<'v>(&'v self, model: &Model, list: &str, sql: &mut Writer<'v>) {
        self.write_locked(model, list, self.lock, sql);
    }

    fn write_locked<'v>(&'v self, model: &Model, list: &str, lock: Option<Lock>, sql: &mut Writer<'v>) {
        sql.push("SELECT ").push(list).push(" FROM ").push(model.sql_table).push(" AS t0");
        self.write_rest(model, lock, true, sql);
    }

    fn write_rest<'v>(&'v self, model: &Model, lock: Option<Lock>, is_ordered: bool, sql: &mut Writer<'v>) {
        self.write_filter(sql);
        if is_ordered {
            self.write_order(model, sql);
        }
        self.write_limit(sql);
        write_lock(lock, sql);
    }

    pub(crate) fn write_limit<'v>(&'v self, sql: &mut Writer<'v>) {
        if let Some(limit) = &self.limit {
            sql.push(" LIMIT ").bind(limit as &dyn Parameter, pg::Int8::OID, "");
        }
        if let Some(offset) = &self.offset {
            sql.push(" OFFSET ").bind(offset as &dyn Parameter, pg::Int8::OID, "");
        }
    }

    pub(crate) fn write_filter<'v>(&'v self, sql: &mut Writer<'v>) {
        if let Some(filter) = &self.filter {
            sql.push(" WHERE ").condition(&filter.0);
        }
    }

    /// The order that was asked for, and no more.
    pub(crate) fn write_own_order<'v>(&'v self, sql: &mut Writer<'v>) {
        for (index, order) in self.order.iter().enumerate() {
            sql.push(if index == 0 { " ORDER BY " } else { ", " }).expression(&order.expression);
            order.write_direction(sql);
        }
    }

    /// Leaves at most this many rows.
    pub(crate) fn at_most(&mut self, rows: i64) {
        self.limit = Some(self.limit.map_or(rows, |limit| limit.min(rows)));
    }

    /// Every order ends in the primary key, and what is cut off is always in an order.
    pub(crate) fn write_order<'v>(&'v self, model: &Model, sql: &mut Writer<'v>) {
        if self.order.is_empty() && self.limit.is_none() && self.offset.is_none() {
            return;
        }
        self.write_own_order(sql);
        let sorted = |name| self.order.iter().any(|order| order.is_by(name));
        let mut first = self.order.is_empty();
        for column in model.key.iter().filter(|column| !sorted(column.name)) {
            sql.push(if std::mem::take(&mut first) { " ORDER BY " } else { ", " })
                .column(Scope::ROOT, column);
        }
    }
}

/// The rows of a query, as those that a load begins with.
pub(crate) struct QueryRoots<'v> {
    pub(crate) rows: &'v Rows,
    pub(crate) model: &'static Model,
    /// What is read of each row besides.
    pub(crate) more: &'v [Item],
    /// Two parts that the rows are in, where each is found by an index and both together are not; each has
    /// the limit, so there must be one. Empty: the rows are not parted. Rows that are locked cannot be.
    pub(crate) segments: &'v [Predicate],
}

impl<'v> Roots<'v> for QueryRoots<'v> {
    fn writer(&self) -> Writer<'v> {
        Writer::new()
    }

    fn write(&self, joins: &str, purpose: Purpose, sql: &mut Writer<'v>) {
        let QueryRoots { rows, model, .. } = self;
        if !self.segments.is_empty() {
            return self.write_segments(joins, sql);
        }
        let lock = rows.lock.filter(|_| purpose == Purpose::Rows);
        let is_ordered = purpose == Purpose::Rows || rows.is_cut();
        // What is cut off needs no joins.
        if rows.is_cut() && !joins.is_empty() {
            sql.push(" FROM (SELECT t0.* FROM ").push(model.sql_table).push(" AS t0");
            rows.write_rest(model, lock, true, sql);
            sql.push(") AS t0").push(joins);
            if purpose == Purpose::Rows {
                rows.write_order(model, sql);
            }
            return;
        }
        sql.push(" FROM ").push(model.sql_table).push(" AS t0").push(joins);
        rows.write_rest(model, lock, is_ordered, sql);
    }

    fn write_more(&self, sql: &mut Writer<'v>) {
        for item in self.more {
            item.write(sql.push(", "));
        }
    }

    fn more(&self) -> Vec<Oid> {
        self.more.iter().map(Item::oid).collect()
    }

    fn knows(&self, _: &[KeyColumn]) -> bool {
        false
    }

    fn write_link(&self, _: &[KeyColumn], _: &str, _: &[&str], _: &mut Writer<'v>) {}

    fn repeats(&self) -> bool {
        false
    }

    fn locks(&self) -> bool {
        self.rows.lock.is_some()
    }

    /// Looking for rows once more may cost far more than handing their keys over, which costs little: the
    /// guide to relations has the measurement.
    fn is_costly(&self) -> bool {
        self.rows.is_cut() || self.rows.filter.is_some()
    }
}

pub(crate) fn write_lock(lock: Option<Lock>, sql: &mut Writer<'_>) {
    match lock {
        Some(Lock::Wait) => sql.push(" FOR UPDATE OF t0"),
        Some(Lock::Skip) => sql.push(" FOR UPDATE OF t0 SKIP LOCKED"),
        None => sql,
    };
}

impl<'v> QueryRoots<'v> {
    /// All rows of a query, and nothing besides.
    pub(crate) fn new(rows: &'v Rows, model: &'static Model) -> Self {
        QueryRoots { rows, model, more: &[], segments: &[] }
    }

    fn write_segments(&self, joins: &str, sql: &mut Writer<'v>) {
        let QueryRoots { rows, model, .. } = self;
        for (index, Predicate(segment)) in self.segments.iter().enumerate() {
            sql.push(if index == 0 { " FROM ((" } else { ") UNION ALL (" });
            sql.push("SELECT t0.* FROM ").push(model.sql_table).push(" AS t0");
            rows.write_filter(sql);
            sql.push(if rows.filter.is_some() { " AND " } else { " WHERE " }).condition(segment);
            rows.write_order(model, sql);
            rows.write_limit(sql);
        }
        sql.push(")) AS t0").push(joins);
        rows.write_order(model, sql);
        rows.write_limit(sql);
    }
}

/// The columns of the primary key as a list.
fn keys(model: &Model) -> String {
    let keys: Vec<String> = model.key.iter().map(|column| format!("t0.{}", column.name)).collect();
    keys.join(", ")
}
