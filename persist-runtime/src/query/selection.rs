//! What `select` reads of each row or group: one value, or a tuple of them.

use crate::load::from_row::FromRow;
use crate::query::column::Column;
use crate::query::computed::Computed;
use crate::sql::expression::Expression;
use crate::sql::values::ReadValue;
use crate::table::column::ColumnModel;
use crate::value::scalar::Cell;

/// A column, a computed value, or a tuple of up to twelve of them, which may be tuples themselves.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(executions: ExecutionRepository<'_>) -> Result {
/// let one: Vec<i32> = executions.query().select(|e| e.execution_number).all().await?;
/// let two: Vec<(i32, String)> =
///     executions.query().select(|e| (e.execution_number, e.pipeline.get(|p| p.name))).all().await?;
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be selected",
    label = "expected a column, a computed value such as `column.sum()`, or a tuple of up to twelve"
)]
pub trait Selection {
    /// What a row is read into.
    type Output: FromRow;

    /// The values, in their order.
    #[doc(hidden)]
    fn items(self) -> Vec<Item>;
}

/// A column or a computed value.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
/// let a_column: Vec<String> = pipelines.query().select(|p| p.name).all().await?;
/// let a_computed_value: Vec<i64> = pipelines.query().select(|p| p.steps.count()).all().await?;
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be selected",
    label = "expected a column, or a computed value such as `column.sum()`"
)]
pub trait Selectable {
    /// What a cell is read into.
    type Cell: Cell + Send;

    /// The value.
    #[doc(hidden)]
    fn item(self) -> Item;
}

/// A value that is read, opaque to users.
pub struct Item {
    pub(crate) expression: Expression,
    pub(crate) model: &'static ColumnModel,
}

impl Item {
    pub(crate) fn new(expression: Expression, model: &'static ColumnModel) -> Item {
        Item { expression, model }
    }

    /// The same for statements.
    pub(crate) fn read(&self) -> ReadValue<'_> {
        ReadValue { expression: &self.expression, column: self.model }
    }
}

#[diagnostic::do_not_recommend]
impl<T: Cell + Send> Selectable for Column<T> {
    type Cell = T;

    fn item(self) -> Item {
        Item::new(self.expression(), self.model)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Cell + Send> Selectable for Computed<T> {
    type Cell = T;

    fn item(self) -> Item {
        let model = self.model;
        Item::new(self.expression(), model)
    }
}

#[diagnostic::do_not_recommend]
impl<S: Selectable> Selection for S {
    type Output = S::Cell;

    fn items(self) -> Vec<Item> {
        vec![self.item()]
    }
}

macro_rules! tuples {
    ($($item:ident $index:tt),*) => {
        #[diagnostic::do_not_recommend]
        impl<$($item: Selection),*> Selection for ($($item,)*) {
            type Output = ($($item::Output,)*);

            fn items(self) -> Vec<Item> {
                [$(self.$index.items()),*].into_iter().flatten().collect()
            }
        }
    };
}
tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);
tuples!(A 0, B 1, C 2, D 3, E 4);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);
