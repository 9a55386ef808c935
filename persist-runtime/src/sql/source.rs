//! What the parameters of a statement for many rows are made of.

/// What a parameter is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// The values of a column, one for each row.
    Column(usize),
    /// The value of a column of the only row.
    Cell(usize),
    /// The elements of the arrays of a column, those of all rows one after another.
    Elements(usize),
    /// Where each row's elements begin among them, counted from 1.
    First(usize),
    /// Where they end.
    Last(usize),
    /// The places of keys that an earlier statement made: for each row one, from this list of the batch.
    Places(usize),
    /// The name of the setting in which a statement keeps the keys that it made.
    Setting(usize),
    /// How many rows there are.
    Count,
    /// A number that is higher than values that are counted up.
    HighBase,
}
