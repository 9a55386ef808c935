//! Where a statement names a table of the user's: the only place but for INSERT, which has no conditions, so that
//! those which always hold of its rows are never forgotten.

use crate::sql::scope::Alias;
use crate::sql::writer::Writer;
use crate::table::derived::{Aggregate, Line};
use crate::table::facts::Table;
use crate::table::link::Through;
use crate::table::model::Model;
use crate::table::shape::ShapeModel;

/// A table to be named in a statement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TableRef(&'static str);

/// The conditions of a statement or of a join: first those that always hold of the table which it names (no
/// table has any yet), then what is [added](Self::and).
#[must_use = "the conditions that always hold of a table are written with the first of the others, or by `finish`"]
pub(crate) struct Conditions {
    /// The word before the next condition.
    word: &'static str,
}

impl Writer<'_> {
    /// Adds ` FROM table AS alias`; the conditions are those of the statement.
    pub(crate) fn from(&mut self, table: impl Into<TableRef>, alias: Alias) -> Conditions {
        self.push(" FROM ").table(table.into(), alias, " WHERE ")
    }

    /// Adds a join such as ` JOIN table AS alias`; the conditions are those of the join.
    pub(crate) fn join(
        &mut self,
        word: &'static str,
        table: impl Into<TableRef>,
        alias: Alias,
    ) -> Conditions {
        self.push(word).table(table.into(), alias, " ON ")
    }

    /// Begins `UPDATE table AS alias`; the conditions are those of the statement, after its SET.
    pub(crate) fn update(&mut self, table: impl Into<TableRef>, alias: Alias) -> Conditions {
        self.push("UPDATE ").table(table.into(), alias, " WHERE ")
    }

    /// Begins `DELETE FROM table AS alias`; the conditions are those of the statement.
    pub(crate) fn delete(&mut self, table: impl Into<TableRef>, alias: Alias) -> Conditions {
        self.push("DELETE FROM ").table(table.into(), alias, " WHERE ")
    }

    fn table(&mut self, TableRef(sql): TableRef, alias: Alias, word: &'static str) -> Conditions {
        self.names(sql).push(sql).push(" AS ").alias(alias);
        Conditions { word }
    }
}

impl Conditions {
    /// Those of a statement that begins with no table.
    pub(crate) fn of_statement() -> Self {
        Conditions { word: " WHERE " }
    }

    /// Adds the word before one condition more.
    pub(crate) fn and<'w, 'v>(&mut self, sql: &'w mut Writer<'v>) -> &'w mut Writer<'v> {
        sql.push(std::mem::replace(&mut self.word, " AND "))
    }

    /// Ends them: what always holds of the table is written by now.
    pub(crate) fn finish(self, _: &mut Writer<'_>) {}
}

impl From<&Aggregate> for TableRef {
    fn from(aggregate: &Aggregate) -> Self {
        TableRef(aggregate.table)
    }
}

impl From<&Line> for TableRef {
    fn from(line: &Line) -> Self {
        TableRef(line.table)
    }
}

impl From<&ShapeModel> for TableRef {
    fn from(shape: &ShapeModel) -> Self {
        TableRef(shape.sql_table)
    }
}

impl From<&Table> for TableRef {
    fn from(table: &Table) -> Self {
        TableRef(table.sql)
    }
}

impl From<&Model> for TableRef {
    fn from(model: &Model) -> Self {
        TableRef(model.table.sql)
    }
}

impl From<&Through> for TableRef {
    fn from(through: &Through) -> Self {
        TableRef(through.table)
    }
}
