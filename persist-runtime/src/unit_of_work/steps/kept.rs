//! The statements for many rows that were made, kept with their table.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::sql::batch::{Hold, Text};
use crate::sql::source::Source;
use crate::table::facts::{Parking, Table};
use crate::table::model::Model;
use crate::table::shape::ToMany;
use crate::wire::access::{Access, Effect, Tables};
use crate::wire::statement::Statement;

/// What a statement is found by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'k> {
    pub(super) purpose: Purpose,
    /// The columns that it writes.
    pub(super) columns: &'k [usize],
    /// The version column that it checks.
    pub(super) version: Option<usize>,
    /// The columns by which rows must belong to the same ones as before.
    pub(super) by: &'k [usize],
    /// What it sets besides.
    pub(super) touched: &'k [(usize, &'static str)],
}

/// What a statement for many rows is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Lock,
    Present(Hold),
    Named,
    /// Asks for rows that this transaction has moved.
    Moved,
    Park(Parking),
    Update,
    /// An UPDATE of rows that differ in different columns.
    UpdateMasked,
    Delete,
    /// Structs differ in what they leave to the server.
    Insert(Address<Model>),
    Upsert(Address<Model>),
    Link(Address<ToMany>),
    Unlink(Address<ToMany>),
    Linked(Address<ToMany>),
}

/// Something that is the same only if it is the very same.
pub(super) struct Address<T: 'static>(pub(super) &'static T);

/// The statements of a table.
#[derive(Default)]
struct Statements(Mutex<Vec<Made>>);

struct Made {
    purpose: Purpose,
    columns: Box<[usize]>,
    version: Option<usize>,
    by: Box<[usize]>,
    touched: Box<[(usize, &'static str)]>,
    statement: Arc<Statement>,
    /// What its parameters are made of.
    sources: Arc<[Source]>,
}

/// Statements of a table that get a slot of their own; rarer ones are found by their text.
const SLOTTED: usize = 64;

/// The statement for a purpose, made at the first use; it writes this table.
pub(super) fn kept(
    table: &'static Table,
    wanted: Wanted<'_>,
    written: &'static str,
    write: impl FnOnce() -> Text,
) -> (Arc<Statement>, Arc<[Source]>) {
    let statements: &Statements = table.batches.get_or_init(Statements::default);
    let mut made = statements.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(made) = made.iter().find(|made| made.is(&wanted)) {
        return (Arc::clone(&made.statement), Arc::clone(&made.sources));
    }
    let Text { sql, oids, sources, .. } = write();
    let access = Access::of(Effect::Writes, Tables::One(written));
    let sources: Arc<[Source]> = sources.into();
    if made.len() >= SLOTTED {
        return (Arc::new(Statement::dynamic(access, sql, oids, &[])), sources);
    }
    let statement = Arc::new(Statement::slotted(access, sql, oids, &[]));
    let Wanted { purpose, columns, version, by, touched } = wanted;
    made.push(Made {
        purpose,
        columns: columns.into(),
        version,
        by: by.into(),
        touched: touched.into(),
        statement: Arc::clone(&statement),
        sources: Arc::clone(&sources),
    });
    (statement, sources)
}

impl Made {
    fn is(&self, wanted: &Wanted<'_>) -> bool {
        self.purpose == wanted.purpose
            && *self.columns == *wanted.columns
            && self.version == wanted.version
            && *self.by == *wanted.by
            && *self.touched == *wanted.touched
    }
}

impl<'k> Wanted<'k> {
    /// A statement that writes these columns and checks no version.
    pub(super) fn of(purpose: Purpose, columns: &'k [usize]) -> Self {
        Wanted { purpose, columns, version: None, by: &[], touched: &[] }
    }
}

impl<T> Clone for Address<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Address<T> {}

impl<T> PartialEq for Address<T> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl<T> Eq for Address<T> {}

impl<T> fmt::Debug for Address<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:p}", self.0)
    }
}
