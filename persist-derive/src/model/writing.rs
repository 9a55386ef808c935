//! What a unit of work must know of a table.

use persist_schema::Rank;

/// How rows of a table are written; columns are positions among the parameters of an UPDATE.
pub(crate) struct Writing {
    pub(crate) rank: Rank,
    pub(crate) references: Vec<BoundReference>,
    pub(crate) uniques: Vec<UniqueKey>,
    /// May something change what is written, or keep it out?
    pub(crate) is_meddled: bool,
    /// Columns that can change and take part in UNIQUE keys and EXCLUDE constraints which are not among `uniques`.
    pub(crate) unknown: Vec<usize>,
    pub(crate) made: MadeKey,
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

/// A foreign key whose columns are sent.
pub(crate) struct BoundReference {
    pub(crate) columns: Vec<usize>,
    /// `public.users`
    pub(crate) table: String,
    /// The columns there, quoted.
    pub(crate) target: Vec<String>,
}

/// A UNIQUE key whose columns are sent.
pub(crate) struct UniqueKey {
    pub(crate) name: String,
    pub(crate) columns: Vec<usize>,
    pub(crate) nulls_not_distinct: bool,
    /// Of a partial index, the columns of its condition that can change.
    pub(crate) scope: Option<Vec<usize>>,
    pub(crate) is_deferrable: bool,
    /// How a row gives up its value: a column, and what is written there.
    pub(crate) parking: Option<(usize, Parking)>,
}

/// A value that no other row has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parking {
    Null,
    Uuid,
    Text,
    High,
}
