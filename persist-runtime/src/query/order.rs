//! The order of rows.

use crate::sql::expression::Expression;
use crate::sql::rows::{Direction, SortKey};
use crate::sql::scope::Scope;
use crate::sql::writer::Writer;
use crate::table::column::ColumnModel;

/// What rows are sorted by, and how: a column, a column of a related row, or a computed value.
///
/// ```
/// # use persist_sample::*;
/// # fn example(pipelines: PipelineRepository<'_>) {
/// let sorted = pipelines.order_by(|p| (p.owner.by(|o| o.display_name.asc()), p.steps.count().desc()));
/// # }
/// ```
#[derive(Clone)]
#[must_use = "an order does nothing until a query is ordered by it"]
pub struct Order {
    pub(crate) expression: Expression,
    /// A column whose values travel as those sorted by do.
    pub(crate) model: &'static ColumnModel,
    pub(crate) nullable: bool,
    pub(crate) descending: bool,
    /// Where NULLs are; `None` leaves it to PostgreSQL: last, or first if the order is descending.
    pub(crate) nulls_first: Option<bool>,
}

impl Order {
    pub(crate) fn new(expression: Expression, model: &'static ColumnModel, nullable: bool) -> Order {
        Order { expression, model, nullable, descending: false, nulls_first: None }
    }

    /// By a column of the query's own table.
    pub(crate) fn by_column(column: &'static ColumnModel, nullable: bool) -> Order {
        Order::new(Expression::Column(Scope::ROOT, column), column, nullable)
    }

    pub(crate) fn descending(self) -> Order {
        Order { descending: true, ..self }
    }

    /// Rows in which the column is NULL come first.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let undescribed_first = pipelines.order_by(|p| p.description.asc().nulls_first());
    /// # }
    /// ```
    pub fn nulls_first(self) -> Order {
        Order { nulls_first: Some(true), ..self }
    }

    /// Rows in which the column is NULL come last.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let described_first = pipelines.order_by(|p| p.description.desc().nulls_last());
    /// # }
    /// ```
    pub fn nulls_last(self) -> Order {
        Order { nulls_first: Some(false), ..self }
    }

    /// Is it by this column of the query's own table?
    pub(crate) fn is_by(&self, name: &str) -> bool {
        self.expression.is_column(name)
    }

    /// Do rows in which it is NULL come first?
    pub(crate) fn has_nulls_first(&self) -> bool {
        self.nulls_first.unwrap_or(self.descending)
    }

    /// Do rows in which it is NULL come after those in which it is not?
    pub(crate) fn has_nulls_after(&self) -> bool {
        self.nullable && !self.has_nulls_first()
    }

    /// What compares with a value those that come after it, without the value and with it.
    pub(crate) fn operators(&self) -> (&'static str, &'static str) {
        if self.descending { ("<", "<=") } else { (">", ">=") }
    }

    /// The same order, read from its end.
    pub(crate) fn reversed(self) -> Order {
        let nulls_first = self.nulls_first.map(|first| !first);
        Order { descending: !self.descending, nulls_first, ..self }
    }

    /// The same for statements.
    pub(crate) fn sort_key(&self) -> SortKey<'_> {
        SortKey { expression: &self.expression, direction: self.direction() }
    }

    pub(crate) fn direction(&self) -> Direction {
        Direction { descending: self.descending, nulls_first: self.nulls_first }
    }
}

impl std::fmt::Debug for Order {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut writer = Writer::new();
        writer.expression(&self.expression);
        writer.direction(self.direction());
        write!(f, "Order({})", writer.text())
    }
}

/// One order: an [`Order`], or a value of the enum that `#[derive(Repository)]` makes for the entity.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
/// // What a request asks for: `name`, `-name`, `created_at`, …
/// let wanted: PipelineOrder = "-created_at".parse()?;
/// let sorted = pipelines.order_by(|_| wanted).all().await?;
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no order",
    label = "expected `column.asc()`, `column.desc()`, or several in a tuple or an array"
)]
pub trait IntoOneOrder {
    /// The order.
    fn into_one_order(self) -> Order;
}

impl IntoOneOrder for Order {
    fn into_one_order(self) -> Order {
        self
    }
}

/// One order, an array or `Vec` of them, or a tuple of up to eight.
///
/// ```
/// # use persist_sample::*;
/// # fn example(pipelines: PipelineRepository<'_>) {
/// let by_one = pipelines.order_by(|p| p.name.asc());
/// let by_two = pipelines.order_by(|p| (p.is_active.desc(), p.name.asc()));
/// let by_any = pipelines.order_by(|p| vec![p.is_active.desc(), p.name.asc()]);
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no order",
    label = "expected `column.asc()`, `column.desc()`, or several in a tuple or an array"
)]
pub trait IntoOrder {
    /// The orders, the first being the most significant.
    fn into_order(self) -> Vec<Order>;
}

#[diagnostic::do_not_recommend]
impl<O: IntoOneOrder> IntoOrder for O {
    fn into_order(self) -> Vec<Order> {
        vec![self.into_one_order()]
    }
}

#[diagnostic::do_not_recommend]
impl<O: IntoOneOrder> IntoOrder for Vec<O> {
    fn into_order(self) -> Vec<Order> {
        self.into_iter().map(O::into_one_order).collect()
    }
}

#[diagnostic::do_not_recommend]
impl<O: IntoOneOrder, const N: usize> IntoOrder for [O; N] {
    fn into_order(self) -> Vec<Order> {
        self.into_iter().map(O::into_one_order).collect()
    }
}

macro_rules! tuples {
    ($($item:ident $index:tt),*) => {
        #[diagnostic::do_not_recommend]
        impl<$($item: IntoOneOrder),*> IntoOrder for ($($item,)*) {
            fn into_order(self) -> Vec<Order> {
                vec![$(self.$index.into_one_order()),*]
            }
        }
    };
}
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);
tuples!(A 0, B 1, C 2, D 3, E 4);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
