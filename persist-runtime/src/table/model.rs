//! What the derive knew of an entity when the program was built, as data.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio_postgres::types::Oid;

use crate::load::plan::Finder;
use crate::table::facts::{Table, TableId};
use crate::table::shape::ColumnModel;
use crate::wire::statement::Statement;

/// An entity: its table, and what the struct says of it. Columns are places in the table.
#[derive(Debug)]
pub struct Model {
    /// The table for messages, such as `pipelines`.
    pub table: &'static str,
    /// The table in SQL, quoted and qualified where it has to be.
    pub sql_table: &'static str,
    /// The table with its schema, such as `public.pipelines`.
    pub qualified: &'static str,
    /// The table.
    pub facts: &'static Table,
    /// The columns of the struct, each of the alias `t0`.
    pub select_list: &'static str,
    /// The OIDs of `select_list`.
    pub select_oids: &'static [Oid],
    /// The columns of the primary key, in the order of the entity's key.
    pub key: &'static [&'static ColumnModel],
    /// The columns of the entity as [`Parameters`](crate::Parameters): those that an update may change, the key, the version.
    pub places: &'static [usize],
    /// How many of them an update may change; they come first.
    pub changeable: usize,
    /// What every change of a row sets besides, such as `updated_at = now()`; column, then expression.
    pub touched: &'static [(usize, &'static str)],
    /// The version column.
    pub version: Option<usize>,
    /// Finds rows by the primary key.
    pub find: Finder,
    /// The indices of the key's columns among the cells that are read.
    pub key_at: &'static [usize],
    /// What the database makes of the primary key of new rows.
    pub made: MadeKey,
    /// Writes a new row.
    pub insert: InsertModel,
    /// Writes a new row, or changes the one with its primary key; `None` where the key is DEFERRABLE or never given.
    pub upsert: Option<InsertModel>,
    /// Writes all columns of one row by its key and version, made at the first use.
    pub update: OnceLock<Statement>,
    /// Deletes one row by its key, made at the first use.
    pub delete: OnceLock<Statement>,
}

/// What the database makes of a primary key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MadeKey {
    /// Nothing.
    Given,
    /// All of it, which is one column.
    Made,
    /// All of it, and for the rows of one statement in ascending order.
    Ascending,
    /// One column of several.
    InPart,
}

impl Model {
    /// The identity of its table.
    pub(crate) fn id(&self) -> TableId {
        self.facts.id()
    }

    /// Does the database make the primary key, so that it is not known before?
    pub(crate) fn makes_key(&self) -> bool {
        matches!(self.made, MadeKey::Made | MadeKey::Ascending)
    }

    /// The columns that an update may change.
    pub(crate) fn changing(&self) -> &'static [usize] {
        &self.places[..self.changeable]
    }
}

/// How new rows of an entity are written. The text depends on which columns are given: the others get their DEFAULT.
#[derive(Debug)]
pub struct InsertModel {
    /// The table.
    pub facts: &'static Table,
    /// The columns that can be given, in the order of the new row's parameters.
    pub places: &'static [usize],
    /// What the server writes where the schema has no default for it: column, then expression.
    pub computed: &'static [(usize, &'static str)],
    /// What every change of a row sets besides: column, then expression.
    pub touched: &'static [(usize, &'static str)],
    /// The columns that are answered, each of the alias `t0`.
    pub select_list: &'static str,
    /// The OIDs of `select_list`.
    pub select_oids: &'static [Oid],
    /// What happens when the row exists.
    pub conflict: Option<Conflict>,
    /// The statements made so far.
    made: Mutex<Vec<MadeStatement>>,
}

/// The `ON CONFLICT` part of an upsert.
#[derive(Debug, Clone, Copy)]
pub struct Conflict {
    /// The columns of the UNIQUE key.
    pub target: &'static [usize],
    /// The columns that a conflict leaves as they are: those of the UNIQUE key, then those of the primary key.
    pub kept: &'static [usize],
}

/// The parameters that are given, and the statement that writes them.
type MadeStatement = (Box<[usize]>, Arc<Statement>);

/// Sets of given columns that get a statement slot of their own; rarer ones are found by their text.
const SLOTTED_SETS: usize = 32;

impl InsertModel {
    /// How new rows are written; see the fields.
    pub const fn new(
        facts: &'static Table,
        places: &'static [usize],
        computed: &'static [(usize, &'static str)],
        touched: &'static [(usize, &'static str)],
        select_list: &'static str,
        select_oids: &'static [Oid],
    ) -> Self {
        let made = Mutex::new(Vec::new());
        InsertModel { facts, places, computed, touched, select_list, select_oids, conflict: None, made }
    }

    /// The same, and what happens when the row exists.
    pub const fn on_conflict(mut self, target: &'static [usize], kept: &'static [usize]) -> Self {
        self.conflict = Some(Conflict { target, kept });
        self
    }

    /// The column of a parameter.
    pub(crate) fn column(&self, parameter: usize) -> &'static ColumnModel {
        &self.facts.columns[self.places[parameter]]
    }

    /// Can a new row be given a value of this column?
    pub(crate) fn has(&self, place: usize) -> bool {
        self.places.contains(&place)
    }

    /// The statement for a row of which the parameters at the indices `given` are written, made at the first use.
    pub(crate) fn statement(&self, given: &[usize], make: impl FnOnce() -> String) -> Arc<Statement> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, statement)) = made.iter().find(|(columns, _)| **columns == *given) {
            return Arc::clone(statement);
        }
        let oids = given.iter().map(|parameter| self.column(*parameter).oid).collect();
        if made.len() >= SLOTTED_SETS {
            return Arc::new(Statement::dynamic(make(), oids, self.select_oids));
        }
        let statement = Arc::new(Statement::slotted(make(), oids, self.select_oids));
        made.push((given.into(), Arc::clone(&statement)));
        statement
    }
}
