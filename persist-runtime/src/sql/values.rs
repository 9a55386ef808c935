//! Single values of rows or groups, in place of whole structs.

use crate::sql::expression::{Condition, Expression};
use crate::sql::rows::{Direction, Rows};
use crate::sql::writer::{Fragment, Writer};
use crate::table::column::ColumnModel;

/// Values of the rows of a query, or of groups of them.
pub(crate) struct Values<'v> {
    pub(crate) rows: Rows<'v>,
    pub(crate) groups: Option<Groups<'v>>,
    pub(crate) read: Vec<ReadValue<'v>>,
}

/// How rows are grouped, and which groups are kept.
pub(crate) struct Groups<'v> {
    pub(crate) by: &'v [Expression],
    pub(crate) having: Option<&'v Condition>,
}

/// A value that is read.
#[derive(Clone, Copy)]
pub(crate) struct ReadValue<'v> {
    pub(crate) expression: &'v Expression,
    /// A column whose values travel as this one does.
    pub(crate) column: &'static ColumnModel,
}

impl<'v> Values<'v> {
    /// A row for each row or group.
    pub(crate) fn select(&self) -> Writer<'v> {
        let Values { rows, groups, read } = self;
        let mut sql = if groups.is_some() { Writer::sharing() } else { Writer::new() };
        sql.push("SELECT ");
        for (index, value) in read.iter().enumerate() {
            value.write(sql.comma(index));
        }
        if groups.is_some() {
            self.write_from(&mut sql);
            rows.write_own_order(&mut sql);
            rows.write_limit(&mut sql);
        } else {
            rows.write_from(&Fragment::NONE, rows.lock, true, &mut sql);
        }
        sql
    }

    /// One row: aggregates of all rows, or of those that the limit leaves. The values are aggregates, all of
    /// them, and where there is a limit nothing that is computed from them.
    pub(crate) fn aggregate(&self) -> Writer<'v> {
        let Values { rows, read, .. } = self;
        let mut sql = Writer::new();
        sql.push("SELECT ");
        if !rows.is_cut() {
            for (index, value) in read.iter().enumerate() {
                value.write(sql.comma(index));
            }
            self.write_from(&mut sql);
            return sql;
        }
        let aggregates =
            read.iter().filter_map(|value| Some((value.expression.as_aggregate()?, value.column)));
        for (index, ((open, argument), column)) in aggregates.clone().enumerate() {
            sql.comma(index);
            match argument {
                Some(argument) => sql.aggregate(open, argument).push("c").number(index),
                None => sql.push(open),
            };
            sql.push(")").push(column.read_cast);
        }
        sql.push(" FROM (SELECT ");
        let arguments =
            aggregates.enumerate().filter_map(|(index, ((_, argument), _))| Some((index, argument?)));
        for (position, (index, argument)) in arguments.enumerate() {
            sql.comma(position).expression(argument).push(" AS c").number(index);
        }
        rows.write_from(&Fragment::NONE, None, true, &mut sql);
        sql.push(") AS d");
        sql
    }

    /// What differs, in an order of what is read: the places of values, and their directions. Values are
    /// compared and sorted in their own type, and what is left is cast: labels of an enum sort as the enum
    /// does.
    pub(crate) fn distinct(&self, order: &[(usize, Direction)]) -> Writer<'v> {
        let mut sql = Writer::new();
        sql.push("SELECT ");
        for (index, value) in self.read.iter().enumerate() {
            sql.push(if index > 0 { ", c" } else { "c" }).number(index).push(value.column.read_cast);
        }
        sql.push(" FROM (SELECT DISTINCT ");
        for (index, value) in self.read.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            sql.push(comma).expression(value.expression).push(" AS c").number(index);
        }
        self.write_from(&mut sql);
        sql.push(") AS d");
        for (index, (position, direction)) in order.iter().enumerate() {
            // Qualified, because `c0` alone would be the label that is selected.
            sql.push(if index == 0 { " ORDER BY d.c" } else { ", d.c" }).number(*position);
            sql.direction(*direction);
        }
        self.rows.write_limit(&mut sql);
        sql
    }

    fn write_from(&self, sql: &mut Writer<'v>) {
        self.rows.write_filtered(sql);
        let Some(Groups { by, having }) = &self.groups else { return };
        for (index, expression) in by.iter().enumerate() {
            sql.push(if index == 0 { " GROUP BY " } else { ", " }).expression(expression);
        }
        if let Some(having) = having {
            sql.push(" HAVING ").condition(having);
        }
    }
}

impl<'v> ReadValue<'v> {
    /// Adds the value in the type in which it travels.
    pub(crate) fn write(&self, sql: &mut Writer<'v>) {
        sql.expression(self.expression).push(self.column.read_cast);
    }
}
