//! Rows of a query that are changed or deleted, and what is read of them as they are then.

use crate::sql::batch::GUARD;
use crate::sql::expression::Expression;
use crate::sql::rows::Rows;
use crate::sql::scope::Alias;
use crate::sql::values::ReadValue;
use crate::sql::writer::{Fragment, Writer};
use crate::table::column::ColumnModel;
use crate::wire::access::Effect;

/// The rows of a query, and what is done to them.
pub(crate) struct WrittenRows<'v> {
    pub(crate) rows: Rows<'v>,
    pub(crate) change: RowChange<'v>,
    /// Is it an error outside of the transaction of a unit of work?
    pub(crate) is_guarded: bool,
}

/// What is done to rows.
pub(crate) enum RowChange<'v> {
    /// Columns are set; these besides, unless they are among them.
    Update {
        set: Vec<(&'static ColumnModel, &'v Expression)>,
        touched: Vec<(&'static ColumnModel, &'static str)>,
    },
    Delete,
}

impl<'v> WrittenRows<'v> {
    /// What the statement does.
    pub(crate) fn effect(&self) -> Effect {
        if self.is_guarded { Effect::Guarded } else { Effect::Writes }
    }

    /// The statement alone.
    pub(crate) fn write(&self) -> Writer<'v> {
        let mut sql = Writer::new();
        if self.rows.is_cut() {
            self.rows.write_picked(sql.push("WITH "));
            sql.push(" ");
        }
        self.write_change(&mut sql);
        sql
    }

    /// The statement, which answers values of the rows as they were and as they are: PostgreSQL 18.
    pub(crate) fn compare(&self, read: &[ReadValue<'v>]) -> Writer<'v> {
        let mut sql = self.write();
        sql.push(" RETURNING ");
        for (index, value) in read.iter().enumerate() {
            value.write(sql.comma(index));
        }
        sql
    }

    /// Begins a statement that reads the rows `w` as they are after the change, or were before they were deleted.
    pub(crate) fn begin(&self, sql: &mut Writer<'v>) {
        sql.push("WITH ");
        if self.rows.is_cut() {
            self.rows.write_picked(sql);
            sql.push(", ");
        }
        self.write_change(sql.push("w AS ("));
        sql.push(" RETURNING t0.*)");
    }

    /// Writes ` FROM …` of such a statement, in the order that was asked for.
    pub(crate) fn write_from(&self, joins: &Fragment, sql: &mut Writer<'v>) {
        sql.push(" FROM w AS t0").fragment(joins);
        self.rows.write_own_order(sql);
    }

    /// A statement that reads values of the rows, or aggregates of them all.
    pub(crate) fn select(&self, read: &[ReadValue<'v>]) -> Writer<'v> {
        let mut sql = Writer::new();
        self.begin(&mut sql);
        sql.push(" SELECT ");
        for (index, value) in read.iter().enumerate() {
            value.write(sql.comma(index));
        }
        if read.iter().any(|value| value.expression.is_aggregate()) {
            sql.push(" FROM w AS t0");
        } else {
            self.write_from(&Fragment::NONE, &mut sql);
        }
        sql
    }

    fn write_change(&self, sql: &mut Writer<'v>) {
        let mut conditions = match &self.change {
            RowChange::Delete => sql.delete(self.rows.table, Alias::ROOT),
            RowChange::Update { set, touched } => {
                let conditions = sql.update(self.rows.table, Alias::ROOT);
                write_set(set, touched.iter().copied(), sql);
                conditions
            }
        };
        if self.is_guarded {
            conditions.and(sql).push(GUARD);
        }
        self.rows.write_target(conditions, sql);
    }
}

/// Writes ` SET …`: these values, and besides what every change sets, unless it is among them.
pub(crate) fn write_set<'v>(
    set: &[(&'static ColumnModel, &'v Expression)],
    touched: impl Iterator<Item = (&'static ColumnModel, &'static str)>,
    sql: &mut Writer<'v>,
) {
    sql.push(" SET ");
    for (index, (column, value)) in set.iter().enumerate() {
        sql.comma(index).push(column.name).push(" = ").expression(value);
    }
    let is_set = |name: &str| set.iter().any(|(column, _)| column.name == name);
    for (column, expression) in touched.filter(|(column, _)| !is_set(column.name)) {
        sql.push(", ").push(column.name).push(" = ").push(expression);
    }
}
