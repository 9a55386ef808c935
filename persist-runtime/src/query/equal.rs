//! What a column can be equal to.

use crate::query::column::Column;
use crate::query::computed::Computed;
use crate::query::now::{Moment, Now};
use crate::query::operand::{Operand, Side};
use crate::table::column::ColumnModel;
use crate::value::scalar::Scalar;

/// What a column whose field is a `T` can be equal to: what it can be [compared](Operand) with, and where it may be NULL
/// an `Option` of that; `None` is NULL.
///
/// ```
/// # use persist_sample::*;
/// # fn example(pipelines: PipelineRepository<'_>, owner: Option<Uuid>) {
/// let of_the_owner_or_of_nobody = pipelines.filter(|p| p.owner_id.eq(owner));
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "a column of type `{T}` cannot be compared with `{Self}`",
    label = "expected `{T}`, or another column of that type"
)]
pub trait Equal<T> {
    /// The other side of a comparison with `column`; `None` is NULL.
    #[doc(hidden)]
    fn equal(self, column: &'static ColumnModel) -> Option<Side>;
}

/// Whoever has a type of its own could say of it what can be compared with it, so what can be is listed.
macro_rules! equal {
    ($([$($generics:tt)*] $value:ty => $inner:ty;)*) => { $(
        equal!(@ [$($generics)*] $value => $inner, $inner);
        equal!(@ [$($generics)*] $value => $inner, Option<$inner>);
    )* };
    (@ [$($generics:tt)*] $value:ty => $inner:ty, $field:ty) => {
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Equal<$field> for $value {
            fn equal(self, column: &'static ColumnModel) -> Option<Side> {
                Some(Operand::<$inner>::operand(self, column))
            }
        }
    };
}
equal! {
    [S: Scalar] S => S;
    [S: Scalar + Clone] &S => S;
    [] &str => String;
    [S: Scalar] Column<S> => S;
    [S: Scalar] Column<Option<S>> => S;
    [S: Scalar] Computed<S> => S;
    [S: Scalar] Computed<Option<S>> => S;
    [S: Scalar<Family: Moment>] Now => S;
}

#[cfg(feature = "decimal")]
equal! {
    [] i64 => rust_decimal::Decimal;
}

#[diagnostic::do_not_recommend]
impl<S: Scalar> Equal<Option<S>> for Option<S> {
    fn equal(self, column: &'static ColumnModel) -> Option<Side> {
        self.map(|value| value.operand(column))
    }
}

#[diagnostic::do_not_recommend]
impl<S: Scalar + Clone> Equal<Option<S>> for &Option<S> {
    fn equal(self, column: &'static ColumnModel) -> Option<Side> {
        self.clone().map(|value| value.operand(column))
    }
}
