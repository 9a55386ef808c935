//! The name of a constraint, to compare an error with.

/// A constraint of a table, as the derived constants name it (`Pipeline::UNIQUE_NAME`).
///
/// Of a partitioned table the server reports the partition in which the row would have been, and the
/// partition's own name of the constraint (`events_2024` and `events_2024_pkey`): compare with constraints
/// that are made of these.
///
/// ```
/// # use persist_runtime as persist;
/// use persist::Constraint;
///
/// const UNIQUE_NAME: Constraint = Constraint::new("pipelines", "pipelines_name_key");
/// assert_eq!(UNIQUE_NAME.name(), "pipelines_name_key");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Constraint {
    table: &'static str,
    name: &'static str,
}

impl Constraint {
    /// Names the constraint `name` of `table`.
    ///
    /// ```
    /// use persist::Constraint;
    ///
    /// const ONE_DAY: Constraint = Constraint::new("events_2024", "events_2024_pkey");
    /// ```
    pub const fn new(table: &'static str, name: &'static str) -> Constraint {
        Constraint { table, name }
    }

    /// The table it belongs to.
    ///
    /// ```
    /// # use persist_sample::*;
    /// assert_eq!(Pipeline::UNIQUE_NAME.table(), "pipelines");
    /// ```
    pub const fn table(self) -> &'static str {
        self.table
    }

    /// The name it has in the database.
    ///
    /// ```
    /// # use persist_sample::*;
    /// assert_eq!(Pipeline::UNIQUE_NAME.name(), "pipelines_name_key");
    /// ```
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// Whether the server meant this one; it leaves the table out of some messages.
    pub(super) fn is(self, table: Option<&str>, name: Option<&str>) -> bool {
        let own = self.table.rsplit_once('.').map_or(self.table, |(_schema, table)| table);
        name == Some(self.name) && table.is_none_or(|table| table == own)
    }
}
