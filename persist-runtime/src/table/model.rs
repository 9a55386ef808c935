//! What the derive knew when the program was built: the SQL of an entity, as data.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use tokio_postgres::types::Oid;

use crate::load::plan::Finder;
use crate::table::shape::ColumnModel;
use crate::wire::access::Access;
use crate::wire::statement::Statement;
use crate::write::batch::Source;

/// The SQL of an entity.
#[derive(Debug)]
pub struct Model {
    /// The table for messages, such as `pipelines`.
    pub table: &'static str,
    /// The table in SQL, quoted and qualified where it has to be.
    pub sql_table: &'static str,
    /// The table with its schema, such as `public.pipelines`.
    pub qualified: &'static str,
    /// The columns of the struct, each of the alias `t0`.
    pub select_list: &'static str,
    /// The OIDs of `select_list`.
    pub select_oids: &'static [Oid],
    /// The columns of the primary key, in the order of the entity's key.
    pub key: &'static [&'static ColumnModel],
    /// What every change of a row sets besides, such as `updated_at = now()`; column, then expression.
    pub touched: &'static [(&'static str, &'static str)],
    /// Has the table a version column?
    pub versioned: bool,
    /// Finds rows by the primary key.
    pub find: Finder,
    /// The indices of the key's columns among those of the struct.
    pub key_at: &'static [usize],
    /// Writes all columns of one row by its key and version; `None` where nothing but keys could change.
    pub update: Option<Statement>,
    /// Deletes one row by its key.
    pub delete: Statement,
    /// Writes a new row.
    pub insert: InsertModel,
    /// Writes a new row, or changes the one with its primary key; `None` where the key is DEFERRABLE or never given.
    pub upsert: Option<InsertModel>,
    /// How a unit of work writes its rows.
    pub writing: Writing,
}

/// What a unit of work knows of a table, to write many of its rows at once and in the right order.
#[derive(Debug)]
pub struct Writing {
    /// The columns of the entity as [`Parameters`](crate::Parameters): those that an update may change, the key, the version.
    pub columns: &'static [&'static ColumnModel],
    /// How many of them an update may change; they come first.
    pub changeable: usize,
    /// Tables are written in ascending rank, and deleted from in descending rank. Those that refer to each other in a circle
    /// have the same.
    pub rank: u32,
    /// Is the table in a circle of several?
    pub is_circular: bool,
    /// The foreign keys whose columns are all among `columns`.
    pub references: &'static [Reference],
    /// The UNIQUE keys besides the primary key whose columns are all among `columns`.
    pub uniques: &'static [Unique],
    /// The columns an update may change that take part in UNIQUE keys and EXCLUDE constraints which are not among `uniques`: those
    /// over expressions, and those with a column that is not among `columns`.
    pub unknown: &'static [usize],
    /// May a trigger, a rule or a policy change what is written, or keep it out?
    pub is_meddled: bool,
    /// Is the primary key one column, which the database makes?
    pub made_key: bool,
    /// Are the keys that the database makes for rows of one statement ascending in the order of the rows?
    pub is_ascending: bool,
    /// Are there several columns in the primary key, of which the database makes one?
    pub made_in_part: bool,
    /// The statements made so far.
    pub batches: Batches,
}

/// A foreign key.
#[derive(Debug)]
pub struct Reference {
    /// The columns that refer, as positions in [`Writing::columns`].
    pub columns: &'static [usize],
    /// The table that they refer to, with its schema: `public.users`.
    pub table: &'static str,
    /// The columns there, quoted.
    pub target: &'static [&'static str],
}

/// A UNIQUE key.
#[derive(Debug)]
pub struct Unique {
    /// The constraint or the index.
    pub name: &'static str,
    /// Its columns, as positions in [`Writing::columns`].
    pub columns: &'static [usize],
    /// Are rows with NULL never the same?
    pub nulls_distinct: bool,
    /// Of a partial index, the columns of its condition that an update may change; `None` where every row is in it.
    pub scope: Option<&'static [usize]>,
    /// Can it be deferred? Then one UPDATE exchanges values.
    pub deferrable: bool,
    /// How a row gives up its value for a moment: a position in [`Writing::columns`], and what is written there.
    pub parking: Option<(usize, Parking)>,
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

/// Statements for many rows that were made, by what they do and the columns that they write.
#[derive(Debug, Default)]
pub struct Batches(pub(crate) Mutex<Vec<MadeBatch>>);

/// What it does, the statement, and what its parameters are made of.
pub(crate) type MadeBatch = (BatchKey, Arc<Statement>, Arc<[Source]>);

/// What a statement for many rows does, and the columns that it writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BatchKey {
    pub(crate) sort: u8,
    pub(crate) columns: Box<[usize]>,
}

impl Reference {
    /// Does it refer to the table of a struct?
    pub(crate) fn is_to(&self, model: &Model) -> bool {
        self.table == model.qualified
    }
}

