//! The step from a row to the rows on the other side of a relation.

use crate::sql::scope::Scope;
use crate::sql::writer::Writer;
use crate::table::shape::{ALIAS, ShapeModel, Through, ToMany, ToOne};

/// The step from a row of one table to those of another.
#[derive(Clone)]
pub(crate) struct Hop {
    pub(crate) from: Scope,
    pub(crate) to: Scope,
    relation: Relation,
}

/// A relation; its limit does not count here.
#[derive(Clone, Copy)]
pub(crate) enum Relation {
    One(&'static ToOne),
    Many(&'static ToMany),
}

impl Hop {
    /// A step that was not taken before.
    pub(crate) fn new(from: Scope, relation: Relation) -> Hop {
        Hop { from, to: Scope::fresh(), relation }
    }

    /// Writes `FROM the other side WHERE it belongs to the row`.
    pub(crate) fn write(&self, sql: &mut Writer<'_>) {
        let filter = match self.relation {
            Relation::One(ToOne { on, shape, filter, .. }) => {
                self.write_table(shape(), sql);
                for (index, (this, other)) in on.iter().enumerate() {
                    sql.push(and(index)).alias(self.to).push(".").push(other);
                    self.write_equal(this, sql);
                }
                filter
            }
            Relation::Many(ToMany { key, link, shape, filter, .. }) => {
                self.write_tables(link.through.as_ref(), shape(), sql);
                for (index, ((column, _), this)) in link.columns.iter().zip(*key).enumerate() {
                    sql.push(and(index));
                    match link.through {
                        Some(_) => sql.push("l"),
                        None => sql.alias(self.to),
                    };
                    self.write_equal(this.name, sql.push(".").push(column));
                }
                filter
            }
        };
        self.write_filter(filter, sql);
    }

    /// Writes the table on the other side, behind the link table if there is one.
    fn write_tables(&self, through: Option<&Through>, shape: &ShapeModel, sql: &mut Writer<'_>) {
        let Some(through) = through else { return self.write_table(shape, sql) };
        // A link table inside of another one's hides it, which nothing inside can name.
        sql.push(" FROM ")
            .push(through.table)
            .push(" AS l JOIN ")
            .push(shape.sql_table)
            .push(" AS ")
            .alias(self.to);
        for (index, (link, other)) in through.on.iter().enumerate() {
            sql.push(if index == 0 { " ON " } else { " AND " }).alias(self.to).push(".").push(other);
            sql.push(" = l.").push(link);
        }
    }

    fn write_table(&self, shape: &ShapeModel, sql: &mut Writer<'_>) {
        sql.push(" FROM ").push(shape.sql_table).push(" AS ").alias(self.to);
    }

    fn write_equal(&self, column: &str, sql: &mut Writer<'_>) {
        sql.push(" = ").alias(self.from).push(".").push(column);
    }

    fn write_filter(&self, filter: &str, sql: &mut Writer<'_>) {
        if filter.is_empty() {
            return;
        }
        sql.push(" AND (");
        for (index, text) in filter.split(ALIAS).enumerate() {
            if index > 0 {
                sql.alias(self.to);
            }
            sql.push(text);
        }
        sql.push(")");
    }
}

fn and(index: usize) -> &'static str {
    if index == 0 { " WHERE " } else { " AND " }
}
