//! The rows of one table that a query is about, and the statements over them.

use bytes::BytesMut;
use tokio_postgres::types::Type;

use crate::sql::expression::{Condition, Expression};
use crate::sql::scope::Alias;
use crate::sql::table::{Conditions, TableRef};
use crate::sql::writer::{Fragment, Writer};
use crate::table::column::ColumnModel;
use crate::value::parameters::Parameters as _;
use crate::value::scalar::Parameter;
use crate::value::sql_type::{SqlType, pg};

/// Which rows, and in which order.
pub(crate) struct Rows<'v> {
    pub(crate) table: TableRef,
    /// The primary key.
    pub(crate) key: &'static [&'static ColumnModel],
    pub(crate) filter: Option<&'v Condition>,
    /// The order that was asked for.
    pub(crate) order: Vec<SortKey<'v>>,
    pub(crate) limit: Option<&'v i64>,
    pub(crate) offset: Option<&'v i64>,
    pub(crate) lock: Option<Lock>,
}

/// What rows are sorted by, and how.
#[derive(Clone, Copy)]
pub(crate) struct SortKey<'v> {
    pub(crate) expression: &'v Expression,
    pub(crate) direction: Direction,
}

/// Which of two values comes first.
#[derive(Clone, Copy)]
pub(crate) struct Direction {
    pub(crate) descending: bool,
    /// Where NULLs are; `None` leaves it to PostgreSQL: last, or first if the order is descending.
    pub(crate) nulls_first: Option<bool>,
}

/// What happens to rows that others have locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lock {
    /// Wait for them.
    Wait,
    /// Leave them out.
    Skip,
}

