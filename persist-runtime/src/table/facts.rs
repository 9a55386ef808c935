//! What is true of a table, whichever structs are over it.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::table::column::ColumnModel;
use crate::table::kept::Kept;
use crate::wire::access::Access;

/// A table. Columns are places: the order in which the table has them.
pub struct Table {
    /// Its name for messages, such as `pipelines`.
    pub shown: &'static str,
    /// Its name in SQL, quoted and qualified where it has to be.
    pub sql: &'static str,
    /// Its name with its schema, such as `public.pipelines`.
    pub qualified: &'static str,
    /// All its columns.
    pub columns: &'static [ColumnModel],
    /// The primary key, in the order of the constraint.
    pub key: &'static [usize],
    /// Tables are written in ascending rank, and deleted from in descending rank. Those that refer to each
    /// other in a circle have the same.
    pub rank: u32,
    /// Is it in a circle of several tables?
    pub is_circular: bool,
    /// The foreign keys.
    pub references: &'static [Reference],
    /// The UNIQUE keys besides the primary key.
    pub uniques: &'static [Unique],
    /// The columns that take part in UNIQUE keys and EXCLUDE constraints which are not among `uniques`: those
    /// that compare more than columns, with or without regard to case.
    pub unknown: &'static [usize],
    /// May a trigger, a rule or a policy change what is written, or keep it out?
    pub is_meddled: bool,
    /// Do others inherit from it, so that it shows their rows, too, and several may have one key?
    pub is_inherited: bool,
    /// What the room of units of work keeps: statements.
    pub(crate) batches: Kept,
    /// The first of the equal descriptions of this table in the program.
    first: OnceLock<&'static Table>,
}

/// A table knows the first description of itself, which may be this one.
impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("qualified", &self.qualified).finish_non_exhaustive()
    }
}

/// A foreign key.
#[derive(Debug, PartialEq, Eq)]
pub struct Reference {
    /// The columns that refer.
    pub columns: &'static [usize],
    /// The table that they refer to, with its schema: `public.users`.
    pub table: &'static str,
    /// The columns there.
    pub target: &'static [usize],
}

/// A UNIQUE key over columns.
#[derive(Debug)]
pub struct Unique {
    /// The constraint or the index.
    pub name: &'static str,
    /// Its columns.
    pub columns: &'static [usize],
    /// Are rows with NULL never the same?
    pub nulls_distinct: bool,
    /// Of a partial index; `None` where every row is in it.
    pub scope: Option<&'static Partial>,
    /// Can it be deferred? Then one UPDATE exchanges values.
    pub deferrable: bool,
    /// Those of its columns in which values may be the same for the database although their bytes differ: they are
    /// compared without regard to case, or by an expression.
    pub loose: &'static [usize],
    /// How a row can give up its value for a moment: a column, and what is written there; the best way first.
    pub parking: &'static [(usize, Parking)],
}

/// Which rows are in a partial index.
#[derive(Debug)]
pub struct Partial {
    /// The columns of its condition.
    pub columns: &'static [usize],
    /// What must hold of columns of a row; empty where that is not known.
    pub tests: &'static [(usize, Meets)],
}

/// What holds of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meets {
    /// It is true.
    True,
    /// It is false.
    False,
    /// It is NULL.
    Null,
    /// It is not NULL.
    NotNull,
    /// It is this text, or label of an enum.
    Is(&'static str),
}

/// A value that no other row has, for the moment in which two rows exchange theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parking {
    /// NULL.
    Null,
    /// A random UUID.
    Uuid,
    /// A tilde and a random UUID.
    Text,
    /// A high number, and the row's place in the batch.
    High,
}

/// A table as its identity: descriptions of one table, which each struct over it brings along, are the same.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TableId(&'static Table);

