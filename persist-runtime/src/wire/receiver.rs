//! Who takes the rows that calls answer.

use tokio_postgres::Row;

use crate::error::Error;

/// Takes the rows that calls answer, one call after another.
pub(crate) trait Receiver: Send {
    /// Takes a row of the call at this index.
    fn accept(&mut self, call: usize, row: Row) -> Result<(), Error>;

    /// Forgets all rows: they come once more.
    fn restart(&mut self);

    /// Could it forget the rows that it has taken?
    fn can_restart(&self) -> bool {
        true
    }

    /// Takes notice of the call whose answer was the first error.
    fn failed(&mut self, _call: usize) {}

    /// What an error means to the sender of the statements.
    fn explained(&self, error: Error) -> Error {
        error
    }
}

/// Takes the rows of one statement as they arrive.
pub(crate) type Each<'a> = &'a mut (dyn FnMut(&Row) -> Result<(), Error> + Send);

/// A function that takes the rows of one statement.
pub(crate) struct EachRow<'e> {
    each: Each<'e>,
    has_rows: bool,
}

impl<'e> EachRow<'e> {
    pub(crate) fn new(each: Each<'e>) -> Self {
        EachRow { each, has_rows: false }
    }
}

impl Receiver for EachRow<'_> {
    fn accept(&mut self, _: usize, row: Row) -> Result<(), Error> {
        self.has_rows = true;
        (self.each)(&row)
    }

    fn restart(&mut self) {}

    fn can_restart(&self) -> bool {
        !self.has_rows
    }
}

/// Drops all rows.
pub(crate) struct Discard;

impl Receiver for Discard {
    fn accept(&mut self, _: usize, _: Row) -> Result<(), Error> {
        Ok(())
    }

    fn restart(&mut self) {}
}
