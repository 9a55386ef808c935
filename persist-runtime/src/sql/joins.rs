//! A row of a struct with all that is joined to it.

use std::fmt::Write as _;

use tokio_postgres::types::Oid;

use crate::table::shape::{ALIAS, FlatShape, Placed, ShapeModel, ToMany, ToOne};
use crate::value::sql_type::{SqlType, pg};

/// The row of a struct, put together at the first use: a derive sees its own struct only.
pub(crate) fn flat(shape: &'static ShapeModel) -> &'static FlatShape {
    shape.flat.get_or_init(|| {
        let mut row =
            FlatShape { list: String::new(), oids: Vec::new(), joins: String::new(), many: Vec::new() };
        add(shape, "t0", &mut 0, &mut row);
        row
    })
}

/// The cell of a row that is its link key already: the column is one of the struct's own.
pub(crate) fn own_link(relation: &ToMany) -> Option<usize> {
    let ([(column, cast)], None, None) = (relation.link.columns, relation.link.through, relation.tree) else {
        return None;
    };
    let shape = (relation.shape)();
    let cells: Vec<&str> = shape.list.split(", ").collect();
    // An expression with a comma of its own makes more cells of one.
    let are_known = cells.len() == shape.oids.len();
    let link = format!("{ALIAS}.{column}{cast}");
    cells.iter().position(|cell| *cell == link).filter(|_| are_known)
}

/// A text about one table, with its alias.
pub(crate) fn aliased(text: &str, alias: &str) -> String {
    text.replace(ALIAS, alias)
}

fn add(shape: &'static ShapeModel, alias: &str, joined: &mut usize, row: &mut FlatShape) {
    push_cell(&aliased(shape.list, alias), shape.oids, row);
    let placed = |relation| Placed { relation, alias: alias.to_owned(), oids: shape.oids };
    row.many.extend(shape.many.iter().map(placed));
    for one in shape.ones {
        *joined += 1;
        let other = format!("j{joined}");
        join(one, alias, &other, row);
        add((one.shape)(), &other, joined, row);
    }
}

fn join(one: &'static ToOne, alias: &str, other: &str, row: &mut FlatShape) {
    let table = (one.shape)().sql_table;
    // Writing to a string cannot fail.
    let _ = write!(row.joins, " LEFT JOIN {table} AS {other} ON ");
    for (index, (here, there)) in one.on.iter().enumerate() {
        let and = if index > 0 { " AND " } else { "" };
        let _ = write!(row.joins, "{and}{other}.{there} = {alias}.{here}");
    }
    if !one.filter.is_empty() {
        let _ = write!(row.joins, " AND ({})", aliased(one.filter, other));
    }
    if let (true, [(_, there), ..]) = (one.is_optional, one.on) {
        // What is joined is equal to this column, so it is NULL only where nothing is.
        push_cell(&format!("({other}.{there} IS NOT NULL)"), &[pg::Bool::OID], row);
    }
}

fn push_cell(list: &str, oids: &[Oid], row: &mut FlatShape) {
    if !row.list.is_empty() && !list.is_empty() {
        row.list.push_str(", ");
    }
    row.list.push_str(list);
    row.oids.extend(oids);
}
