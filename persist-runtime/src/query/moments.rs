//! Parts of moments, and what lies between two of them.

use crate::query::column::Column;
use crate::query::computed::Computed;
use crate::query::operand::{Operand, Side};
use crate::query::operators::operators;
use crate::sql::expression::{Bound, Expression};
use crate::value::scalar::{Interval, Scalar, Value};
use crate::value::sql_type::{SqlType as _, family, pg};

/// The unit that [`Column::date_trunc`](crate::query::Column::date_trunc) cuts a moment off to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimeUnit {
    /// A thousandth of a second.
    Millisecond,
    /// A second.
    Second,
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A week, which begins with Monday.
    Week,
    /// A month.
    Month,
    /// Three months.
    Quarter,
    /// A year.
    Year,
}

/// Families of moments: dates with a time.
#[diagnostic::on_unimplemented(message = "only a `timestamptz` or a `timestamp` is a moment")]
#[doc(hidden)]
pub trait Timed {}

impl Timed for family::Timestamptz {}
impl Timed for family::Timestamp {}

/// Families of moments that are the same everywhere.
#[diagnostic::on_unimplemented(message = "only a `timestamptz` is at another time in each time zone")]
#[doc(hidden)]
pub trait Zoned {}

impl Zoned for family::Timestamptz {}

impl TimeUnit {
    /// As a constant of SQL.
    fn sql(self) -> &'static str {
        match self {
            TimeUnit::Millisecond => "'millisecond'",
            TimeUnit::Second => "'second'",
            TimeUnit::Minute => "'minute'",
            TimeUnit::Hour => "'hour'",
            TimeUnit::Day => "'day'",
            TimeUnit::Week => "'week'",
            TimeUnit::Month => "'month'",
            TimeUnit::Quarter => "'quarter'",
            TimeUnit::Year => "'year'",
        }
    }
}

operators! { for Column<T>, Computed<T> where [T: Value<Inner: Scalar<Family: Timed>>] {
    /// The beginning of the hour, the day, the month, … in which the moment is, in UTC whatever the session's time zone.
    /// `date_trunc('day', column, 'UTC')`, of a `timestamp` `date_trunc('day', column)`
    ///
    /// ```
    /// # use persist_sample::*;
    /// use chrono::{DateTime, Utc};
    /// use persist::query::TimeUnit;
    ///
    /// # async fn example(executions: ExecutionRepository<'_>) -> Result {
    /// let per_day: Vec<(Option<DateTime<Utc>>, i64)> = executions
    ///     .query()
    ///     .group_by(|e| e.started_at.date_trunc(TimeUnit::Day))
    ///     .order_by(|e| e.started_at.date_trunc(TimeUnit::Day).asc())
    ///     .select(|e| (e.started_at.date_trunc(TimeUnit::Day), e.id.count()))
    ///     .all()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn date_trunc(self, unit: TimeUnit) -> Computed<T> {
        let model = self.model;
        let mut arguments = vec![Expression::Fixed(unit.sql()), self.expression()];
        if model.oid == pg::Timestamptz::OID {
            arguments.push(Expression::Fixed("'UTC'"));
        }
        Computed::typed(model, Expression::call("date_trunc", arguments))
    }
} }

operators! { for Column<T>, Computed<T> where [T: Value<Inner: Scalar<Family: Zoned>>] {
    /// The same in a time zone, such as `Europe/Berlin`. `date_trunc('day', column, zone)`
    ///
    /// ```
    /// # use persist_sample::*;
    /// use chrono::{DateTime, Utc};
    /// use persist::query::TimeUnit;
    ///
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let days: Vec<DateTime<Utc>> = pipelines
    ///     .query()
    ///     .select(|p| p.created_at.date_trunc_in(TimeUnit::Day, "Europe/Berlin"))
    ///     .all()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A time zone that PostgreSQL does not know is an error of the server, `22023`.
    pub fn date_trunc_in(self, unit: TimeUnit, zone: impl Into<String>) -> Computed<T> {
        let model = self.model;
        let zone = Expression::Value(Bound::text(zone.into()));
        let arguments = vec![Expression::Fixed(unit.sql()), self.expression(), zone];
        Computed::typed(model, Expression::call("date_trunc", arguments))
    }
} }

