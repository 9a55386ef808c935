//! Entities over views of the database, whose rows are only read.

use std::marker::PhantomData;

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, Type};

use crate::entity::traits::{Entity, New};
use crate::error::{BoxError, Error};
use crate::value::parameters::Parameters;
use crate::write::handle::Waiting;
use crate::write::new_row::Never;

/// Stands for the new rows of an entity with `#[persist(read_only)]`, of which there are none.
#[derive(Debug)]
pub struct ReadOnly<E>(Never, PhantomData<fn() -> E>);

impl<E> Parameters for ReadOnly<E> {
    fn count(&self) -> usize {
        match self.0 {}
    }

    fn write(&self, _: usize, _: &Type, _: &mut BytesMut) -> Result<IsNull, BoxError> {
        match self.0 {}
    }
}

impl<E: Entity<New = ReadOnly<E>>> New for ReadOnly<E> {
    type Entity = E;

    fn is_given(&self, _: usize) -> bool {
        match self.0 {}
    }

    fn waiting(&self, _: usize) -> Option<Waiting> {
        match self.0 {}
    }
}

/// What a row of such an entity answers where it would be written.
///
/// # Errors
/// Always.
#[doc(hidden)]
pub fn only_read(table: &str) -> Result<(), Error> {
    Err(Error::invalid(format!(
        "`{table}` is a view of the database, whose rows are only read: write those of the tables that it reads"
    )))
}
