//! Cursors of the server.

use crate::sql::joins::JoinedRow;
use crate::sql::roots::{Purpose, Roots};
use crate::sql::scope::Alias;
use crate::sql::writer::Writer;
use crate::table::column::ColumnModel;

/// Opens a cursor over the rows that a load begins with. Their keys come after their cells.
pub(crate) fn declare<'v>(
    name: &str,
    row: &JoinedRow,
    key: &[&ColumnModel],
    roots: &Roots<'v>,
) -> Writer<'v> {
    let mut sql = roots.writer();
    sql.push("DECLARE ").push(name).push(" NO SCROLL CURSOR FOR SELECT ").fragment(&row.list);
    for column in key {
        sql.push(", ").cell(Alias::ROOT, column);
    }
    roots.write(&row.joins, Purpose::Rows, &mut sql);
    sql
}

/// Reads the next rows of a cursor.
pub(crate) fn fetch(name: &str, rows: usize) -> String {
    format!("FETCH {rows} FROM {name}")
}
