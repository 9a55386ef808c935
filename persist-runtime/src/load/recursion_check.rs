//! Finds structs that would be loaded for ever, while the program is built.
//!
//! Associated types may refer to each other in a circle where constants may not, so they are walked, down to a depth that no
//! real aggregate has.

use crate::entity::traits::Shape;

/// No step is left.
pub struct Out;

/// One step more than `F`.
pub struct Step<F>(F);

/// The steps that are walked at most.
pub type Deep = S4<S4<S4<S4<Out>>>>;

type S4<F> = Step<Step<Step<Step<F>>>>;

/// A struct whose relations may lead on for more than `F` steps.
pub trait Endless<F> {
    /// Do they?
    const YES: bool;
}

/// Several structs, of which one may be [`Endless`].
pub trait AnyEndless<F> {
    /// Is one?
    const YES: bool;
}

/// Asks whether a struct is [`Endless`]. Of one that is no [`Shape`], which is reported elsewhere, nothing is known.
pub struct Probe<T>(T);

impl<T: Endless<Deep>> Probe<T> {
    /// Does loading it never come to an end?
    pub const ENDLESS: bool = T::YES;
}

/// What is said where [`Probe`] has nothing to say: inherent constants come before those of traits.
pub trait Unknown {
    /// Does loading it never come to an end?
    const ENDLESS: bool = false;
}

impl<T> Unknown for Probe<T> {}

impl<T: Shape> Endless<Out> for T {
    const YES: bool = true;
}

impl<F, T: Shape<Relations: AnyEndless<F>>> Endless<Step<F>> for T {
    const YES: bool = <T::Relations as AnyEndless<F>>::YES;
}

impl<F> AnyEndless<F> for () {
    const YES: bool = false;
}

impl<F, First: Endless<F>, Rest: AnyEndless<F>> AnyEndless<F> for (First, Rest) {
    const YES: bool = First::YES || Rest::YES;
}
