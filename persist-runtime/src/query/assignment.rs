//! What an update of many rows sets.

use crate::query::column::Column;
use crate::query::tuples::lists;
use crate::table::column::ColumnModel;
use crate::value::assign::Assign;
use crate::value::scalar::Parameter;

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
    pub(crate) value: Box<dyn Parameter>,
}

impl<T> Column<T> {
    /// Sets the column, in an update of many rows.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let changed = pipelines.filter(|p| p.name.eq("nightly")).update(|p| p.is_active.set(false)).await?;
    /// let cleared = pipelines.query().update(|p| p.description.set(None)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn set(self, value: impl Assign<T>) -> Assignment
    where
        T: Parameter + 'static,
    {
        Assignment { column: self.model, value: Box::new(value.assign()) }
    }
}

impl std::fmt::Debug for Assignment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} = …", self.column.name)
    }
}

/// One assignment, an array or `Vec` of them, or a tuple.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
/// let query = || pipelines.filter(|p| p.steps.is_empty());
/// let one = query().update(|p| p.is_active.set(false)).await?;
/// let two = query().update(|p| (p.is_active.set(false), p.description.set("empty"))).await?;
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

lists!(IntoAssignments::into_assignments for Assignment);
