//! How rows of one table refer to those of another, and what becomes of rows that belong to others.

/// How rows refer to those of this side.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    /// The columns that refer, quoted, and the cast that makes them the bytes of the key where the types
    /// differ, such as `::int8`; of the link table if there is one.
    pub columns: &'static [(&'static str, &'static str)],
    /// The link table between the two sides.
    pub through: Option<Through>,
}

/// Two columns that are equal, and the schema of the operators by which they are; empty: PostgreSQL's.
pub(crate) type Equal = (&'static str, &'static str, &'static str);

/// A table between two others.
#[derive(Debug, Clone, Copy)]
pub struct Through {
    /// The table in SQL; its alias is `l`.
    pub table: &'static str,
    /// Its columns, quoted, those of the other side that they are equal to, and the schema of the operators by
    /// which they are.
    pub on: &'static [Equal],
}

/// What becomes of rows that belong to another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owned {
    /// When they are taken out of the relation.
    pub orphans: Orphans,
    /// Does the database delete them with their parent (ON DELETE CASCADE)? Of a link table: its rows.
    pub cascades: bool,
}

/// What becomes of a row that was taken out of the relation which it belonged to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Orphans {
    /// It is deleted.
    Delete,
    /// These columns of its foreign key, as places in its table, become NULL.
    Null(&'static [usize]),
}

/// A relation of a table to itself.
#[derive(Debug, Clone, Copy)]
pub struct Tree {
    /// Levels below the first row that are read at most.
    pub max_depth: Option<u32>,
}

/// The way from a row of a tree up to its root.
#[derive(Debug, Clone, Copy)]
pub struct Climb {
    /// The column that other rows refer to, quoted.
    pub key: &'static str,
    /// The SQL type of its values.
    pub ty: &'static str,
    /// The column that refers to the row above, quoted.
    pub parent: &'static str,
    /// The schema of the operators by which the two are equal; empty: PostgreSQL's.
    pub operators: &'static str,
}

impl Climb {
    /// A tree; see the fields.
    pub const fn new(
        key: &'static str,
        ty: &'static str,
        parent: &'static str,
        operators: &'static str,
    ) -> Self {
        Climb { key, ty, parent, operators }
    }
}

impl Through {
    /// The link table for messages.
    pub(crate) fn shown(&self) -> &'static str {
        self.table.strip_prefix("public.").unwrap_or(self.table)
    }
}

impl Link {
    /// The others refer to this side themselves.
    pub const fn direct(columns: &'static [(&'static str, &'static str)]) -> Self {
        Link { columns, through: None }
    }

    /// A table between the two sides refers to both.
    pub const fn through(
        columns: &'static [(&'static str, &'static str)],
        table: &'static str,
        on: &'static [Equal],
    ) -> Self {
        Link { columns, through: Some(Through { table, on }) }
    }
}
