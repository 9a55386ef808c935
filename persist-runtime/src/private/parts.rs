//! What a generated struct can where the types of its fields can: whether they do is not known to the macro, and a bound
//! without a lifetime of its own would be an error where they do not.

use std::fmt::{self, Debug, Formatter};
use std::marker::PhantomData;

/// A field of the type `T`.
pub struct Part<'x, T>(PhantomData<&'x T>);

/// The field can be cloned.
pub trait ClonePart<T> {
    /// The same value once more.
    fn cloned(value: &T) -> T;
}

impl<T: Clone> ClonePart<T> for Part<'_, T> {
    fn cloned(value: &T) -> T {
        value.clone()
    }
}

/// The field can be printed.
pub trait DebugPart<T> {
    /// Prints the value.
    ///
    /// # Errors
    /// It could not be written.
    fn fmt(value: &T, f: &mut Formatter<'_>) -> fmt::Result;
}

impl<T: Debug> DebugPart<T> for Part<'_, T> {
    fn fmt(value: &T, f: &mut Formatter<'_>) -> fmt::Result {
        value.fmt(f)
    }
}

/// A field as `Debug` wants it.
pub struct Printed<'f, T>(pub &'f T, pub fn(&T, &mut Formatter<'_>) -> fmt::Result);

impl<T> Debug for Printed<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        (self.1)(self.0, f)
    }
}
