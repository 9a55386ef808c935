//! What an update of many rows sets.

use crate::query::column::Column;
use crate::query::computed::Computed;
use crate::query::operand::Side;
use crate::sql::expression::Expression;
use crate::table::column::ColumnModel;
use crate::value::assign::Assign;
use crate::value::scalar::{Json, Scalar};

/// A column and the value that it is set to.
///
/// ```
/// # use persist_sample::*;
/// use persist::query::Assignment;
///
/// fn retire(p: PipelineColumns) -> [Assignment; 2] {
///     [p.is_active.set(false), p.description.set("retired")]
/// }
/// ```
#[must_use = "an assignment does nothing until it is given to `update`"]
pub struct Assignment {
    pub(crate) column: &'static ColumnModel,
    pub(crate) value: Expression,
}

/// What a column of the type `T` can be set to: a value as for [`Assign`], a column, or a computed value.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
/// let to_a_value = pipelines.query().update(|p| p.description.set("none")).await?;
/// let to_a_column = pipelines.query().update(|p| p.description.set(p.name)).await?;
/// let to_a_computed_value = pipelines.query().update(|p| p.version.set(p.version + 1)).await?;
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "a column of type `{T}` cannot be set to `{Self}`",
    label = "expected `{T}`, or a column or a computed value of that type"
)]
pub trait Settable<T> {
    /// The value for `column`.
    #[doc(hidden)]
    fn settable(self, column: &'static ColumnModel) -> Side;
}

impl<T> Column<T> {
    /// Sets the column, in an update of many rows.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>, steps: StepRepository<'_>) -> Result {
    /// let changed = pipelines.filter(|p| p.name.eq("nightly")).update(|p| p.is_active.set(false)).await?;
    /// let cleared = pipelines.query().update(|p| p.description.set(None)).await?;
    /// let moved = steps.filter(|s| s.position.ge(3)).update(|s| s.position.set(s.position + 1)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn set(self, value: impl Settable<T>) -> Assignment {
        let Side(value) = value.settable(self.model);
        Assignment { column: self.model, value }
    }
}

impl<T> Column<T> {
    /// Sets the column to its DEFAULT, which is NULL where it has none.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>, id: Uuid) -> Result {
    /// let reset = pipelines.filter(|p| p.id.eq(id)).update(|p| p.is_active.set_default()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_default(self) -> Assignment {
        Assignment { column: self.model, value: Expression::Fixed("DEFAULT") }
    }
}

/// Whoever has a type of its own could say of it that a column is assigned to it, so what can be assigned is listed.
macro_rules! settable {
    (values $([$($generics:tt)*] $from:ty => $to:ty $(, $document:ty)?;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Settable<$to> for $from $(where $document: Scalar)? {
            fn settable(self, column: &'static ColumnModel) -> Side {
                Side(Expression::value(Assign::<$to>::assign(self), column))
            }
        }
    )* };
    (expressions $([$($generics:tt)*] $from:ty => $to:ty;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Settable<$to> for $from {
            fn settable(self, _: &'static ColumnModel) -> Side {
                Side(self.expression())
            }
        }
    )* };
}
settable! { values
    [T: Scalar] T => T;
    [T: Scalar] T => Option<T>;
    [T: Scalar] Option<T> => Option<T>;
    [T] T => Json<T>, Json<T>;
    [T] T => Option<Json<T>>, Json<T>;
    [] &str => String;
    [] &str => Option<String>;
    [] &String => String;
    [] &String => Option<String>;
    [T: Scalar, const N: usize] [T; N] => Vec<T>;
    [T: Scalar, const N: usize] [T; N] => Option<Vec<T>>;
    [const N: usize] [&str; N] => Vec<String>;
    [const N: usize] [&str; N] => Option<Vec<String>>;
}
settable! { expressions
    [T] Column<T> => T;
    [T] Column<T> => Option<T>;
    [T] Computed<T> => T;
    [T] Computed<T> => Option<T>;
}

impl std::fmt::Debug for Assignment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} = …", self.column.name)
    }
}

/// One assignment, or several: an array or `Vec`, or a tuple of up to twelve. An `Option` of one is set where it is `Some`.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
/// let query = || pipelines.filter(|p| p.steps.is_empty());
/// let one = query().update(|p| p.is_active.set(false)).await?;
/// let two = query().update(|p| (p.is_active.set(false), p.description.set("empty"))).await?;
/// // What a request may leave out.
/// let (name, is_active): (Option<String>, Option<bool>) = (None, Some(false));
/// let some = query()
///     .update(|p| (name.map(|name| p.name.set(name)), is_active.map(|active| p.is_active.set(active))))
///     .await?;
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no assignment",
    label = "expected `column.set(value)`, or several in a tuple or an array"
)]
pub trait IntoAssignments {
    /// The assignments.
    fn into_assignments(self) -> Vec<Assignment>;
}

#[diagnostic::do_not_recommend]
impl IntoAssignments for Assignment {
    fn into_assignments(self) -> Vec<Assignment> {
        vec![self]
    }
}

#[diagnostic::do_not_recommend]
impl<A: IntoAssignments> IntoAssignments for Option<A> {
    fn into_assignments(self) -> Vec<Assignment> {
        self.map(IntoAssignments::into_assignments).unwrap_or_default()
    }
}

#[diagnostic::do_not_recommend]
impl<A: IntoAssignments, const N: usize> IntoAssignments for [A; N] {
    fn into_assignments(self) -> Vec<Assignment> {
        self.into_iter().flat_map(IntoAssignments::into_assignments).collect()
    }
}

#[diagnostic::do_not_recommend]
impl<A: IntoAssignments> IntoAssignments for Vec<A> {
    fn into_assignments(self) -> Vec<Assignment> {
        self.into_iter().flat_map(IntoAssignments::into_assignments).collect()
    }
}

macro_rules! tuples {
    ($first:ident $($other:ident)*) => {
        #[diagnostic::do_not_recommend]
        impl<$first: IntoAssignments $(, $other: IntoAssignments)*> IntoAssignments for ($first, $($other,)*) {
            #[expect(non_snake_case, reason = "the values of a tuple are named like their types")]
            fn into_assignments(self) -> Vec<Assignment> {
                let ($first, $($other,)*) = self;
                let first = $first.into_assignments().into_iter();
                first$(.chain($other.into_assignments()))*.collect()
            }
        }

        tuples!($($other)*);
    };
    () => {};
}
tuples!(A B C D E F G H I J K L);

/// A closure that says what is set, such as `|p| p.is_active.set(false)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what is set",
    label = "expected a closure such as `|row| row.column.set(value)`"
)]
pub trait Changes<C>: FnOnce(C) -> Self::Assignments {
    /// The assignments.
    type Assignments: IntoAssignments;
}

#[diagnostic::do_not_recommend]
impl<C, A: IntoAssignments, F: FnOnce(C) -> A> Changes<C> for F {
    type Assignments = A;
}
