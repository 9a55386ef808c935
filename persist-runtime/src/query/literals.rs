//! Search in texts by texts in which nothing has a special meaning: `%`, `_` and `\` stand for themselves.
//!
//! As for `LIKE`, case does not count in a column of the type `citext`, and an index of `pg_trgm` serves them; but
//! `starts_with` of a text is the operator `^@`, which an index of `spgist` or one with the collation `C` serves.

use crate::query::column::Column;
use crate::query::computed::Computed;
use crate::query::operand::{Operand, Side};
use crate::query::operators::{Textual, operators};
use crate::query::predicate::Predicate;
use crate::sql::expression::{Condition, Expression, Place};
use crate::value::scalar::Value;

operators! { for Column<T>, Computed<T> where [T: Value<Inner: Textual>] {
    /// Does it begin with this text? Nothing in the text has a special meaning.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(executions: ExecutionRepository<'_>) {
    /// let of_tests = executions.filter(|e| e.pipeline.get(|p| p.name).starts_with("test_"));
    /// # }
    /// ```
    pub fn starts_with(self, prefix: impl Operand<T::Inner>) -> Predicate {
        // Types of extensions have operators of their own for patterns, but none for this.
        match self.model.cast.is_empty() {
            true => self.infix("^@", prefix),
            false => self.matching("LIKE", prefix, Place::Start),
        }
    }

    /// Is it this text, but for case? `lower(column) = lower(text)`, which an index over `lower(column)` serves. What
    /// case is says the column's collation: in `C` it is that of the 26 letters of ASCII.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let found = pipelines.filter(|p| p.name.eq_ci("Nightly"));
    /// # }
    /// ```
    pub fn eq_ci(self, text: impl Operand<T::Inner>) -> Predicate {
        let Side(text) = text.operand(self.model);
        let (left, right) = (cased("lower", self.expression()), cased("lower", text));
        Predicate(Condition::Infix { left, operator: "=", right })
    }

    /// In lower case. `lower(column)`
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let sorted = pipelines.order_by(|p| (p.name.lower().asc(), p.name.asc())).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn lower(self) -> Computed<T> {
        Computed::plain(cased("lower", self.expression()))
    }

    /// In upper case. `upper(column)`
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let shouted: Vec<String> = pipelines.query().select(|p| p.name.upper()).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn upper(self) -> Computed<T> {
        Computed::plain(cased("upper", self.expression()))
    }

    /// Is this text anywhere in it? Nothing in the text has a special meaning.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let found = pipelines.filter(|p| p.name.contains("50%"));
    /// # }
    /// ```
    pub fn contains(self, text: impl Operand<T::Inner>) -> Predicate {
        self.matching("LIKE", text, Place::Anywhere)
    }

    /// [`contains`](Self::contains) that ignores case.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let found = pipelines.filter(|p| p.name.contains_ci("LOAD"));
    /// # }
    /// ```
    pub fn contains_ci(self, text: impl Operand<T::Inner>) -> Predicate {
        self.matching("ILIKE", text, Place::Anywhere)
    }

    /// [`starts_with`](Self::starts_with) that ignores case.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let found = pipelines.filter(|p| p.name.starts_with_ci("Test_"));
    /// # }
    /// ```
    pub fn starts_with_ci(self, text: impl Operand<T::Inner>) -> Predicate {
        self.matching("ILIKE", text, Place::Start)
    }

    /// Does it end with this text? Nothing in the text has a special meaning.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let found = pipelines.filter(|p| p.name.ends_with(".csv"));
    /// # }
    /// ```
    pub fn ends_with(self, text: impl Operand<T::Inner>) -> Predicate {
        self.matching("LIKE", text, Place::End)
    }

    /// [`ends_with`](Self::ends_with) that ignores case.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(pipelines: PipelineRepository<'_>) {
    /// let found = pipelines.filter(|p| p.name.ends_with_ci(".CSV"));
    /// # }
    /// ```
    pub fn ends_with_ci(self, text: impl Operand<T::Inner>) -> Predicate {
        self.matching("ILIKE", text, Place::End)
    }

    fn matching(self, operator: &'static str, text: impl Operand<T::Inner>, place: Place) -> Predicate {
        let Side(text) = text.operand(self.model);
        let right = Expression::Pattern(Box::new(text), place);
        Predicate(Condition::Infix { left: self.expression(), operator, right })
    }
} }

/// The text in one case: as a text, because some types of extensions have no case.
fn cased(function: &'static str, text: Expression) -> Expression {
    Expression::call(function, vec![Expression::Cast(Box::new(text), "text")])
}
