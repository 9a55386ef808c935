//! What a column can be compared with.

use crate::query::column::Column;
use crate::sql::expression::Expression;
use crate::table::column::ColumnModel;
use crate::value::assign::Undefined;
use crate::value::scalar::{Scalar, Value};

/// Something that a column of the type `T` can be compared with: a value, a reference to one, or another
/// column.
///
/// ```
/// # use persist_sample::*;
/// # fn example(pipelines: PipelineRepository<'_>) {
/// let to_text = pipelines.filter(|p| p.name.eq("nightly"));
/// let to_a_column = pipelines.filter(|p| p.name.eq(p.description));
/// let to_a_computed_value = pipelines.filter(|p| p.version.eq(p.steps.count()));
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "a column of type `{T}` cannot be compared with `{Self}`",
    label = "expected `{T}`, or another column of that type"
)]
pub trait Operand<T> {
    /// What comes of this and a value of the type `L`, if it is NULL where either is.
    #[doc(hidden)]
    type With<L: Value>: Value;

    /// What comes of this and a value of the type `L`, if it is NULL where both are.
    #[doc(hidden)]
    type Or<L: Value>: Value;

    /// The operand as a side of a comparison with `column`.
    #[doc(hidden)]
    fn operand(self, column: &'static ColumnModel) -> Side;
}

/// Several values that a column of the type `T` can be compared with: whatever can be iterated over.
///
/// An empty array says nothing of its type: `in_([] as [Uuid; 0])`.
///
/// ```
/// # use persist_sample::*;
/// # fn example(pipelines: PipelineRepository<'_>, ids: Vec<Uuid>, loaded: &[Pipeline]) {
/// let of_an_array = pipelines.filter(|p| p.name.in_(["nightly", "weekly"]));
/// let of_a_list = pipelines.filter(|p| p.id.in_(&ids));
/// let of_an_iterator = pipelines.filter(|p| p.id.in_(loaded.iter().map(|pipeline| pipeline.id)));
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "a column of type `{T}` cannot be compared with the values of `{Self}`",
    label = "expected a list of `{T}`"
)]
pub trait Operands<T> {
    /// The values.
    #[doc(hidden)]
    fn operands(self) -> Vec<T>;
}

/// One of several values that a column of the type `T` can be compared with.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a column of type `{T}` cannot be compared with `{Self}`",
    label = "expected a list of `{T}`"
)]
pub trait ListItem<T> {
    fn list_item(self) -> T;
}

/// A side of a comparison, opaque to users.
pub struct Side(pub(crate) Expression);

#[diagnostic::do_not_recommend]
impl<T: Scalar> Operand<T> for T {
    type With<L: Value> = L;
    type Or<L: Value> = L::Inner;

    fn operand(self, column: &'static ColumnModel) -> Side {
        Side(Expression::value(self, column))
    }
}

#[diagnostic::do_not_recommend]
impl<T: Scalar + Clone> Operand<T> for &T {
    type With<L: Value> = L;
    type Or<L: Value> = L::Inner;

    fn operand(self, column: &'static ColumnModel) -> Side {
        Side(Expression::value(self.clone(), column))
    }
}

#[diagnostic::do_not_recommend]
impl Operand<String> for &str {
    type With<L: Value> = L;
    type Or<L: Value> = L::Inner;

    fn operand(self, column: &'static ColumnModel) -> Side {
        Side(Expression::value(self.to_owned(), column))
    }
}

#[diagnostic::do_not_recommend]
impl<T> Operand<T> for Column<T> {
    type With<L: Value> = L;
    type Or<L: Value> = L::Inner;

    fn operand(self, _: &'static ColumnModel) -> Side {
        Side(self.expression())
    }
}

#[diagnostic::do_not_recommend]
impl<T> Operand<T> for Column<Option<T>> {
    type With<L: Value> = Option<L::Inner>;
    type Or<L: Value> = L;

    fn operand(self, _: &'static ColumnModel) -> Side {
        Side(self.expression())
    }
}

#[cfg(feature = "decimal")]
#[diagnostic::do_not_recommend]
impl Operand<rust_decimal::Decimal> for i64 {
    type With<L: Value> = L;
    type Or<L: Value> = L::Inner;

    fn operand(self, column: &'static ColumnModel) -> Side {
        Side(Expression::value(rust_decimal::Decimal::from(self), column))
    }
}

/// Gives each plain type a second implementation: with exactly one other, rustc prints that one with its
/// source.
macro_rules! second {
    ($($ty:ty),*) => { $(
        #[diagnostic::do_not_recommend]
        impl Operand<Undefined> for $ty {
            type With<L: Value> = L;
            type Or<L: Value> = L::Inner;

            fn operand(self, column: &'static ColumnModel) -> Side {
                Side(Expression::value(self.to_owned(), column))
            }
        }
    )* };
}
second!(&str, String, bool, i16, i32, i64, f32, f64);

#[diagnostic::do_not_recommend]
impl<T, I: IntoIterator<Item: ListItem<T>>> Operands<T> for I {
    fn operands(self) -> Vec<T> {
        self.into_iter().map(ListItem::list_item).collect()
    }
}

#[diagnostic::do_not_recommend]
impl<T: Scalar> ListItem<T> for T {
    fn list_item(self) -> T {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T: Scalar + Clone> ListItem<T> for &T {
    fn list_item(self) -> T {
        self.clone()
    }
}

#[diagnostic::do_not_recommend]
impl ListItem<String> for &str {
    fn list_item(self) -> String {
        self.to_owned()
    }
}

#[diagnostic::do_not_recommend]
impl ListItem<String> for &&str {
    fn list_item(self) -> String {
        (*self).to_owned()
    }
}
