//! The rows that a load begins with.

use tokio_postgres::types::Oid;

use crate::sql::writer::Writer;
use crate::table::shape::ColumnModel;
use crate::table::shape::KeyColumn;

/// What the text about some rows is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The rows are read, in their order.
    Rows,
    /// Their keys are looked up for a relation; the order matters only where it decides which rows there are.
    Keys,
}

/// The rows that a load begins with. Their table has the alias `t0`.
pub(crate) trait Roots<'v>: Sync {
    /// A writer that knows the parameters which every statement of the load takes.
    fn writer(&self) -> Writer<'v>;

    /// Writes ` FROM …` with the joins, and all that decides which rows there are.
    fn write(&self, joins: &str, purpose: Purpose, sql: &mut Writer<'v>);

    /// Writes what is read behind the cells of each row, each with a comma in front.
    fn write_more(&self, _: &mut Writer<'v>) {}

    /// The types of the cells that [`write_more`](Self::write_more) writes.
    fn more(&self) -> Vec<Oid> {
        Vec::new()
    }

    /// Are these columns of the rows known without reading the rows?
    fn knows(&self, key: &[KeyColumn]) -> bool;

    /// Writes the condition that columns of `table` are such known columns of one of the rows.
    fn write_link(&self, key: &[KeyColumn], table: &str, columns: &[&str], sql: &mut Writer<'v>);

    /// May a row be there twice?
    fn repeats(&self) -> bool;

    /// Are the rows locked?
    fn locks(&self) -> bool;

    /// Does reading the rows cost more than handing their keys over?
    fn is_costly(&self) -> bool;
}

/// The rows whose columns have values that are parameters: one each, or one array for each column.
pub(crate) struct ByColumns<'c> {
    pub(crate) sql_table: &'static str,
    pub(crate) columns: &'c [&'static ColumnModel],
    pub(crate) arrays: bool,
}

impl<'v> Roots<'v> for ByColumns<'_> {
    fn writer(&self) -> Writer<'v> {
        let oid = |column: &&ColumnModel| if self.arrays { column.array_oid } else { column.oid };
        Writer::with_parameters(self.columns.iter().map(oid).collect())
    }

    fn write(&self, joins: &str, purpose: Purpose, sql: &mut Writer<'v>) {
        if !self.arrays {
            sql.push(" FROM ").push(self.sql_table).push(" AS t0").push(joins).push(" WHERE ");
            for (index, column) in self.columns.iter().enumerate() {
                sql.push(if index > 0 { " AND t0." } else { "t0." }).push(column.name).push(" = ");
                sql.placeholder(index + 1, column.cast);
            }
            return;
        }
        // The keys come as one array for each column, and the rows in the order of the keys.
        sql.push(" FROM unnest(");
        for (index, column) in self.columns.iter().enumerate() {
            sql.push(if index > 0 { ", " } else { "" }).placeholder(index + 1, column.array_cast);
        }
        sql.push(") WITH ORDINALITY AS k(");
        for index in 0..self.columns.len() {
            sql.push("k").number(index + 1).push(", ");
        }
        sql.push("n) JOIN ").push(self.sql_table).push(" AS t0 ON ");
        for (index, column) in self.columns.iter().enumerate() {
            sql.push(if index > 0 { " AND t0." } else { "t0." })
                .push(column.name)
                .push(" = k.k")
                .number(index + 1);
        }
        sql.push(joins);
        if purpose == Purpose::Rows {
            sql.push(" ORDER BY k.n");
        }
    }

    fn knows(&self, key: &[KeyColumn]) -> bool {
        let is_known = |column: &KeyColumn| self.columns.iter().any(|ours| ours.name == column.name);
        key.len() == self.columns.len() && key.iter().all(is_known) && (!self.arrays || key.len() == 1)
    }

    fn write_link(&self, key: &[KeyColumn], table: &str, columns: &[&str], sql: &mut Writer<'v>) {
        for (index, (column, name)) in key.iter().zip(columns).enumerate() {
            let Some(position) = self.columns.iter().position(|ours| ours.name == column.name) else {
                continue;
            };
            sql.push(if index > 0 { " AND " } else { "" }).push(table).push(".").push(name);
            if self.arrays {
                sql.push(" = ANY (").placeholder(position + 1, self.columns[position].array_cast).push(")");
            } else {
                sql.push(" = ").placeholder(position + 1, self.columns[position].cast);
            }
        }
    }

    fn repeats(&self) -> bool {
        self.arrays
    }

    fn locks(&self) -> bool {
        false
    }

    fn is_costly(&self) -> bool {
        false
    }
}
