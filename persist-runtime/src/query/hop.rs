//! The step from a row to the rows on the other side of a relation.

use crate::scope::Scope;
use crate::shape::{ALIAS, Link, ShapeModel, ToMany, ToOne};
use crate::writer::Writer;

/// The other side of a relation of the row in `scope`; its table has the next scope.
#[derive(Clone, Copy)]
pub(crate) enum Hop {
    /// At most one row.
    One(Scope, &'static ToOne),
    /// Any number of rows; a relation's limit does not count here.
    Many(Scope, &'static ToMany),
}

impl Hop {
    /// Where the columns of the other side are.
    pub(crate) fn other(self) -> Scope {
        match self {
            Hop::One(scope, _) | Hop::Many(scope, _) => scope.next(),
        }
    }

    /// Writes `FROM the other side WHERE it belongs to the row`.
    pub(crate) fn write(self, sql: &mut Writer<'_>) {
        match self {
            Hop::One(scope, ToOne { on, shape, .. }) => {
                write_table(shape(), scope.next(), sql);
                let pairs = on.iter().map(|(this, other)| (*other, *this));
                write_equal(pairs, "t", Some(scope.next()), scope, sql);
            }
            Hop::Many(scope, ToMany { key, link: Link { columns, through: None }, shape, .. }) => {
                write_table(shape(), scope.next(), sql);
                let pairs = columns.iter().zip(*key).map(|((other, _), this)| (*other, this.name));
                write_equal(pairs, "t", Some(scope.next()), scope, sql);
            }
            Hop::Many(scope, ToMany { key, link: Link { columns, through: Some(through) }, shape, .. }) => {
                // A link table inside of another one's hides it, which nothing inside can name.
                sql.push(" FROM ").push(through.table).push(" AS l JOIN ").push(shape().sql_table);
                sql.push(" AS t").number(scope.next().0.into());
                for (index, (link, other)) in through.on.iter().enumerate() {
                    sql.push(if index == 0 { " ON t" } else { " AND t" });
                    sql.number(scope.next().0.into()).push(".").push(other).push(" = l.").push(link);
                }
                let pairs = columns.iter().zip(*key).map(|((link, _), this)| (*link, this.name));
                write_equal(pairs, "l", None, scope, sql);
            }
        }
        self.write_filter(sql);
    }

    fn write_filter(self, sql: &mut Writer<'_>) {
        let filter = match self {
            Hop::One(_, one) => one.filter,
            Hop::Many(_, many) => many.filter,
        };
        if !filter.is_empty() {
            let alias = format!("t{}", self.other().0);
            sql.push(" AND (").push(&filter.replace(ALIAS, &alias)).push(")");
        }
    }
}

fn write_table(shape: &ShapeModel, scope: Scope, sql: &mut Writer<'_>) {
    sql.push(" FROM ").push(shape.sql_table).push(" AS t").number(scope.0.into());
}

/// Writes `WHERE other.column = this.column AND …`.
fn write_equal(
    pairs: impl Iterator<Item = (&'static str, &'static str)>,
    alias: &str,
    number: Option<Scope>,
    this: Scope,
    sql: &mut Writer<'_>,
) {
    for (index, (other_column, this_column)) in pairs.enumerate() {
        sql.push(if index == 0 { " WHERE " } else { " AND " }).push(alias);
        if let Some(Scope(number)) = number {
            sql.number(number.into());
        }
        sql.push(".").push(other_column).push(" = t").number(this.0.into()).push(".").push(this_column);
    }
}
