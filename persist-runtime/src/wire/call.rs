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
        match given == taken {
            true if given <= MOST_PARAMS => Ok(()),
            true => Err(too_many_params(given)),
            false => Err(wrong_number_of_params(self.statement, taken, given)),
        }
    }
}

/// The protocol counts parameters by 16 bits.
const MOST_PARAMS: usize = u16::MAX as usize;

#[cold]
fn too_many_params(given: usize) -> Error {
    Error::too_large(format!(
        "a statement takes at most {MOST_PARAMS} parameters, and this one has {given}: compare with a list (`in_`), which is \
         one, or write several statements; nothing was sent"
    ))
}

pub(crate) fn wrong_number_of_params(statement: &Statement, taken: usize, given: usize) -> Error {
    Error::invalid(format!(
        "the statement takes {taken} parameters, but {given} were given: {}",
        statement.sql()
    ))
}
