//! The traits that the derive implements for a struct, and the repository that they name.

use std::marker::PhantomData;
use std::ops::Deref;

use crate::error::Error;
use crate::model::Model;
use crate::parameters::{Key, Parameters};
use crate::row::Row;
use crate::scope::Scope;
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

/// Finds, writes and deletes the rows of one entity.
///
/// The derive makes a type such as `PipelineRepository<'_>` that derefs to this one; domain queries are inherent methods of
/// that type. It is cheap to make: get one wherever it is needed.
pub struct Repository<'a, E> {
    session: Session<'a>,
    entity: PhantomData<fn() -> E>,
}

impl<'a, E: Entity> Repository<'a, E> {
    /// A repository that works in this session.
    pub fn new(session: Session<'a>) -> Self {
        Repository { session, entity: PhantomData }
    }

    /// The session that it works in, for other repositories and raw statements.
    pub fn session(&self) -> &Session<'a> {
        &self.session
    }
}

impl<E> Clone for Repository<'_, E> {
    fn clone(&self) -> Self {
        Repository { session: self.session.clone(), entity: PhantomData }
    }
}

impl<'a> Session<'a> {
    /// The repository of an entity that works in this session.
    pub fn repository<E: Entity>(self) -> E::Repository<'a> {
        E::Repository::from(self)
    }
}

/// Reads a row.
pub(crate) fn read<E: Entity>(row: &tokio_postgres::Row) -> Result<E, Error> {
    E::decode(&Row::new(row), 0)
}

/// Reads a row behind the others.
pub(crate) fn read_into<E: Entity>(row: &tokio_postgres::Row, found: &mut Vec<E>) -> Result<(), Error> {
    found.push(read(row)?);
    Ok(())
}
