//! What a unit of work must know of a table.

use persist_schema::Rank;

/// How rows of a table are written; columns are positions among the parameters of an UPDATE.
pub(crate) struct Writing {
    pub(crate) rank: Rank,
    pub(crate) references: Vec<BoundReference>,
    pub(crate) uniques: Vec<UniqueKey>,
    /// May something change what is written, or keep it out?
    pub(crate) is_meddled: bool,
    /// Does the database make the primary key?
    pub(crate) is_key_made: bool,
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