impl<'v> Rows<'v> {
    /// Counts the rows.
    pub(crate) fn count(&self) -> Writer<'v> {
        let mut sql = Writer::new();
        sql.push("SELECT count(*)");
        if self.is_cut() {
            sql.push(" FROM (SELECT 1");
            self.write_some(&mut sql);
            sql.push(") AS rows");
        } else {
            self.write_filtered(&mut sql);
        }
        sql
    }

    /// Asks whether there is a row.
    pub(crate) fn exists(&self) -> Writer<'v> {
        let mut sql = Writer::new();
        sql.push("SELECT EXISTS (SELECT 1");
        self.write_some(&mut sql);
        sql.push(")");
        sql
    }

    /// Writes ` FROM …` for so many of the rows: which of them matters only where they are locked.
    fn write_some(&self, sql: &mut Writer<'v>) {
        self.write_from(&Fragment::NONE, self.lock, self.lock.is_some(), sql);
    }

    /// Does the query leave out rows for which the filter holds?
    pub(crate) fn is_cut(&self) -> bool {
        self.limit.is_some() || self.offset.is_some() || self.lock == Some(Lock::Skip)
    }

    /// Picks the rows of a cut UPDATE or DELETE, which has no LIMIT of its own. Once only, else a plan could
    /// pick again and again; and locked, else another transaction that waits for the same row would write it
    /// after its filter ceased to hold.
    pub(crate) fn write_picked(&self, sql: &mut Writer<'v>) {
        sql.push("picked AS MATERIALIZED (SELECT ");
        self.write_key(sql);
        self.write_from(&Fragment::NONE, Some(self.lock.unwrap_or(Lock::Wait)), true, sql);
        sql.push(")");
    }

    /// Writes which rows an UPDATE or DELETE is about.
    pub(crate) fn write_target(&self, mut conditions: Conditions, sql: &mut Writer<'v>) {
        if self.is_cut() {
            // Not by IN, whose operators cannot be named.
            let mut picked = Conditions::of_statement();
            conditions.and(sql).push("EXISTS (SELECT FROM picked AS p(");
            for index in 0..self.key.len() {
                sql.comma(index).push("k").number(index + 1);
            }
            sql.push(")");
            for (index, column) in self.key.iter().enumerate() {
                picked.and(sql).push("p.k").number(index + 1).operator(column.operators, "=");
                sql.column(Alias::ROOT, column);
            }
            picked.finish(sql);
            sql.push(")");
        } else if let Some(filter) = self.filter {
            conditions.and(sql).condition(filter);
        }
        conditions.finish(sql);
    }

    fn write_key(&self, sql: &mut Writer<'v>) {
        for (index, column) in self.key.iter().enumerate() {
            sql.comma(index).column(Alias::ROOT, column);
        }
    }

    /// Writes ` FROM …` and all that decides which rows there are.
    pub(crate) fn write_from(
        &self,
        joins: &Fragment,
        lock: Option<Lock>,
        is_ordered: bool,
        sql: &mut Writer<'v>,
    ) {
        self.write_joined(joins, is_ordered, sql).finish(sql);
        if is_ordered {
            self.write_order(sql);
        }
        self.write_limit(sql);
        write_lock(lock, sql);
        sql.leave_sorted();
    }

    /// Writes ` FROM …` and the filter.
    pub(crate) fn write_filtered(&self, sql: &mut Writer<'v>) {
        self.write_joined(&Fragment::NONE, false, sql).finish(sql);
    }

    fn write_joined(&self, joins: &Fragment, is_ordered: bool, sql: &mut Writer<'v>) -> Conditions {
        let mut conditions = sql.from(self.table, Alias::ROOT);
        sql.fragment(joins);
        if is_ordered {
            self.order.iter().for_each(|by| sql.join_sorted(by.expression));
        }
        if let Some(filter) = self.filter {
            conditions.and(sql).condition(filter);
        }
        conditions
    }

    /// The texts of the order that was asked for, with the values in it, and of the filter.
    pub(crate) fn texts(&self) -> (String, String) {
        let (mut order, mut filter) = (Writer::new(), Writer::new());
        self.write_own_order(&mut order);
        if let Some(condition) = self.filter {
            filter.push(" WHERE ").condition(condition);
        }
        let (_, mut order, oids, values) = order.into_parts();
        for (index, oid) in oids.into_iter().enumerate() {
            let (ty, mut sent) = (Type::from_oid(oid).unwrap_or(Type::UNKNOWN), BytesMut::new());
            // What cannot be written is an error when the statement is sent.
            let written = values.write(index, &ty, &mut sent).is_ok();
            order.push_str(&format!(" {written} {sent:02x}"));
        }
        (order, filter.into_text())
    }

    /// Writes ` FROM …` with rows that are in several parts: each is found by an index and all together are
    /// not. Each has the limit, so there must be one.
    pub(crate) fn write_segments(&self, segments: &[&'v Condition], joins: &Fragment, sql: &mut Writer<'v>) {
        for (index, segment) in segments.iter().enumerate() {
            sql.push(if index == 0 { " FROM ((SELECT t0.*" } else { ") UNION ALL (SELECT t0.*" });
            let mut conditions = self.write_joined(&Fragment::NONE, true, sql);
            conditions.and(sql).condition(segment);
            conditions.finish(sql);
            self.write_order(sql);
            self.write_limit(sql);
            sql.leave_sorted();
        }
        sql.push(")) AS t0").fragment(joins);
        self.write_order(sql);
        self.write_limit(sql);
    }

    pub(crate) fn write_limit(&self, sql: &mut Writer<'v>) {
        if let Some(limit) = self.limit {
            sql.push(" LIMIT ").bind(limit as &dyn Parameter, pg::Int8::OID, "");
        }
        if let Some(offset) = self.offset {
            sql.push(" OFFSET ").bind(offset as &dyn Parameter, pg::Int8::OID, "");
        }
    }

    /// The order that was asked for, and no more.
    pub(crate) fn write_own_order(&self, sql: &mut Writer<'v>) {
        for (index, by) in self.order.iter().enumerate() {
            sql.push(if index == 0 { " ORDER BY " } else { ", " }).expression(by.expression);
            sql.direction(by.direction);
        }
    }

    /// Every order ends in the primary key, and what is cut off is always in an order.
    pub(crate) fn write_order(&self, sql: &mut Writer<'v>) {
        if self.order.is_empty() && self.limit.is_none() && self.offset.is_none() {
            return;
        }
        self.write_own_order(sql);
        let is_sorted = |name: &str| self.order.iter().any(|by| by.expression.is_column(name));
        let mut first = self.order.is_empty();
        for column in self.key.iter().filter(|column| !is_sorted(column.name)) {
            sql.push(if std::mem::take(&mut first) { " ORDER BY " } else { ", " })
                .column(Alias::ROOT, column);
        }
    }
}

impl Writer<'_> {
    /// Adds the direction of an order, after its expression.
    pub(crate) fn direction(&mut self, direction: Direction) -> &mut Self {
        self.push(if direction.descending { " DESC" } else { "" });
        match direction.nulls_first {
            Some(true) => self.push(" NULLS FIRST"),
            Some(false) => self.push(" NULLS LAST"),
            None => self,
        }
    }
}

fn write_lock(lock: Option<Lock>, sql: &mut Writer<'_>) {
    match lock {
        Some(Lock::Wait) => sql.push(" FOR UPDATE OF t0"),
        Some(Lock::Skip) => sql.push(" FOR UPDATE OF t0 SKIP LOCKED"),
        None => sql,
    };
}
