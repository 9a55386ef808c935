//! What a struct itself says of its values, before they are sent.

use crate::error::{BoxError, Error};

/// What a function says that refuses a row.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no error",
    label = "the function must answer `Result<(), E>`, with `String` for `E`, or a type that has `std::error::Error`"
)]
pub trait Objection {
    /// The same as a cause.
    fn into_cause(self) -> BoxError;
}

/// A struct that the crate `garde` looks at.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be validated by `garde`",
    label = "needs `#[derive(garde::Validate)]`, and the feature `garde` of `persist`"
)]
pub trait Guarded {
    /// Looks at it.
    ///
    /// # Errors
    /// What is wrong with it.
    fn guarded(&self) -> Result<(), BoxError>;
}

#[diagnostic::do_not_recommend]
impl<E: Into<BoxError>> Objection for E {
    fn into_cause(self) -> BoxError {
        self.into()
    }
}

#[cfg(feature = "garde")]
#[diagnostic::do_not_recommend]
impl<T: ::garde::Validate<Context = ()>> Guarded for T {
    fn guarded(&self) -> Result<(), BoxError> {
        Ok(self.validate()?)
    }
}

/// What the function in `#[persist(validate = …)]` has said of a row.
///
/// # Errors
/// The values are refused.
pub fn validated<E: Objection>(table: &'static str, said: Result<(), E>) -> Result<(), Error> {
    said.map_err(|why| Error::refused(table, why.into_cause()))
}

/// What `garde` says of a row.
///
/// # Errors
/// The values are refused.
pub fn garde(table: &'static str, row: &impl Guarded) -> Result<(), Error> {
    row.guarded().map_err(|why| Error::refused(table, why))
}
