//! A condition on rows.

use std::ops::{BitAnd, BitOr, Not};

use crate::error::Error;
use crate::query::computed::Computed;
use crate::sql::expression::{Condition, Expression};
use crate::sql::writer::Writer;

/// A condition, made from columns and joined by `&`, `|` and `!`.
///
/// As in SQL, a comparison with NULL is neither true nor false, so `ne`, `not_in` and `!` leave rows out in
/// which the column is NULL; [`Column::is_distinct_from`](crate::query::column::Column::is_distinct_from)
/// does not.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
/// use persist::query::Predicate;
///
/// fn is_listed(p: PipelineColumns) -> Predicate {
///     p.is_active.eq(true) & !(p.name.starts_with("test_") | p.steps.is_empty())
/// }
///
/// let listed = pipelines.filter(is_listed).all().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a condition does nothing until a query is filtered by it"]
pub struct Predicate(pub(crate) Condition);

impl Predicate {
    /// All of these conditions; without any, one that holds for all rows.
    ///
    /// ```
    /// # use persist_sample::*;
    /// use persist::query::Predicate;
    ///
    /// # async fn example(pipelines: PipelineRepository<'_>, words: &[&str]) -> Result {
    /// let found = pipelines.filter(|p| Predicate::all(words.iter().map(|word| p.name.contains_ci(*word))));
    /// # Ok(())
    /// # }
    /// ```
    pub fn all(conditions: impl IntoIterator<Item = Predicate>) -> Predicate {
        conditions.into_iter().reduce(|all, one| all & one).unwrap_or(Predicate(Condition::always(true)))
    }

    /// Any of these conditions; without any, one that holds for no row.
    ///
    /// ```
    /// # use persist_sample::*;
    /// use persist::query::Predicate;
    ///
    /// # async fn example(pipelines: PipelineRepository<'_>, endings: &[&str]) -> Result {
    /// let found = pipelines.filter(|p| Predicate::any(endings.iter().map(|ending| p.name.ends_with(*ending))));
    /// # Ok(())
    /// # }
    /// ```
    pub fn any(conditions: impl IntoIterator<Item = Predicate>) -> Predicate {
        conditions.into_iter().reduce(|any, one| any | one).unwrap_or(Predicate(Condition::always(false)))
    }

    /// Whether it holds, as a value: to be selected, sorted by (`false` comes first), or set. `((condition) IS TRUE)`
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>, word: &str) -> Result {
    /// let best_first = pipelines
    ///     .filter(|p| p.name.contains_ci(word))
    ///     .order_by(|p| (p.name.eq(word).holds().desc(), p.name.asc()))
    ///     .all()
    ///     .await?;
    /// let long: Vec<(String, bool)> =
    ///     pipelines.query().select(|p| (p.name, p.steps.count().gt(10).holds())).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn holds(self) -> Computed<bool> {
        Computed::plain(Expression::holds(self.0))
    }

    /// One with which nothing is sent, and why.
    pub(crate) fn refused(why: &'static str) -> Predicate {
        Predicate(Condition::refused(move || Error::invalid(why)))
    }
}

impl BitAnd for Predicate {
    type Output = Predicate;

    fn bitand(self, other: Predicate) -> Predicate {
        Predicate(self.0.and(other.0))
    }
}

impl BitOr for Predicate {
    type Output = Predicate;

    fn bitor(self, other: Predicate) -> Predicate {
        Predicate(self.0.or(other.0))
    }
}

impl Not for Predicate {
    type Output = Predicate;

    fn not(self) -> Predicate {
        Predicate(self.0.negated())
    }
}

impl std::fmt::Debug for Predicate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut writer = Writer::new();
        writer.condition(&self.0);
        write!(f, "Predicate({})", writer.text())
    }
}