impl Table {
    /// A table that nothing refers to; see the fields.
    pub const fn new(
        (shown, sql, qualified): (&'static str, &'static str, &'static str),
        columns: &'static [ColumnModel],
        key: &'static [usize],
        rank: u32,
        references: &'static [Reference],
        uniques: &'static [Unique],
    ) -> Self {
        Table {
            shown,
            sql,
            qualified,
            columns,
            key,
            rank,
            is_circular: false,
            references,
            uniques,
            unknown: &[],
            is_meddled: false,
            is_inherited: false,
            batches: Kept::new(),
            first: OnceLock::new(),
        }
    }

    /// The same in a circle of several tables.
    pub const fn circular(mut self) -> Self {
        self.is_circular = true;
        self
    }

    /// The same where something may change what is written, or keep it out.
    pub const fn meddled(mut self) -> Self {
        self.is_meddled = true;
        self
    }

    /// The same where others inherit from it.
    pub const fn inherited(mut self) -> Self {
        self.is_inherited = true;
        self
    }

    /// The same with columns of constraints of which nothing else is known.
    pub const fn unknown(mut self, columns: &'static [usize]) -> Self {
        self.unknown = columns;
        self
    }

    /// What a statement does that writes it.
    pub(crate) fn writes(&'static self) -> Access {
        Access::writes(std::slice::from_ref(&self.sql))
    }

    /// Its identity.
    pub(crate) fn id(&'static self) -> TableId {
        TableId(self.first.get_or_init(|| first_like(self)))
    }

    /// Does every column have the same name and type?
    fn is_like(&self, other: &Table) -> bool {
        let columns = |table: &Table| table.columns.iter().map(|column| (column.name, column.oid)).collect();
        let (ours, theirs): (Vec<_>, Vec<_>) = (columns(self), columns(other));
        self.qualified == other.qualified && self.key == other.key && ours == theirs
    }
}

/// The first description of a table in the program. Crates that were built over other migrations may know
/// other columns of a table of this name, which is another one then.
fn first_like(table: &'static Table) -> &'static Table {
    static FIRST: Mutex<Vec<&'static Table>> = Mutex::new(Vec::new());
    let mut first = FIRST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = first.iter().find(|known| known.is_like(table)) {
        return known;
    }
    first.push(table);
    table
}

impl TableId {
    /// The facts.
    pub(crate) fn facts(self) -> &'static Table {
        self.0
    }
}

impl PartialEq for TableId {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for TableId {}

impl Hash for TableId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::ptr::hash(self.0, state);
    }
}

impl Reference {
    /// A foreign key; see the fields.
    pub const fn new(columns: &'static [usize], table: &'static str, target: &'static [usize]) -> Self {
        Reference { columns, table, target }
    }

    /// Do values that are the same for the database have the same bytes in both tables?
    pub(crate) fn is_exact(&self, ours: &Table, theirs: &Table) -> bool {
        let mut pairs = self.columns.iter().zip(self.target);
        pairs.all(|(here, there)| ours.columns[*here].is_exactly(&theirs.columns[*there]))
    }

    /// Does it refer to this table?
    pub(crate) fn is_to(&self, table: &Table) -> bool {
        self.table == table.qualified
    }
}

impl Unique {
    /// A UNIQUE key whose values cannot be parked; see the fields.
    pub const fn new(name: &'static str, columns: &'static [usize]) -> Self {
        Unique {
            name,
            columns,
            nulls_distinct: true,
            scope: None,
            deferrable: false,
            loose: &[],
            parking: &[],
        }
    }

    /// The same in which NULL is a value like others.
    pub const fn nulls_not_distinct(self) -> Self {
        Unique { nulls_distinct: false, ..self }
    }

    /// The same of a partial index.
    pub const fn partial(self, scope: &'static Partial) -> Self {
        Unique { scope: Some(scope), ..self }
    }

    /// The same that can be deferred.
    pub const fn deferrable(self) -> Self {
        Unique { deferrable: true, ..self }
    }

    /// The same with columns whose values are not compared by their bytes.
    pub const fn loose(self, columns: &'static [usize]) -> Self {
        Unique { loose: columns, ..self }
    }

    /// The same whose values are given up by what is written to one of these columns.
    pub const fn parked(self, parking: &'static [(usize, Parking)]) -> Self {
        Unique { parking, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::{ColumnModel, Table};
    use crate::value::sql_type::pg;

    static ID: [ColumnModel; 1] = [ColumnModel::of::<pg::Int4>("id")];
    static WIDER: [ColumnModel; 1] = [ColumnModel::of::<pg::Int8>("id")];

    const fn table(qualified: &'static str, columns: &'static [ColumnModel]) -> Table {
        Table::new(("t", "t", qualified), columns, &[0], 0, &[], &[])
    }

    #[test]
    fn equal_descriptions_are_one_table() {
        static ONE: Table = table("facts.t", &ID);
        static AGAIN: Table = table("facts.t", &ID);
        static ELSEWHERE: Table = table("others.t", &ID);
        static LATER: Table = table("facts.t", &WIDER);
        assert_eq!(ONE.id(), AGAIN.id());
        assert_ne!(ONE.id(), ELSEWHERE.id());
        assert_ne!(ONE.id(), LATER.id());
    }
}
