//! The traits that the derive implements for a struct.

use std::ops::Deref;

use crate::error::Error;
use crate::model::Model;
use crate::parameters::{Key, Parameters};
use crate::query::Scope;
use crate::repository::Repository;
use crate::row::Row;
use crate::session::Session;

/// A struct that is read from columns of one table.
#[diagnostic::on_unimplemented(message = "`{Self}` maps no table", label = "add `#[derive(Repository)]`")]
pub trait Shape: Sized + Send + 'static {
    /// The table with its schema, such as `public.pipelines`.
    const TABLE: &'static str;

    /// Reads the struct from the cells of a row, the first being at the index `at`.
    ///
    /// # Errors
    /// A cell holds what its field cannot; the error names the column.
    fn decode(row: &Row<'_>, at: usize) -> Result<Self, Error>;
}

/// A struct whose rows are found, written and deleted by a repository: `#[derive(Repository)]`.
///
/// As [`Parameters`] it is what an update sends: the columns that may change, the key, and the version if there is one.
#[diagnostic::on_unimplemented(message = "`{Self}` maps no table", label = "add `#[derive(Repository)]`")]
pub trait Entity: Shape + Parameters {
    /// The generated repository, such as `PipelineRepository<'_>`.
    type Repository<'a>: From<Session<'a>> + Deref<Target = Repository<'a, Self>> + Send + Sync;

    /// The columns, for filters and the like.
    type Columns: Copy;

    /// The primary key: one value, or a tuple.
    type Key: Key;

    /// A row that does not exist yet, such as `NewPipeline`.
    type New: New<Entity = Self>;

    /// The columns of the table that `scope` stands for.
    fn columns(scope: Scope) -> Self::Columns;

    /// The SQL that was made when the program was built.
    fn model() -> &'static Model;
}

/// A row that does not exist yet. As [`Parameters`] it is the columns that can be given.
pub trait New: Parameters + Sized {
    /// What it becomes.
    type Entity: Entity<New = Self>;

    /// Is the column at this index given, or left to its DEFAULT?
    fn is_given(&self, index: usize) -> bool;

    /// The foreign key column that waits for the row that this one is nested in.
    fn waits_for_parent(&self) -> Option<&'static str>;
}
