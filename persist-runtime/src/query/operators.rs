//! The operators of columns and of computed values.

use crate::query::column::Column;
use crate::query::computed::Computed;
use crate::query::equal::Equal;
use crate::query::operand::{Operand, Operands, Side};
use crate::query::order::Order;
use crate::query::predicate::Predicate;
use crate::sql::expression::{Condition, Expression};
use crate::table::column::ColumnModel;
use crate::value::scalar::{Element, Scalar, Value};

/// What asks whether a value is NULL, or is not.
type NullTest = fn(&ColumnModel) -> &'static str;

/// Types that can be matched against a pattern.
///
/// ```
/// use persist::query::{Column, Predicate, Textual};
/// use persist::scalar::Value;
///
/// /// Finds a word in a column of text, be it nullable or not.
/// fn mentions<T: Value<Inner = String>>(column: Column<T>, word: &str) -> Predicate {
///     column.ilike(format!("%{word}%"))
/// }
/// ```
#[diagnostic::on_unimplemented(message = "only text can be matched, and `{Self}` is none", label = "no text")]
pub trait Textual {}

impl Textual for String {}

/// Gives several types the same methods. They are handed over as they are written, so that rustc quotes them
/// from here.
macro_rules! operators {
    (for $($ty:ty),+ where $generics:tt $methods:tt) => { $(operators!(@ $ty, $generics, $methods);)+ };
    (@ $ty:ty, [$($generics:tt)*], $methods:tt) => { impl<$($generics)*> $ty $methods };
}
pub(crate) use operators;

