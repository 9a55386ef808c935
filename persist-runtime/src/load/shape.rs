//! Structs that are read from rows.

use crate::error::Error;
use crate::load::row::Row;
use crate::sql::scope::Scope;
use crate::table::shape::ShapeModel;
use crate::write::new_row::Insertable;
use crate::write::saved_row::SavedRows;

/// A struct that is read from columns of one table.
///
/// ```
/// # use persist_sample::*;
/// use persist::Shape;
///
/// assert_eq!(Pipeline::TABLE, "public.pipelines");
/// assert_eq!(PipelineCard::TABLE, Pipeline::TABLE);
/// ```
#[diagnostic::on_unimplemented(message = "`{Self}` maps no table", label = "add `#[derive(Repository)]`")]
pub trait Shape: Sized + Send + 'static {
    /// The table with its schema, such as `public.pipelines`.
    const TABLE: &'static str;

    /// The columns and relations, for filters and the like.
    type Columns: Copy;

    /// The structs of its relations: `(A, (B, ()))`.
    type Relations;

    /// A row of it that does not exist yet; a view has none.
    type Fresh: Insertable;

    /// The columns of the table that `scope` stands for.
    fn columns(scope: Scope) -> Self::Columns;

    /// The SQL that reads it.
    fn shape() -> &'static ShapeModel;

    /// Reads the struct from the cells of a row that come next, and from what was loaded for it.
    ///
    /// # Errors
    /// A cell holds what its field cannot; the error names the column.
    fn decode(row: &mut Row<'_>) -> Result<Self, Error>;

    /// Shows a unit of work the rows that the struct holds. A view shows what it has read, which nobody may
    /// change there.
    fn walk(&self, _: &mut SavedRows) {}

    /// The same struct once more, for a unit of work to remember; `None` for a view, and where the struct is
    /// not `Clone`.
    fn copy(&self) -> Option<Self> {
        None
    }
}

/// A relation may be boxed.
#[diagnostic::do_not_recommend]
impl<T: Shape> Shape for Box<T> {
    const TABLE: &'static str = T::TABLE;
    type Columns = T::Columns;
    type Relations = T::Relations;
    type Fresh = T::Fresh;

    fn columns(scope: Scope) -> Self::Columns {
        T::columns(scope)
    }

    fn shape() -> &'static ShapeModel {
        T::shape()
    }

    fn decode(row: &mut Row<'_>) -> Result<Self, Error> {
        T::decode(row).map(Box::new)
    }

    fn walk(&self, walker: &mut SavedRows) {
        T::walk(self, walker);
    }

    fn copy(&self) -> Option<Self> {
        T::copy(self).map(Box::new)
    }
}