operators! { for Column<T>, Computed<T> where [T: Scalar<Family: Timed> + Value<Inner = T>] {
    /// The time since another moment, in days and parts of a day; negative where that is later. `(column - other)`
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use chrono::{DateTime, Utc};
    /// use persist::Interval;
    /// use persist::query::{Column, Predicate};
    ///
    /// fn took_an_hour(begin: Column<DateTime<Utc>>, end: Column<DateTime<Utc>>) -> Predicate {
    ///     end.since(begin).gt(Interval::from(Duration::from_secs(3600)))
    /// }
    /// ```
    pub fn since<O: Operand<T>>(self, other: O) -> Computed<O::With<Interval>> {
        let Side(other) = other.operand(self.model);
        Computed::plain(Expression::infix(self.expression(), "-", other))
    }

    /// The time until another moment, in days and parts of a day; negative where that is earlier. `(other - column)`
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let ages: Vec<f64> =
    ///     pipelines.query().select(|p| p.created_at.until(persist::now()).seconds()).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn until<O: Operand<T>>(self, other: O) -> Computed<O::With<Interval>> {
        let Side(other) = other.operand(self.model);
        Computed::plain(Expression::infix(other, "-", self.expression()))
    }
} }

operators! { for Column<Option<T>>, Computed<Option<T>> where [T: Scalar<Family: Timed> + Value<Inner = T>] {
    /// The time since another moment, in days and parts of a day; negative where that is later. `(column - other)`
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(executions: ExecutionRepository<'_>) -> Result {
    /// let longest_first = executions.order_by(|e| e.finished_at.since(e.started_at).desc().nulls_last());
    /// # Ok(())
    /// # }
    /// ```
    pub fn since<O: Operand<T>>(self, other: O) -> Computed<Option<Interval>> {
        let Side(other) = other.operand(self.model);
        Computed::plain(Expression::infix(self.expression(), "-", other))
    }

    /// The time until another moment, in days and parts of a day; negative where that is earlier. `(other - column)`
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(executions: ExecutionRepository<'_>) {
    /// let running_longest = executions.order_by(|e| e.started_at.until(persist::now()).desc().nulls_last());
    /// # }
    /// ```
    pub fn until<O: Operand<T>>(self, other: O) -> Computed<Option<Interval>> {
        let Side(other) = other.operand(self.model);
        Computed::plain(Expression::infix(other, "-", self.expression()))
    }
} }

operators! { for Column<Interval>, Computed<Interval> where [] {
    /// The length in seconds, a month as 30 days and a year as 365.25. `extract(epoch FROM column)`
    ///
    /// ```
    /// use persist::Interval;
    /// use persist::query::{Column, Predicate};
    ///
    /// fn takes_a_minute(lasts: Column<Interval>) -> Predicate {
    ///     lasts.seconds().gt(60.0)
    /// }
    /// ```
    pub fn seconds(self) -> Computed<f64> {
        Computed::plain(seconds(self.expression()))
    }
} }

operators! { for Column<Option<Interval>>, Computed<Option<Interval>> where [] {
    /// The length in seconds, a month as 30 days and a year as 365.25. `extract(epoch FROM column)`
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(executions: ExecutionRepository<'_>) -> Result {
    /// let slow =
    ///     executions.filter(|e| e.finished_at.since(e.started_at).seconds().gt(60.0)).count().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn seconds(self) -> Computed<Option<f64>> {
        Computed::plain(seconds(self.expression()))
    }
} }

/// `date_part` answers `float8`, which `extract` does not.
fn seconds(interval: Expression) -> Expression {
    Expression::call("date_part", vec![Expression::Fixed("'epoch'"), interval])
}