operators! { for Column<T>, Computed<T> where [T: Value] {
    /// `= value`; where the column may be NULL, an `Option` as well: `None` is `IS NULL`.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>, owner: Option<Uuid>) {
    /// let nightly = pipelines.filter(|p| p.name.eq("nightly"));
    /// let with_three_steps = pipelines.filter(|p| p.steps.count().eq(3));
    /// let of_the_owner_or_of_nobody = pipelines.filter(|p| p.owner_id.eq(owner));
    /// # }
    /// ```
    pub fn eq(self, value: impl Equal<T>) -> Predicate {
        self.compared("=", ColumnModel::null_test, value)
    }

    /// `<> value`; rows in which either side is NULL are left out. Where the column may be NULL, an `Option` as well:
    /// `None` is `IS NOT NULL`.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let others = pipelines.filter(|p| p.name.ne("nightly"));
    /// # }
    /// ```
    pub fn ne(self, value: impl Equal<T>) -> Predicate {
        self.compared("<>", ColumnModel::value_test, value)
    }

    /// `< value`
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(steps: StepRepository<'_>) {
    /// let first_two = steps.filter(|s| s.position.lt(3));
    /// # }
    /// ```
    pub fn lt(self, value: impl Operand<T::Inner>) -> Predicate {
        self.infix("<", value)
    }

    /// `<= value`
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(steps: StepRepository<'_>) {
    /// let first_three = steps.filter(|s| s.position.le(3));
    /// # }
    /// ```
    pub fn le(self, value: impl Operand<T::Inner>) -> Predicate {
        self.infix("<=", value)
    }

    /// `> value`
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let long = pipelines.filter(|p| p.steps.count().gt(10));
    /// # }
    /// ```
    pub fn gt(self, value: impl Operand<T::Inner>) -> Predicate {
        self.infix(">", value)
    }

    /// `>= value`
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(executions: ExecutionRepository<'_>) {
    /// let finished = executions.filter(|e| e.finished_at.ge(e.started_at));
    /// # }
    /// ```
    pub fn ge(self, value: impl Operand<T::Inner>) -> Predicate {
        self.infix(">=", value)
    }

    /// `IS DISTINCT FROM value`: as [`ne`](Self::ne), but NULL is a value like any other.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// // Pipelines without a description are among them.
    /// let others = pipelines.filter(|p| p.description.is_distinct_from("draft"));
    /// # }
    /// ```
    pub fn is_distinct_from(self, value: impl Operand<T::Inner>) -> Predicate {
        self.infix("IS DISTINCT FROM", value)
    }

    /// `IS NOT DISTINCT FROM value`: as [`eq`](Self::eq), but NULL is a value like any other.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// // Those in which both are NULL are among them.
    /// let found = pipelines.filter(|p| p.description.is_not_distinct_from(p.owner.get(|o| o.email)));
    /// # }
    /// ```
    pub fn is_not_distinct_from(self, value: impl Operand<T::Inner>) -> Predicate {
        self.infix("IS NOT DISTINCT FROM", value)
    }

    /// `BETWEEN low AND high`, both included.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(steps: StepRepository<'_>) {
    /// let middle = steps.filter(|s| s.position.between(2, 4));
    /// # }
    /// ```
    pub fn between(self, low: impl Operand<T::Inner>, high: impl Operand<T::Inner>) -> Predicate {
        let (Side(low), Side(high)) = (low.operand(self.model), high.operand(self.model));
        Predicate(Condition::Between { left: self.expression(), low, high })
    }

    /// Is it one of the values? No row where there are none.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>, ids: Vec<Uuid>) {
    /// let two = pipelines.filter(|p| p.name.in_(["nightly", "weekly"]));
    /// let those = pipelines.filter(|p| p.id.in_(&ids));
    /// # }
    /// ```
    pub fn in_(self, values: impl Operands<T::Inner>) -> Predicate {
        self.list("=", "ANY", values.operands())
    }

    /// Is it none of the values? Rows in which it is NULL are left out, unless there are no values.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let others = pipelines.filter(|p| p.name.not_in(["nightly", "weekly"]));
    /// # }
    /// ```
    pub fn not_in(self, values: impl Operands<T::Inner>) -> Predicate {
        self.list("<>", "ALL", values.operands())
    }

    /// Smallest first; NULLs last, as PostgreSQL does.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let by_name = pipelines.order_by(|p| p.name.asc());
    /// let undescribed_first = pipelines.order_by(|p| p.description.asc().nulls_first());
    /// # }
    /// ```
    pub fn asc(self) -> Order {
        let (model, nullable) = (self.model, self.is_nullable());
        Order::new(self.expression(), model, nullable)
    }

    /// Largest first; NULLs first, as PostgreSQL does.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let longest_first = pipelines.order_by(|p| (p.steps.count().desc(), p.name.asc()));
    /// # }
    /// ```
    pub fn desc(self) -> Order {
        self.asc().descending()
    }

    fn compared(self, operator: &'static str, null: NullTest, value: impl Equal<T>) -> Predicate {
        let right = value.equal(self.model);
        let null = null(self.model);
        let left = self.expression();
        Predicate(match right {
            Some(Side(right)) => Condition::Infix { left, operator, right },
            None => Condition::Postfix { left, operator: null },
        })
    }

    pub(crate) fn infix(self, operator: &'static str, value: impl Operand<T::Inner>) -> Predicate {
        let Side(right) = value.operand(self.model);
        Predicate(Condition::Infix { left: self.expression(), operator, right })
    }

    fn list(self, operator: &'static str, list: &'static str, values: Vec<T::Inner>) -> Predicate {
        let right = Expression::list(values, self.model);
        Predicate(Condition::List { left: self.expression(), operator, list, right })
    }
} }

operators! { for Column<T>, Computed<T> where [T: Value<Inner: Textual>] {
    /// `LIKE pattern`: `%` stands for any text, `_` for one character, `\` takes the meaning away.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let loading = pipelines.filter(|p| p.name.like("%load%"));
    /// # }
    /// ```
    pub fn like(self, pattern: impl Operand<T::Inner>) -> Predicate {
        self.infix("LIKE", pattern)
    }

    /// `NOT LIKE pattern`; rows in which either side is NULL are left out.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let others = pipelines.filter(|p| p.name.not_like("%load%"));
    /// # }
    /// ```
    pub fn not_like(self, pattern: impl Operand<T::Inner>) -> Predicate {
        self.infix("NOT LIKE", pattern)
    }

    /// [`like`](Self::like) that ignores case.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let loading = pipelines.filter(|p| p.name.ilike("%LOAD%"));
    /// # }
    /// ```
    pub fn ilike(self, pattern: impl Operand<T::Inner>) -> Predicate {
        self.infix("ILIKE", pattern)
    }

    /// [`not_like`](Self::not_like) that ignores case.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let others = pipelines.filter(|p| p.name.not_ilike("%LOAD%"));
    /// # }
    /// ```
    pub fn not_ilike(self, pattern: impl Operand<T::Inner>) -> Predicate {
        self.infix("NOT ILIKE", pattern)
    }
} }

operators! { for Column<Option<T>>, Computed<Option<T>> where [T] {
    /// `IS NULL`
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let undescribed = pipelines.filter(|p| p.description.is_null());
    /// # }
    /// ```
    pub fn is_null(self) -> Predicate {
        Predicate(Condition::Postfix { operator: self.model.null_test(), left: self.expression() })
    }

    /// `IS NOT NULL`
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(executions: ExecutionRepository<'_>) {
    /// let of_described = executions.filter(|e| e.pipeline.get(|p| p.description).is_not_null());
    /// # }
    /// ```
    pub fn is_not_null(self) -> Predicate {
        Predicate(Condition::Postfix { operator: self.model.value_test(), left: self.expression() })
    }
} }

operators! { for Column<Vec<T>>, Column<Option<Vec<T>>>, Computed<Vec<T>>, Computed<Option<Vec<T>>>
where [T: Element + Scalar] {
    /// Are all these values elements of the array?
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(plugins: PluginRepository<'_>) {
    /// let both = plugins.filter(|p| p.capabilities.contains(["read", "write"]));
    /// # }
    /// ```
    pub fn contains(self, values: impl Operands<T>) -> Predicate {
        self.array("@>", values.operands())
    }

    /// Are all elements of the array among these values?
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(plugins: PluginRepository<'_>) {
    /// let no_others = plugins.filter(|p| p.capabilities.contained_by(["read", "write"]));
    /// # }
    /// ```
    pub fn contained_by(self, values: impl Operands<T>) -> Predicate {
        self.array("<@", values.operands())
    }

    /// Is any of these values an element of the array?
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(plugins: PluginRepository<'_>) {
    /// let either = plugins.filter(|p| p.capabilities.overlaps(["read", "write"]));
    /// # }
    /// ```
    pub fn overlaps(self, values: impl Operands<T>) -> Predicate {
        self.array("&&", values.operands())
    }

    fn array(self, operator: &'static str, values: Vec<T>) -> Predicate {
        let right = Expression::value(values, self.model);
        Predicate(Condition::Infix { left: self.expression(), operator, right })
    }
} }
