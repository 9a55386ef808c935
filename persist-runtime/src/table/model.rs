//! What the derive knew of an entity when the program was built, as data.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio_postgres::types::Oid;

use crate::table::column::ColumnModel;
use crate::table::facts::{Table, TableId};
use crate::table::finder::Finder;
use crate::table::shape::ShapeModel;
use crate::wire::statement::Statement;

/// An entity: its table, and what the struct says of it. Columns are places in the table.
#[derive(Debug)]
pub struct Model {
    /// The table.
    pub table: &'static Table,
    /// What is read of a row.
    pub shape: &'static ShapeModel,
    /// The columns of the primary key, in the order of the entity's key.
    pub key: &'static [&'static ColumnModel],
    /// The columns of the entity as [`Parameters`](crate::Parameters): those that an update may change, the
    /// key, the version.
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
    /// Writes a new row, or changes the one with its primary key; `None` where the key is DEFERRABLE or never
    /// given.
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
        self.table.id()
    }

    /// Does the database make the primary key, so that it is not known before?
    pub(crate) fn makes_key(&self) -> bool {
        matches!(self.made, MadeKey::Made | MadeKey::Ascending)
    }

    /// What every change of a row sets besides: the columns, and the expressions.
    pub(crate) fn touches(&self) -> impl Iterator<Item = (&'static ColumnModel, &'static str)> {
        self.touched.iter().map(|(place, expression)| (&self.table.columns[*place], *expression))
    }

    /// The columns that an update may change.
    pub(crate) fn changing(&self) -> &'static [usize] {
        &self.places[..self.changeable]
    }
}

/// How new rows of an entity are written. The text depends on which columns are given: the others get their
/// DEFAULT.
#[derive(Debug)]
pub struct InsertModel {
    /// The table.
    pub table: &'static Table,
    /// The columns that can be given, in the order of the new row's parameters.
    pub places: &'static [usize],
    /// What the server writes where the schema has no default for it, unless it is given: column, then expression.
    pub computed: &'static [(usize, &'static str)],
    /// What every change of a row sets besides: column, then expression.
    pub touched: &'static [(usize, &'static str)],
    /// What is answered of the row.
    pub shape: &'static ShapeModel,
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
    /// The columns that a conflict leaves as they are: those of the UNIQUE key, then those of the primary
    /// key.
    pub kept: &'static [usize],
    /// What the conflict is with, where that is not these columns alone; `\0` stands for the table.
    pub aim: Option<&'static str>,
    /// The columns of which NULL is a value like any other.
    pub nulls: &'static [usize],
}

/// The parameters that are given, and the statement that writes them.
type MadeStatement = (Box<[usize]>, Arc<Statement>);

/// Sets of given columns that get a statement slot of their own; rarer ones are found by their text.
const SLOTTED_SETS: usize = 32;

impl InsertModel {
    /// How new rows are written; see the fields.
    pub const fn new(
        table: &'static Table,
        places: &'static [usize],
        computed: &'static [(usize, &'static str)],
        touched: &'static [(usize, &'static str)],
        shape: &'static ShapeModel,
    ) -> Self {
        let made = Mutex::new(Vec::new());
        InsertModel { table, places, computed, touched, shape, conflict: None, made }
    }

    /// The same, and what happens when the row exists.
    pub const fn on_conflict(mut self, target: &'static [usize], kept: &'static [usize]) -> Self {
        self.conflict = Some(Conflict { target, kept, aim: None, nulls: &[] });
        self
    }

    /// The same, of a UNIQUE index over expressions or some rows.
    pub const fn aimed_at(mut self, target: &'static str) -> Self {
        if let Some(conflict) = &mut self.conflict {
            conflict.aim = Some(target);
        }
        self
    }

    /// The same, where NULL in these columns is a value like any other.
    pub const fn finding_null(mut self, columns: &'static [usize]) -> Self {
        if let Some(conflict) = &mut self.conflict {
            conflict.nulls = columns;
        }
        self
    }

    /// The column of a parameter.
    pub(crate) fn column(&self, parameter: usize) -> &'static ColumnModel {
        &self.table.columns[self.places[parameter]]
    }

    /// Can a new row be given a value of this column?
    pub(crate) fn has(&self, place: usize) -> bool {
        self.places.contains(&place)
    }

    /// The statement for a row of which the parameters at the indices `given` are written, made at the first
    /// use.
    pub(crate) fn statement(
        &self,
        given: &[usize],
        make: impl FnOnce() -> (String, Vec<Oid>, Vec<Oid>),
    ) -> Arc<Statement> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, statement)) = made.iter().find(|(columns, _)| **columns == *given) {
            return Arc::clone(statement);
        }
        let (sql, parameters, answered) = make();
        if made.len() >= SLOTTED_SETS {
            return Arc::new(Statement::dynamic(self.table.writes(), sql, parameters, answered));
        }
        let statement = Arc::new(Statement::slotted(self.table.writes(), sql, parameters, answered));
        made.push((given.into(), Arc::clone(&statement)));
        statement
    }
}
