//! What a view reads that is no column of its table.

use crate::table::link::Climb;

/// What is read in the place of a column. `\0` stands for the table.
#[derive(Debug)]
pub enum Derived {
    /// An expression over the row.
    Expression(&'static str),
    /// A value of rows that belong to the row.
    Aggregate(Aggregate),
    /// A value of the row and of those above it in a tree.
    Line(Line),
}

/// A value of rows that belong to a row.
#[derive(Debug)]
pub struct Aggregate {
    /// What opens it, such as `(SELECT count(*)`.
    pub open: &'static str,
    /// The table of those rows in SQL; its alias is `a`.
    pub table: &'static str,
    /// That they belong to the row, and what must hold besides.
    pub condition: &'static str,
}

/// A value of a row and of those above it in a tree.
#[derive(Debug)]
pub struct Line {
    /// The table in SQL.
    pub table: &'static str,
    /// The way up.
    pub climb: Climb,
    /// The column, quoted, whose values are listed from the root down; `None`: how many rows are above.
    pub listed: Option<&'static str>,
}
