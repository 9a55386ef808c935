//! What a unit of work must know of a table. Columns are places: the order in which the table has them.

use persist_schema::Rank;

use super::wire::Wire;

/// A table, and how its rows are written.
pub(crate) struct TableFacts {
    pub(crate) columns: Vec<TableColumn>,
    /// The primary key, in the order of the constraint.
    pub(crate) key: Vec<usize>,
    pub(crate) rank: Rank,
    pub(crate) references: Vec<BoundReference>,
    pub(crate) uniques: Vec<UniqueKey>,
    /// May something change what is written, or keep it out?
    pub(crate) is_meddled: bool,
    /// Do others inherit from it?
    pub(crate) is_inherited: bool,
    /// Columns that take part in UNIQUE keys and EXCLUDE constraints which are not among `uniques`.
    pub(crate) unknown: Vec<usize>,
    /// What the database makes of the primary key, as far as the struct leaves that to it.
    pub(crate) made: MadeKey,
}

impl TableFacts {
    /// The place of a column.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

/// A column of a table.
pub(crate) struct TableColumn {
    /// The name as the server stores it.
    pub(crate) name: String,
    /// The name, quoted where SQL needs it.
    pub(crate) sql: String,
    /// How its values travel; `None` where no field can hold them.
    pub(crate) wire: Option<Wire>,
}

/// What the database makes of a primary key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MadeKey {
    /// Nothing.
    Given,
    /// All of it.
    Made,
    /// All of it, by a sequence that goes up.
    Ascending,
    /// One column of several.
    InPart,
}

/// A foreign key.
pub(crate) struct BoundReference {
    pub(crate) columns: Vec<usize>,
    /// `public.users`
    pub(crate) table: String,
    /// The columns there, as places of that table.
    pub(crate) target: Vec<usize>,
}

/// A UNIQUE key over whole columns.
pub(crate) struct UniqueKey {
    pub(crate) name: String,
    pub(crate) columns: Vec<usize>,
    pub(crate) nulls_not_distinct: bool,
    /// Of a partial index.
    pub(crate) scope: Option<Partial>,
    pub(crate) is_deferrable: bool,
    /// Those of its columns whose values are not compared by their bytes.
    pub(crate) loose: Vec<usize>,
    /// How a row can give up its value: a column, and what is written there. The best way comes first.
    pub(crate) parking: Vec<(usize, Parking)>,
}

/// Which rows are in a partial index.
pub(crate) struct Partial {
    /// The columns of its condition.
    pub(crate) columns: Vec<usize>,
    /// What must hold of a row; empty where that is not known.
    pub(crate) tests: Vec<(usize, Meets)>,
}

/// What holds of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Meets {
    True,
    False,
    Null,
    NotNull,
    /// It is this text.
    Is(String),
}

/// A value that no other row has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parking {
    Null,
    Uuid,
    Text,
    High,
}
