//! What a view reads that is no column of its table.

/// What is read in the place of a column. `\0` stands for the table.
#[derive(Debug)]
pub enum Derived {
    /// An expression over the row.
    Expression(&'static str),
    /// A value of rows that belong to the row.
    Aggregate(Aggregate),
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
