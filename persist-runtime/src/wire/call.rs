//! A statement with its parameters.

use crate::error::Error;
use crate::value::parameters::Parameters;
use crate::wire::statement::Statement;

/// A statement with its parameters.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) statement: &'a Statement,
    pub(crate) params: &'a dyn Parameters,
}

impl Call<'_> {
    /// Compares the numbers of parameters, before anything is sent.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let (taken, given) = (self.statement.params().len(), self.params.count());
        if given == taken { Ok(()) } else { Err(wrong_number_of_params(self.statement, taken, given)) }
    }
}

pub(crate) fn wrong_number_of_params(statement: &Statement, taken: usize, given: usize) -> Error {
    Error::invalid(format!(
        "the statement takes {taken} parameters, but {given} were given: {}",
        statement.sql()
    ))
}
