//! Values that the server computes: counts, sums, columns of related rows.

use std::marker::PhantomData;

use crate::query::operand::{Operand, Side};
use crate::sql::expression::Expression;
use crate::sql::writer::Writer;
use crate::table::column::ColumnModel;
use crate::value::scalar::{Scalar, Value};
use crate::value::sql_type::pg;

/// A value that the server computes, to be compared, sorted by and selected like a column.
///
/// Made by the aggregates of a column, such as [`Column::sum`](crate::query::column::Column::sum), and by
/// relations: [`Many::count`](crate::query::relation::Many::count),
/// [`One::get`](crate::query::relation::One::get).
///
/// ```
/// # use persist_sample::*;
/// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
/// let long = pipelines.filter(|p| p.steps.count().gt(10));
/// let by_owner = pipelines.order_by(|p| p.owner.get(|o| o.display_name).asc());
/// let counts: Vec<(String, i64)> = pipelines.query().select(|p| (p.name, p.steps.count())).all().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a computed value does nothing until a query uses it"]
pub struct Computed<T> {
    expression: Expression,
    /// A column whose values travel as this one does.
    pub(crate) model: &'static ColumnModel,
    nullable: bool,
    read: PhantomData<fn() -> T>,
}

impl<T> Computed<T> {
    /// A value that travels as the column does, or NULL.
    pub(crate) fn as_column(model: &'static ColumnModel, expression: Expression) -> Self {
        Computed { expression, model, nullable: true, read: PhantomData }
    }

    /// A value that travels as the column does, and is NULL where its type says so.
    pub(crate) fn typed(model: &'static ColumnModel, expression: Expression) -> Self
    where
        T: Value,
    {
        Computed { expression, model, nullable: T::NULLABLE, read: PhantomData }
    }

    /// The value of each row, or of each group of rows.
    pub(crate) fn expression(self) -> Expression {
        self.expression
    }

    /// May it be NULL?
    pub(crate) fn is_nullable(&self) -> bool {
        self.nullable
    }
}

impl<T: Value> Computed<T> {
    /// A value of a type that PostgreSQL has built in.
    pub(crate) fn plain(expression: Expression) -> Self {
        let model = Plain::<T::Inner>::MODEL;
        Computed { expression, model, nullable: T::NULLABLE, read: PhantomData }
    }
}

/// A value of the program as one that is computed: on the left of a condition, or among what is selected. Its type is one
/// that PostgreSQL has built in.
///
/// ```
/// # use persist_sample::*;
/// use persist::query::value;
///
/// # async fn example(plugins: PluginRepository<'_>, name: String) -> Result {
/// // Patterns that are stored.
/// let matching = plugins.filter(|p| value(name).like(p.name)).all().await?;
/// # Ok(())
/// # }
/// ```
pub fn value<T: Scalar + Value<Inner = T> + 'static>(value: T) -> Computed<T> {
    Computed::plain(Expression::value(value, Plain::<T>::MODEL))
}

#[diagnostic::do_not_recommend]
impl<T> Operand<T> for Computed<T> {
    type With<L: Value> = L;
    type Or<L: Value> = L::Inner;

    fn operand(self, _: &'static ColumnModel) -> Side {
        Side(self.expression)
    }
}

#[diagnostic::do_not_recommend]
impl<T> Operand<T> for Computed<Option<T>> {
    type With<L: Value> = Option<L::Inner>;
    type Or<L: Value> = L;

    fn operand(self, _: &'static ColumnModel) -> Side {
        Side(self.expression)
    }
}

impl<T> std::fmt::Debug for Computed<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut writer = Writer::new();
        writer.expression(&self.expression);
        write!(f, "Computed({})", writer.text())
    }
}

/// How values of a Rust type travel where no column says it.
pub(crate) struct Plain<T>(PhantomData<T>);

impl<T: Scalar> Plain<T> {
    pub(crate) const MODEL: &'static ColumnModel = &ColumnModel::new(
        "",
        T::OIDS[0],
        match pg::array_oids(T::OIDS[0]) {
            [oid] => *oid,
            _ => 0,
        },
    );
}
