//! The recursion check: finds structs whose loading would never end, while the program is built.
//!
//! Associated types may refer to each other in a circle where constants may not, so they are walked, down to
//! a depth that no real aggregate has.

use crate::load::shape::Shape;

/// No step is left.
pub struct Out;

/// One step more than `F`.
pub struct Step<F>(F);

/// The steps that are walked at most.
pub type Deepest = S4<S4<S4<S4<Out>>>>;

type S4<F> = Step<Step<Step<Step<F>>>>;

/// A struct whose relations may lead on for more than `F` steps.
pub trait Recursive<F> {
    /// May they?
    const IS_RECURSIVE: bool;
}

/// Several structs, of which one may be [`Recursive`].
pub trait AnyRecursive<F> {
    /// Is one?
    const IS_RECURSIVE: bool;
}

/// Asks whether a struct is [`Recursive`]. Of one that is no [`Shape`], which is reported elsewhere, nothing
/// is known.
pub struct RecursionCheck<T>(T);

impl<T: Recursive<Deepest>> RecursionCheck<T> {
    /// Would loading it never end?
    pub const IS_RECURSIVE: bool = T::IS_RECURSIVE;
}

/// What is answered where [`RecursionCheck`] has no answer: inherent constants come before those of traits.
pub trait NotChecked {
    /// Would loading it never end?
    const IS_RECURSIVE: bool = false;
}

impl<T> NotChecked for RecursionCheck<T> {}

impl<T: Shape> Recursive<Out> for T {
    const IS_RECURSIVE: bool = true;
}

impl<F, T: Shape<Relations: AnyRecursive<F>>> Recursive<Step<F>> for T {
    const IS_RECURSIVE: bool = <T::Relations as AnyRecursive<F>>::IS_RECURSIVE;
}

impl<F> AnyRecursive<F> for () {
    const IS_RECURSIVE: bool = false;
}

impl<F, First: Recursive<F>, Rest: AnyRecursive<F>> AnyRecursive<F> for (First, Rest) {
    const IS_RECURSIVE: bool = First::IS_RECURSIVE || Rest::IS_RECURSIVE;
}
