//! What a column can be set to.

use crate::value::scalar::Json;

/// A value for a column of the type `T`: `T` itself, `&str` for `String`, a plain value for `Option` and
/// `Json`.
///
/// `Option<&str>` is not among them, because then a bare `None` would be ambiguous: write
/// `.map(str::to_owned)`.
///
/// ```
/// # use persist_sample::*;
/// use persist::Assign;
///
/// fn described(name: &str, description: impl Assign<Option<String>>) -> NewPipeline {
///     NewPipeline::new(name, BTreeMap::new()).description(description)
/// }
///
/// let new = [described("nightly", "Loads the day's orders"), described("hourly", None)];
/// ```
#[diagnostic::on_unimplemented(
    message = "a column of type `{T}` cannot be set to `{Self}`",
    label = "expected `{T}`"
)]
pub trait Assign<T> {
    /// The value as the column's own type.
    fn assign(self) -> T;
}

/// Gives every plain type a second implementation: with exactly one other, rustc would print that one.
#[doc(hidden)]
pub enum Undefined {}

macro_rules! assign {
    ($([$($generics:tt)*] $from:ty => $to:ty, $value:ident $body:expr;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Assign<$to> for $from {
            fn assign(self) -> $to {
                let $value = self;
                $body
            }
        }
    )* };
}

assign! {
    [T] T => T, value value;
    [T] T => Option<T>, value Some(value);
    [T] T => Json<T>, value Json(value);
    [T] T => Option<Json<T>>, value Some(Json(value));
    [] &str => String, value value.to_owned();
    [] &str => Option<String>, value Some(value.to_owned());
    [] &String => String, value value.clone();
    [] &String => Option<String>, value Some(value.clone());
    [T, const N: usize] [T; N] => Vec<T>, value value.into();
    [T, const N: usize] [T; N] => Option<Vec<T>>, value Some(value.into());
    [const N: usize] [&str; N] => Vec<String>, value value.map(str::to_owned).into();
    [const N: usize] [&str; N] => Option<Vec<String>>, value Some(value.map(str::to_owned).into());
}