impl Model {
    /// The places of the key among [`Writing::columns`].
    pub(crate) fn key_places(&self) -> std::ops::Range<usize> {
        self.writing.changeable..self.writing.changeable + self.key.len()
    }
}

impl Batches {
    /// None yet.
    pub const fn new() -> Self {
        Batches(Mutex::new(Vec::new()))
    }
}

/// How new rows of an entity are written. The text depends on which columns are given: the others get their DEFAULT.
#[derive(Debug)]
pub struct InsertModel {
    /// The table in SQL.
    pub sql_table: &'static str,
    /// The columns that can be given, in the order of the new row's parameters.
    pub columns: &'static [&'static ColumnModel],
    /// What the server writes where the schema has no default for it: column, then expression.
    pub computed: &'static [(&'static str, &'static str)],
    /// The columns that are answered, each of the alias `t0`.
    pub select_list: &'static str,
    /// The OIDs of `select_list`.
    pub select_oids: &'static [Oid],
    /// What happens when the row exists.
    pub conflict: Option<Conflict>,
    /// The statements made so far.
    pub made: Made,
}

/// The `ON CONFLICT` part of an upsert.
#[derive(Debug)]
pub struct Conflict {
    /// The columns of the UNIQUE key, quoted, with commas.
    pub target: &'static str,
    /// The columns that a conflict leaves as they are: those of the UNIQUE key, then those of the primary key.
    pub kept: &'static [&'static str],
    /// What every change of a row sets besides: column, then expression.
    pub touched: &'static [(&'static str, &'static str)],
}

/// Statements that were made for sets of given columns.
#[derive(Debug, Default)]
pub struct Made(Mutex<Vec<MadeStatement>>);

/// The columns that are given, and the statement that writes them.
type MadeStatement = (Box<[usize]>, Arc<Statement>);

impl Made {
    /// None yet.
    pub const fn new() -> Self {
        Made(Mutex::new(Vec::new()))
    }
}

/// Sets of given columns that get a statement slot of their own; rarer ones are found by their text.
const SLOTTED_SETS: usize = 32;

impl InsertModel {
    /// The place of a column.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The statement for a row of which the columns at the indices `given` are written.
    pub(crate) fn statement(&self, given: &[usize]) -> Arc<Statement> {
        let mut made = self.made.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, statement)) = made.iter().find(|(columns, _)| **columns == *given) {
            return Arc::clone(statement);
        }
        let sql = self.sql(given);
        let oids = given.iter().map(|index| self.columns[*index].oid).collect();
        if made.len() >= SLOTTED_SETS {
            return Arc::new(Statement::dynamic(Access::writes(&[]), sql, oids, self.select_oids));
        }
        let statement = Arc::new(Statement::slotted(Access::writes(&[]), sql, oids, self.select_oids));
        made.push((given.into(), Arc::clone(&statement)));
        statement
    }

    fn sql(&self, given: &[usize]) -> String {
        let given: Vec<&ColumnModel> = given.iter().map(|index| self.columns[*index]).collect();
        let names = given.iter().map(|column| column.name).chain(self.computed.iter().map(|(name, _)| *name));
        let values = given.iter().enumerate().map(|(index, column)| format!("${}{}", index + 1, column.cast));
        let values = values.chain(self.computed.iter().map(|(_, expression)| (*expression).to_owned()));
        let (names, values) = (names.collect::<Vec<_>>().join(", "), values.collect::<Vec<_>>().join(", "));
        let mut sql = format!("INSERT INTO {} AS t0 ", self.sql_table);
        if names.is_empty() {
            sql.push_str("DEFAULT VALUES");
        } else {
            let _ = write!(sql, "({names}) VALUES ({values})");
        }
        if let Some(conflict) = &self.conflict {
            sql.push_str(&conflict.clause(&given));
        }
        let _ = write!(sql, " RETURNING {}", self.select_list);
        sql
    }
}

impl Conflict {
    /// ` ON CONFLICT … DO UPDATE …` for these given columns.
    pub(crate) fn clause(&self, given: &[&ColumnModel]) -> String {
        format!(" ON CONFLICT ({}) DO UPDATE SET {}", self.target, self.changes(given))
    }

    /// What a conflict writes. A row that has nothing but its keys is written over with itself, so that it is answered.
    fn changes(&self, given: &[&ColumnModel]) -> String {
        let changed = given.iter().map(|column| column.name).filter(|name| !self.kept.contains(name));
        let mut changes: Vec<String> = changed.map(|name| format!("{name} = excluded.{name}")).collect();
        if changes.is_empty() {
            changes.extend(self.kept.first().map(|name| format!("{name} = excluded.{name}")));
        }
        changes.extend(self.touched.iter().map(|(name, expression)| format!("{name} = {expression}")));
        changes.join(", ")
    }
}
